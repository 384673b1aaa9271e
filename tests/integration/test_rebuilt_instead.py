"""An application that breaks on the new base, as its library is gone there: refused; or built from source, by real
builders, and run; and where that fails too, left as it was."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.images.engine import Builder, Engine
from tests.images.images import PREFIX
from tests.images.machine import MissingError, tool
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.process import Rebaser, Told
from tests.integration.registries import Registry

BASE = "rebuilt-instead/base"
APP = "rebuilt-instead/app"
LIBRARY = 'const char *greet(void) { return "%s"; }\n'
PROGRAM = "#include <stdio.h>\nconst char *greet(void);\nint main(void) { return puts(greet()) < 0; }\n"
BASE_FILE = """\
FROM {tiny}
COPY ld.so libc.so.6 libgreet.so.{number} /lib/
COPY program /sdk/
"""
APP_FILE = """\
ARG BASE={base}
FROM $BASE
RUN mkdir -p /usr/bin && cp /sdk/program /usr/bin/greet
CMD ["greet"]
"""
LOADERS = ("ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1")


@dataclass(frozen=True)
class Bases:
    """Two bases, each with one version of a library and what a compiler would link with it."""

    old: str
    new: str


def compiled(directory: Path, number: int, word: str) -> Path:
    """A directory with a library of that version, a program that needs it, and what both need."""
    gcc = str(tool("gcc"))
    directory.mkdir()
    for name, text in (("greet.c", LIBRARY % word), ("program.c", PROGRAM)):
        (directory / name).write_text(text, "utf-8")

    def run(*arguments: str) -> str:
        return subprocess.run((gcc, *arguments), cwd=directory, check=True, capture_output=True, text=True).stdout

    library = f"libgreet.so.{number}"
    run("-shared", "-fPIC", f"-Wl,-soname,{library}", "-o", library, "greet.c")
    run("-o", "program", "program.c", library, "-Wl,--dynamic-linker=/lib/ld.so")
    loaders = (Path(run(f"-print-file-name={name}").strip()) for name in LOADERS)
    shutil.copy(next(path for path in loaders if path.is_absolute()), directory / "ld.so")
    shutil.copy(run("-print-file-name=libc.so.6").strip(), directory / "libc.so.6")
    return directory


@pytest.fixture(scope="module")
def bases(dockerfiles: Dockerfiles, distribution: Registry, tmp_path_factory: pytest.TempPathFactory) -> Bases:
    try:
        made = tmp_path_factory.mktemp("bases")
        contexts = [compiled(made / word, number, word) for number, word in ((1, "one"), (2, "two"))]
    except MissingError as error:
        pytest.skip(str(error))
    names = []
    for number, context in enumerate(contexts, start=1):
        tag = f"{PREFIX}/{BASE}:{number}"
        (context / "Dockerfile").write_text(BASE_FILE.format(tiny=dockerfiles.images.tiny(), number=number), "utf-8")
        dockerfiles.images.engine.build(context, tag, builder=Builder.CLASSIC)
        names.append(distribution.push(tag, BASE, str(number)))
    return Bases(*names)


@pytest.fixture
def context(tmp_path: Path, bases: Bases) -> Path:
    found = tmp_path / "context"
    found.mkdir()
    (found / "Dockerfile").write_text(APP_FILE.format(base=bases.old), "utf-8")
    return found


@dataclass(frozen=True)
class Story:
    """An application in a registry, and what is done with it."""

    image: str
    repository: str
    rebase: Callable[..., Told]


@pytest.fixture(params=["classic", "buildah"])
def story(
    request: pytest.FixtureRequest, context: Path, bases: Bases, rebaser: Rebaser, distribution: Registry
) -> Story:
    builder = str(request.param)
    if builder == "buildah":
        try:
            tool("buildah")
        except MissingError as error:
            pytest.skip(str(error))
    repository = f"{APP}-{request.node.name.partition('[')[0].replace('_', '-')}-{builder}"
    tag = f"{PREFIX}/{repository}:1"
    distribution.engine.build(context, tag, builder=Builder.CLASSIC)
    image = distribution.push(tag, repository)

    def rebase(*more: str) -> Told:
        named = ("--old-base", bases.old, "--new-base", bases.new)
        wanted = (f"--context={context}", f"--builder={builder}", f"--insecure-registries={distribution.address}")
        return rebaser.rebase(image, *named, *wanted, *more)

    return Story(image, repository, rebase)


def says(story: Story, distribution: Registry, engine: Engine) -> str:
    with distribution.pulled(story.image) as pulled:
        return engine.run("run", "--rm", "--network=none", pulled)


def test_refused_it_is_built_from_source_and_runs_and_the_report_says_why(
    story: Story, context: Path, bases: Bases, distribution: Registry, engine: Engine
) -> None:
    before = distribution.digest(story.repository)
    assert says(story, distribution, engine) == "one\n"
    refused = story.rebase()
    assert (refused.code, refused.report["result"]) == (1, "refused"), refused.everything
    assert ("library-missing", "libgreet.so.1") in refused.findings("blocker")

    told = story.rebase("--on-incompatible=rebuild")
    assert told.code == 0, told.everything
    assert (told.report["result"], told.report["changed"]) == ("rebuilt", True)
    assert told.report["originalDigest"] == before
    assert told.report["digest"] == distribution.digest(story.repository) != before
    assert ("library-missing", "libgreet.so.1") in told.findings("blocker")
    assert "libgreet.so.1" in told.report["decision"]["because"]
    assert told.report["rebuild"]["source"] == str(context)
    assert told.report["rebuild"]["base"] == bases.old
    assert told.report["rebuild"]["log"]
    assert told.out.startswith("Rebuilt: ")
    assert says(story, distribution, engine) == "two\n"
    base, image = distribution.layers(BASE, "2"), distribution.layers(story.repository)
    assert image[: len(base)] == base
    manifest = distribution.manifest(story.repository)
    assert manifest["annotations"]["org.opencontainers.image.base.digest"] == distribution.digest(BASE, "2")

    again = story.rebase("--on-incompatible=rebuild")
    assert (again.code, again.report["result"]) == (0, "unchanged"), again.everything


def test_a_rebuild_that_fails_leaves_it_as_it_was_and_shows_the_builder_s_last_lines(
    story: Story, context: Path, distribution: Registry, engine: Engine
) -> None:
    before, tags = distribution.digest(story.repository), distribution.tags(story.repository)
    with (context / "Dockerfile").open("a", encoding="utf-8") as file:
        file.write("RUN echo looking for the library; ls /lib/libgreet.so.1\n")

    told = story.rebase("--on-incompatible=rebuild")
    assert told.code == 5, told.everything
    assert (told.report["result"], told.report["changed"], told.report["digest"]) == ("failed", False, before)
    assert told.report["error"]["code"] == "rebuild-failed"
    assert any("looking for the library" in line for line in told.report["rebuild"]["log"])
    assert "a rebase would not do: " in told.err
    assert "    | looking for the library" in told.err
    assert ("library-missing", "libgreet.so.1") in told.findings("blocker")
    assert (distribution.digest(story.repository), distribution.tags(story.repository)) == (before, tags)
    assert says(story, distribution, engine) == "one\n"


def test_a_dry_run_builds_nothing(story: Story, distribution: Registry) -> None:
    before = distribution.digest(story.repository)
    told = story.rebase("--on-incompatible=rebuild", "--dry-run")
    assert (told.code, told.report["result"], told.report["digest"]) == (0, "rebuilt", None), told.everything
    assert told.out.startswith("Would be rebuilt: ")
    assert told.report["rebuild"]["log"] == []
    assert distribution.digest(story.repository) == before
