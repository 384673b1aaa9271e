"""Every input: its name, what it means, and how its text becomes a value. One vocabulary for flags and variables.

`new-base` is the flag `--new-base` and the variable `REBASE_NEW_BASE`. An empty text is one that was not given.
All wrong inputs are told at once.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rebaser.ci.rebuild_inputs import (
    parse_allowed_sources,
    parse_build_args,
    parse_builder,
    parse_secrets,
    parse_target,
    rebuild_of,
)
from rebaser.context import parse_context
from rebaser.errors import InputError, InputProblem
from rebaser.oci.platform import Platform, parse_platform
from rebaser.oci.reference import Reference, Scratch, Transport, is_tag, kept_tag, parse_base, parse_reference
from rebaser.request import Checks, ManifestFormat, OnConflict, OnIncompatible, Policy, Request, Severity, nameless

if TYPE_CHECKING:  # start-up
    from rebaser.trial.model import SmokeTest

Value = TypeVar("Value")
DEFAULT_REPORT_DIR = "rebase-report"
_TRUE, _FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}


@dataclass(frozen=True, slots=True)
class Input(Generic[Value]):
    """One input. `parse` raises ValueError; `shape` says what a right text looks like, `word` in one word."""

    name: str
    meaning: str
    parse: Callable[[str], Value]
    shape: str
    default: str = ""
    secret: bool = False
    word: str = "TEXT"


@dataclass(frozen=True, slots=True)
class Access:
    """How registries are to be reached. Secrets do not show in it."""

    username: str = ""
    password: str = field(default="", repr=False)
    registry_auth: str = field(default="", repr=False)
    github_token: str = field(default="", repr=False)
    insecure_registries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """All inputs of a rebase, understood."""

    request: Request
    policy: Policy
    access: Access
    report_dir: str
    cache_dir: str = ""


def _text(text: str) -> str:
    return text


def _flag(text: str) -> bool:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    raise ValueError(f"{text!r} is neither true nor false")


def meant(text: str, words: Iterable[str]) -> str:
    """Return a question for the one of `words` that may be meant, to be put behind what is wrong; or nothing."""
    from difflib import get_close_matches

    close = get_close_matches(text, list(words), 1)
    return f"; did you mean {close[0]}?" if close else ""


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text!r} is not known{meant(text, words)}")
        return text

    return parse


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[\n,]", text) if part.strip())


def _tag_list(text: str) -> tuple[str, ...]:
    tags = _listed(text)
    if not tags:
        raise ValueError(f"{text!r} names no tag")
    return tags


def _kept_tag(text: str) -> str:
    sample = kept_tag(text, "tag", "d" * 12)
    if not is_tag(sample) or sample == "tag":
        raise ValueError(f"{text!r} makes no tag of its own")
    return text


def _platforms(text: str) -> tuple[Platform, ...]:
    return tuple(map(parse_platform, _listed(text)))


def _tolerate(text: str) -> dict[str, str]:
    tolerated = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        check, _, reason = line.partition(":")
        if not reason.strip():
            raise ValueError(f"{check.strip()} is tolerated without a reason")
        tolerated[check.strip()] = reason.strip()
    return tolerated


def _smoke_tests(text: str) -> "tuple[SmokeTest, ...]":
    from rebaser.ci.smoke_inputs import parse_smoke_tests

    return parse_smoke_tests(text)


INPUTS: tuple[Input[Any], ...] = (
    Input(
        "image",
        "the image",
        parse_reference,
        "registry/repository[:tag][@digest], oci:DIR[:TAG], docker-archive:FILE[:NAME:TAG] or docker-daemon:NAME:TAG",
        word="REF",
    ),
    Input(
        "new-base",
        "what to rebase onto",
        parse_base,
        "a reference, or scratch",
        "base.name found on the image",
        word="REF",
    ),
    Input(
        "old-base",
        "what the image was built on",
        parse_base,
        "a reference, or scratch",
        "found on the image",
        word="REF",
    ),
    Input(
        "tags",
        "where the result goes",
        _tag_list,
        "lines or commas of references or bare tags, or none",
        "own tag",
        word="LIST",
    ),
    Input(
        "platforms",
        "which platforms to rebase; the others are kept",
        _platforms,
        "lines or commas of os/arch[/variant]",
        "all",
        word="LIST",
    ),
    Input(
        "on-incompatible",
        "what to do when a finding stands in the way",
        _one_of("fail", "rebuild", "skip", "force"),
        "fail, rebuild, skip or force",
        "fail",
        word="WORD",
    ),
    Input(
        "on-conflict",
        "whose config value to keep where both sides changed it",
        _one_of("app", "base", "fail"),
        "app, base or fail",
        "app",
        word="WORD",
    ),
    Input("tolerate", "findings to accept", _tolerate, "lines of check-id: reason", word="LINES"),
    Input(
        "fail-on",
        "the lowest severity that blocks",
        _one_of(*(severity.word for severity in Severity)),
        "note, warning or blocker",
        "blocker",
        word="WORD",
    ),
    Input(
        "checks",
        "what is looked at: all, or config alone, which reads no layer and can promise little",
        _one_of("all", "config"),
        "all or config",
        "all",
        word="WORD",
    ),
    Input(
        "merge-layer",
        "put what both the application's layers and the new base changed right, in a layer on top",
        _flag,
        "true or false",
        "true",
        word="BOOL",
    ),
    Input(
        "cache-dir",
        "where indexes of layers that were read are kept for the next run",
        _text,
        "a directory",
        "rebaser in the user's cache directory",
        word="DIR",
    ),
    Input("dry-run", "do everything but the push", _flag, "true or false", "false", word="BOOL"),
    Input(
        "context",
        "the source from which the image is built where it cannot be rebased; auto is what its own labels say",
        parse_context,
        "a directory, https://HOST/PATH.git#REF:DIRECTORY, or auto",
        word="SOURCE",
    ),
    Input("file", "the Dockerfile of a rebuild", _text, "a path", "Dockerfile in the context", word="FILE"),
    Input(
        "target", "the stage that a rebuild builds", parse_target, "a stage's name or number", "the last", word="STAGE"
    ),
    Input("build-args", "build arguments of a rebuild", parse_build_args, "lines of NAME=value", word="LINES"),
    Input(
        "secrets",
        "what instructions of a rebuild may mount, by id; REBASE_SECRETS is the better place",
        parse_secrets,
        "lines of id=value",
        secret=True,
        word="SECRET",
    ),
    Input(
        "builder",
        "what builds",
        parse_builder,
        "buildkit, classic, buildah or the name of an instance of buildx",
        "what is at hand",
        word="NAME",
    ),
    Input(
        "allowed-sources",
        "repositories that the image's labels may lead to, beside the running one",
        parse_allowed_sources,
        "lines or commas of https://HOST/PATH",
        word="LIST",
    ),
    Input(
        "manifest-format",
        "the media types of the result",
        _one_of("oci", "docker", "keep"),
        "oci, docker or keep",
        "oci",
        word="WORD",
    ),
    Input(
        "keep-original",
        "a tag under which the digest that a tag named before stays reachable",
        _kept_tag,
        "a tag with {tag} and {digest} in it, such as {tag}-before-{digest}",
        word="TAG",
    ),
    Input(
        "smoke-test",
        "what must work in the result before any tag moves, run in containers of the engine at hand",
        _smoke_tests,
        "lines, each a command for the image's /bin/sh, a JSON array as argv, healthcheck, or structure-test:FILE",
        word="LINES",
    ),
    Input(
        "verify",
        "rebuild as well, and report how the two differ",
        _one_of("rebuild"),
        "rebuild",
        word="WORD",
    ),
    Input("username", "who logs in at the result's registry", _text, "a user name", word="USER"),
    Input(
        "password",
        "what proves it; other users of the machine can see flags, so REBASE_PASSWORD is the better place",
        _text,
        "a password or token",
        secret=True,
        word="SECRET",
    ),
    Input(
        "registry-auth",
        "credentials for several registries",
        _text,
        'a docker config.json, or lines of "host user password"',
        secret=True,
        word="SECRET",
    ),
    Input(
        "github-token",
        "the job's token, for ghcr.io where no other credential is given",
        _text,
        "a token",
        "GITHUB_TOKEN",
        secret=True,
        word="SECRET",
    ),
    Input(
        "insecure-registries",
        "hosts that may be spoken to in clear HTTP",
        _listed,
        "lines or commas of host[:port]",
        "loopback only",
        word="LIST",
    ),
    Input("report-dir", "where the files of the report go", _text, "a directory", DEFAULT_REPORT_DIR, word="DIR"),
)

_BY_NAME = {known.name: known for known in INPUTS}


def variable(name: str) -> str:
    """Return the environment variable of an input."""
    return "REBASE_" + name.upper().replace("-", "_")


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the texts of the inputs that the environment gives."""
    return {known.name: environment[variable(known.name)] for known in INPUTS if variable(known.name) in environment}


def read_inputs(
    texts: Mapping[str, str], environment: Mapping[str, str], checks: Callable[[], Collection[str]]
) -> Inputs:
    """Return the inputs that `texts` give; `environment` is asked for SOURCE_DATE_EPOCH only.

    `checks` gives the ids of all checks that there are; it is asked only where one is named.

    Raises:
        InputError: with every problem there is.
    """
    problems: list[InputProblem] = []
    values = {name: _parse(_BY_NAME[name], text, problems) for name, text in texts.items() if text.strip()}
    image = values.get("image")
    if "image" not in values:
        problems.append(InputProblem("image", "it is not given", "Name the image to rebase in `image`."))
    tags = _tags(image, values.get("tags"), problems) if isinstance(image, Reference) else ()
    problems += _unknown_checks(values.get("tolerate") or (), checks)
    problems += _sourceless(values)
    created = _source_date_epoch(environment, problems)
    if problems or not isinstance(image, Reference):
        raise InputError(*problems)
    request, cache = _request(image, tags, values, created), values.get("cache-dir", "")
    return Inputs(request, _policy(values), _access(values), _report_dir(values), cache)


def _parse(known: Input[Any], text: str, problems: list[InputProblem]) -> Any:  # noqa: ANN401  each input has its type
    try:
        return known.parse(text if known.secret else text.strip())
    except ValueError as error:
        problems.append(InputProblem(known.name, str(error), f"Give `{known.name}` as {known.shape}."))
        return None


def _unknown_checks(tolerated: Iterable[str], checks: Callable[[], Collection[str]]) -> Iterator[InputProblem]:
    for check in tolerated:
        if check not in checks():
            shape = _BY_NAME["tolerate"].shape
            wrong = f"{check!r} is not a check{meant(check, checks())}"
            yield InputProblem("tolerate", wrong, f"Give `tolerate` as {shape}.")


def _sourceless(values: Mapping[str, Any]) -> Iterator[InputProblem]:
    remedy = "Name the source in `context`: a directory, a git repository, or auto for what the image's labels say."
    wanting = [name for name in ("on-incompatible", "verify") if values.get(name) == "rebuild"]
    if wanting and "context" not in values:
        wrong = f"it is not given, and `{wanting[0]}` is rebuild, which needs a source"
        yield InputProblem("context", wrong, remedy)


def _tags(image: Reference, listed: object, problems: list[InputProblem]) -> tuple[Reference, ...] | None:
    """Return where the result goes; None is the image's own tag, of an image named by neither tag nor digest."""
    if not isinstance(listed, tuple):
        return (image.with_tag(image.tag),) if image.tag else () if image.digest else None
    if listed == ("none",):
        if image.repository.holds_names:
            problems.append(nameless(image))
        return ()
    return tuple(dict.fromkeys(filter(None, (_destination(image, text, problems) for text in listed))))


def _destination(image: Reference, text: str, problems: list[InputProblem]) -> Reference | None:
    try:
        reference = _with_bare_tag(image, text) if is_tag(text) else parse_reference(text)
    except ValueError as error:
        problems.append(InputProblem("tags", f"{text}: {error}", "Give `tags` as references or bare tags, or as none."))
        return None
    named_later = reference.repository.transport is Transport.DOCKER_ARCHIVE
    if reference.digest or not (reference.tag or named_later):
        problems.append(InputProblem("tags", f"{text} names no tag", "Give each of `tags` a tag, and no digest."))
        return None
    return reference


def _with_bare_tag(image: Reference, tag: str) -> Reference:
    if image.repository.is_image_id:
        raise ValueError(f"{image.repository} is an image, not a repository in which there could be tags")
    return image.with_tag(tag)


def _source_date_epoch(environment: Mapping[str, str], problems: list[InputProblem]) -> int | None:
    text = environment.get("SOURCE_DATE_EPOCH", "")
    if not text:
        return None
    if re.fullmatch(r"\d{1,11}", text, re.ASCII):
        return int(text)
    remedy = "Set SOURCE_DATE_EPOCH to whole seconds since 1970, or unset it."
    problems.append(InputProblem("SOURCE_DATE_EPOCH", f"{text[:40]!r} is not a number of seconds", remedy))
    return None


def _request(
    image: Reference, tags: tuple[Reference, ...] | None, values: Mapping[str, Any], created: int | None
) -> Request:
    new_base: Reference | Scratch | None = values.get("new-base")
    old_base: Reference | Scratch | None = values.get("old-base")
    platforms: tuple[Platform, ...] = values.get("platforms", ())
    on_conflict: OnConflict = values.get("on-conflict", "app")
    manifest_format: ManifestFormat = values.get("manifest-format", "oci")
    dry_run: bool = values.get("dry-run", False)
    kept: str = values.get("keep-original", "")
    checks: Checks = values.get("checks", "all")
    return Request(
        image,
        new_base,
        old_base,
        tags,
        platforms,
        on_conflict,
        manifest_format,
        dry_run,
        created,
        kept,
        checks,
        merge_layer=values.get("merge-layer", True),
        rebuild=rebuild_of(values),
        smoke_tests=values.get("smoke-test", ()),
        verify=values.get("verify"),
    )


def _policy(values: Mapping[str, Any]) -> Policy:
    on_incompatible: OnIncompatible = values.get("on-incompatible", "fail")
    fail_on = Severity[values.get("fail-on", "blocker").upper()]
    tolerate: Mapping[str, str] = values.get("tolerate", {})
    return Policy(on_incompatible, fail_on, values.get("on-conflict") == "fail", tolerate)


def _access(values: Mapping[str, Any]) -> Access:
    names = ("username", "password", "registry-auth", "github-token")
    username, password, registry_auth, token = (values.get(name, "") for name in names)
    return Access(username, password, registry_auth, token, values.get("insecure-registries", ()))


def _report_dir(values: Mapping[str, Any]) -> str:
    directory: str = values.get("report-dir", DEFAULT_REPORT_DIR)
    return directory
