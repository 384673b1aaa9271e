"""Real builders build a real Dockerfile on a new base from a registry, with the user's files left as they are."""

import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from rebaser.errors import RebuildError
from rebaser.oci.digest import parse_digest
from rebaser.oci.platform import Platform
from rebaser.oci.reference import Reference, parse_reference
from rebaser.rebuild.builders.base import Builder, Built
from rebaser.rebuild.builders.choice import choose
from rebaser.rebuild.building import Rebuilt, Room, rebuild
from rebaser.rebuild.checkout import local_checkout
from rebaser.rebuild.orders import Bases
from rebaser.rebuild.process import Argv, Ran, run
from rebaser.recipe import Recipe, Secret
from tests.images import engine as engines
from tests.images.machine import MissingError, environment
from tests.integration.conftest import found
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.registries import Registry

NAME = "rebuild-base"
DOCKERFILE = """\
ARG BASE={base}
FROM ${{BASE}} AS build
RUN cat /which > /compiled
FROM $BASE
COPY --from=build /compiled /compiled
COPY . /app
RUN echo built > /built; ls /app
HEALTHCHECK CMD true
CMD ["/bin/sh"]
"""


@dataclass(frozen=True)
class Workshop:
    """A builder of this machine, and where it works."""

    builder: Builder
    directory: Path
    registry: str
    old: Reference
    new: Reference

    def rebuild(self, dockerfile: str, recipe: Recipe = Recipe(), seconds: float = 120) -> Rebuilt:  # noqa: B008
        """Build a Dockerfile, which is put into the context."""
        context = self.directory / "context"
        (context / "Dockerfile").write_text(dockerfile, "utf-8")
        room = Room(self.directory / "room", surroundings(), insecure=(self.registry,), seconds=seconds)
        bases = Bases(self.new, (self.old, self.new))
        platforms = [Platform("linux", "amd64")]
        checkout = local_checkout(context, "")
        created = 1_700_000_000
        return rebuild(checkout, recipe, bases, platforms=platforms, builder=self.builder, room=room, created=created)


def surroundings() -> dict[str, str]:
    """The machine's environment, with buildx if it was put somewhere for the tests."""
    given = environment()
    return (
        {**given, "DOCKER_CONFIG": given["REBASER_TEST_DOCKER_CONFIG"]}
        if "REBASER_TEST_DOCKER_CONFIG" in given
        else given
    )


def ask(argv: Argv) -> Ran | None:
    try:
        return run(argv, surroundings(), 30)
    except OSError:
        return None


def at_hand(name: str) -> Builder:
    try:
        return choose(name, ask, {})
    except RebuildError as error:
        raise MissingError(error.message) from error


@pytest.fixture(scope="module")
def bases(dockerfiles: Dockerfiles, distribution: Registry) -> tuple[Reference, Reference]:
    """The old base under a tag, and the new one by digest: the same repository, as after a tag has moved."""
    for tag in ("old", "new"):
        image = dockerfiles.build(f"RUN echo {tag} > /which", engines.Builder.CLASSIC)
        distribution.push(image, NAME, tag)
    old, new = (parse_reference(distribution.reference(NAME, tag)) for tag in ("old", "new"))
    return old, replace(new, digest=parse_digest(distribution.digest(NAME, "new")))


@pytest.fixture(params=["buildkit", "classic", "buildah"])
def workshop(
    request: pytest.FixtureRequest,
    bases: tuple[Reference, Reference],
    distribution: Registry,
    tmp_path: Path,
) -> Iterator[Workshop]:
    builder = found(lambda: at_hand(request.param))
    for name in ("context", "room"):
        (tmp_path / name).mkdir()
    (tmp_path / "context" / "kept.txt").touch()
    (tmp_path / "context" / "left-out.txt").touch()
    # what the classic builder does not read: a Dockerfile's own list of what to leave out
    ignore = ".dockerignore" if builder.name == "classic" else "Dockerfile.dockerignore"
    (tmp_path / "context" / ignore).write_text("left-out.txt\n", "utf-8")
    before = ask(("docker", "images", "--quiet", "localhost/rebaser-rebuild"))
    yield Workshop(builder, tmp_path, distribution.address, *bases)
    assert ask(("docker", "images", "--quiet", "localhost/rebaser-rebuild")) == before
    assert not (tmp_path / "room" / "private").exists()


@dataclass(frozen=True)
class Image:
    """What an image holds: its config, and its files by path."""

    config: dict[str, object]
    files: dict[str, bytes]

    @property
    def diff_ids(self) -> list[str]:
        root = self.config["rootfs"]
        assert isinstance(root, dict)
        return list(root["diff_ids"])


def opened(built: Built) -> Image:
    """Read a file as docker saves images."""
    assert built.transport == "docker-archive"
    with tarfile.open(built.path) as archive:

        def member(name: str) -> bytes:
            file = archive.extractfile(name)
            assert file is not None
            return file.read()

        (image,) = json.loads(member("manifest.json"))
        config = json.loads(member(image["Config"]))
        files = {}
        for layer in image["Layers"]:
            with archive.extractfile(layer) as content, tarfile.open(fileobj=content) as tree:  # type: ignore[union-attr]
                for entry in tree:
                    if entry.isreg():
                        files[entry.name.removeprefix("./")] = tree.extractfile(entry).read()  # type: ignore[union-attr]
    return Image(config, files)


def test_the_result_stands_on_the_new_base_in_all_stages(workshop: Workshop, distribution: Registry) -> None:
    dockerfile = DOCKERFILE.format(base=workshop.old)
    rebuilt = workshop.rebuild(dockerfile)

    image = opened(rebuilt.images[Platform("linux", "amd64")])
    base = distribution.config(NAME, "new")["rootfs"]["diff_ids"]
    assert image.diff_ids[: len(base)] == base
    assert len(image.diff_ids) == len(base) + 3
    assert image.files["compiled"] == b"new\n"
    assert "app/kept.txt" in image.files
    assert "app/left-out.txt" not in image.files
    config = image.config["config"]
    assert isinstance(config, dict)
    assert config["Healthcheck"] == {"Test": ["CMD-SHELL", "true"]}
    assert (rebuilt.builder, rebuilt.base) == (workshop.builder.name, str(workshop.old))
    assert (workshop.directory / "context" / "Dockerfile").read_text("utf-8") == dockerfile
    assert len(list((workshop.directory / "context").iterdir())) == 4


def test_a_build_that_fails_says_why_in_the_builder_s_words(workshop: Workshop) -> None:
    with pytest.raises(RebuildError) as caught:
        workshop.rebuild(f"FROM {workshop.old}\nRUN echo what is wrong; exit 7\n")
    assert caught.value.code == "rebuild-failed"
    assert any("what is wrong" in line for line in caught.value.log)


def test_a_build_that_hangs_is_ended(workshop: Workshop) -> None:
    with pytest.raises(RebuildError) as caught:
        workshop.rebuild(f"FROM {workshop.old}\nRUN cat /dev/zero > /dev/null\n", seconds=6)
    assert caught.value.code == "rebuild-timeout"


def test_a_secret_is_mounted_and_seen_nowhere(workshop: Workshop) -> None:
    recipe = Recipe(secrets=(Secret("npm", "canary-of-npm"),))
    new = uuid4().hex  # a secret is no part of what a builder finds its cache by
    text = f"FROM {workshop.old}\nRUN --mount=type=secret,id=npm cat /run/secrets/npm; touch /done; : {new}\n"
    if not workshop.builder.takes_secrets:
        with pytest.raises(RebuildError, match="has no secrets"):
            workshop.rebuild(text, recipe)
        return
    rebuilt = workshop.rebuild(text, recipe)
    image = opened(rebuilt.images[Platform("linux", "amd64")])
    assert "done" in image.files
    assert any("***" in line for line in rebuilt.log)
    assert "canary" not in f"{rebuilt}{image}{sorted(workshop.directory.rglob('*'))}"
