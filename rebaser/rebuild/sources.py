"""Where the source of an image is: a directory, a git repository as BuildKit writes it, or what the image's labels say.

`https://HOST/PATH.git#REF:DIRECTORY`; labels of the OCI image-spec's annotations.md, source and revision.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rebaser.errors import RebuildError
from rebaser.printable import printable

AUTO: Final = "auto"
SOURCE: Final = "org.opencontainers.image.source"
REVISION: Final = "org.opencontainers.image.revision"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?"
_URL = re.compile(rf"https://({_HOST})(/[A-Za-z0-9._~/+-]{{1,1000}})")
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/@-]{0,254}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository that is fetched by https. Written in one way only, so that two can be compared."""

    host: str
    path: str

    def __str__(self) -> str:
        """Return its address, without `.git`."""
        return f"https://{self.host}/{self.path}"


@dataclass(frozen=True, slots=True)
class GitSource:
    """A commit, branch or tag of a repository, the default branch when empty, and a directory in it."""

    repository: Repository
    ref: str = ""
    directory: str = ""

    @property
    def commit(self) -> str:
        """Return the full commit id that `ref` is; empty when it is a name, which can move."""
        return self.ref if _COMMIT.fullmatch(self.ref) else ""


def parse_context(text: str) -> Path | GitSource | None:
    """Return the context that `text` names: a directory, a repository, or None for `auto`.

    Raises:
        ValueError: it is an address that is not fetched, or a part of it can't be.
    """
    if text == AUTO:
        return None
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://|git@|github\.com/", text) is None:
        if not text or "\0" in text:
            raise ValueError("it names no directory")
        return Path(text)
    url, _, fragment = text.partition("#")
    if not url.endswith(".git"):
        raise ValueError(f"{text[:200]!r} is not an address of the form https://HOST/PATH.git#REF:DIRECTORY")
    ref, _, directory = fragment.partition(":")
    return GitSource(parse_repository(url), _checked_ref(ref), _checked_directory(directory))


def parse_repository(url: str) -> Repository:
    """Return the repository at an https address, with or without `.git`.

    Raises:
        ValueError: it is of another kind, or holds a user, a query or odd characters.
    """
    match = _URL.fullmatch(url)
    path = match[2].strip("/").removesuffix(".git") if match else ""
    if match is None or not path or any(part in ("", ".", "..") or part[0] == "-" for part in path.split("/")):
        raise ValueError(f"{url[:200]!r} is not an address of the form https://HOST/PATH, without a user")
    return Repository(match[1].lower(), path)


def automatic_source(
    app: Mapping[str, str],
    old_base: Mapping[str, str] | None,
    running: Repository | None,
    allowed: Collection[Repository],
) -> GitSource:
    """Return the source that the labels of an image name, if it is one that may be fetched and built.

    A label is the application's own only if the old base says something else: labels are inherited. Without the labels
    of the old base nothing is known to be its own. `running` is the repository whose job this is.

    Raises:
        RebuildError: a label is missing, inherited, no commit, or names a repository that nobody allowed.
    """
    if old_base is None:
        raise _refused("the old base's labels are not known, and so it is not known which ones are the image's own")
    values = {}
    for key in (SOURCE, REVISION):
        if not app.get(key):
            raise _refused(f"the image has no label {key}")
        if app[key] == old_base.get(key):
            raise _refused(f"its label {key} may be the base's: both say {app[key]}")
        values[key] = app[key]
    if not _COMMIT.fullmatch(values[REVISION]):
        raise _refused(f"its label {REVISION} is no full commit id: {values[REVISION]}")
    try:
        repository = parse_repository(values[SOURCE])
    except ValueError as error:
        raise _refused(f"its label {SOURCE}: {error}") from error
    if repository != running and repository not in allowed:
        raise _refused(f"its label {SOURCE} names {repository}, which is not the repository of this job")
    return GitSource(repository, values[REVISION])


def _refused(why: str) -> RebuildError:
    message = f"The image's labels lead to no source: {printable(why)}"
    remedy = "Name the source in `context`, or list its repository in `allowed-sources`."
    return RebuildError("source-refused", message, remedy)


def _checked_ref(ref: str) -> str:
    bad = ".." in ref or "@{" in ref or ref.endswith((".", "/", ".lock")) or "//" in ref
    if ref and (bad or not _REF.fullmatch(ref)):
        raise ValueError(f"{ref[:100]!r} is neither a branch, a tag nor a commit")
    return ref


def _checked_directory(directory: str) -> str:
    parts = [part for part in directory.split("/") if part]
    if directory.startswith("/") or "\0" in directory or ".." in parts:
        raise ValueError(f"{directory[:100]!r} is not a directory in the repository")
    return "/".join(parts)
