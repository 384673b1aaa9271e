"""Three saved images in, a loadable image out, and no registry: what docker-base-image-swapper was made for.

Its demonstration is an application that is built once, on the older Java, and runs on both.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.images.engine import Builder, Engine
from tests.images.images import Images
from tests.images.machine import run
from tests.integration.process import Rebaser, Told

NAME = "rebaser-test/saved"
QUICKLY = ("--checks", "config")  # where the test is of archives only


@pytest.fixture(scope="module")
def saved(images: Images, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Three archives of `docker save`; at the end the engine forgets what was loaded."""
    directory = tmp_path_factory.mktemp("saved")
    old, new = images.base("java-17", Builder.CLASSIC), images.base("java-21", Builder.CLASSIC)
    app = images.app("java", "java-17", Builder.CLASSIC)
    engine.run("tag", app, f"{NAME}:1")
    for name, image in (("old", old), ("new", new), ("app", f"{NAME}:1")):
        engine.run("save", "--output", directory / f"{name}.tar", image)
    yield directory
    tags = engine.run("images", "--format={{.Repository}}:{{.Tag}}", NAME).split()
    subprocess.run((engine.client, "rmi", "--force", *tags), capture_output=True, check=False)


def _rebased(saved: Path, rebaser: Rebaser, *more: str, image: str = "") -> Told:
    bases = ("--old-base", f"docker-archive:{saved / 'old.tar'}", "--new-base", f"docker-archive:{saved / 'new.tar'}")
    told = rebaser.rebase(image or f"docker-archive:{saved / 'app.tar'}", *bases, *more)
    assert told.code == 0, told.everything
    return told


def _said(engine: Engine, image: str) -> list[str]:
    return engine.run("run", "--rm", "--network=none", image).splitlines()


def test_an_application_saved_on_the_older_java_is_loaded_and_runs_on_the_newer(
    saved: Path, engine: Engine, rebaser: Rebaser
) -> None:
    assert _said(engine, f"{NAME}:1")[0] == "java 17"
    before = (saved / "app.tar").read_bytes()
    told = _rebased(saved, rebaser, "--tags", f"docker-archive:{saved / 'out.tar'}:{NAME}:on-21")
    assert told.report["tags"] == [f"docker-archive:{saved / 'out.tar'}:docker.io/{NAME}:on-21"]
    assert (saved / "app.tar").read_bytes() == before
    assert f"Loaded image: {NAME}:on-21" in engine.run("load", "--input", saved / "out.tar")
    found = _said(engine, f"{NAME}:on-21")
    assert (found[0], found[-1]) == ("java 21", "hello from Java 21")
    assert any(line.startswith("PATH /scripts:") for line in found)
    assert _said(engine, f"{NAME}:1")[0] == "java 17"


def test_the_same_archives_give_the_same_archive(saved: Path, rebaser: Rebaser) -> None:
    for out in ("first.tar", "second.tar"):
        _rebased(saved, rebaser, *QUICKLY, "--tags", f"docker-archive:{saved / out}")
    assert (saved / "first.tar").read_bytes() == (saved / "second.tar").read_bytes()
    again = _rebased(saved, rebaser, *QUICKLY, image=f"docker-archive:{saved / 'first.tar'}")
    assert again.report["result"] == "unchanged"


def test_skopeo_reads_what_is_written(saved: Path, rebaser: Rebaser, tmp_path: Path) -> None:
    told = _rebased(saved, rebaser, *QUICKLY, "--tags", f"docker-archive:{saved / 'read.tar'}")
    run("skopeo", "inspect", f"docker-archive:{saved / 'read.tar'}:{NAME}:1")
    run("skopeo", "copy", f"oci-archive:{saved / 'read.tar'}", f"oci:{tmp_path / 'layout'}:1", "--preserve-digests")
    assert told.report["digest"] in (tmp_path / "layout" / "index.json").read_text()


def test_what_skopeo_wrote_is_read(saved: Path, rebaser: Rebaser, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tar"
    run("skopeo", "copy", f"docker-archive:{saved / 'app.tar'}", f"docker-archive:{copy}:{NAME}:1")
    told = _rebased(saved, rebaser, *QUICKLY, image=f"docker-archive:{copy}")
    ours = _rebased(saved, rebaser, *QUICKLY, "--dry-run")
    assert told.report["digest"] == ours.report["digest"]


def test_an_application_in_the_engine_is_moved_there(
    images: Images, engine: Engine, saved: Path, rebaser: Rebaser
) -> None:
    old, new = images.base("java-17", Builder.CLASSIC), images.base("java-21", Builder.CLASSIC)
    bases = ("--old-base", f"docker-daemon:{old}", "--new-base", f"docker-daemon:{new}")
    told = rebaser.rebase(f"docker-daemon:{NAME}:1", *QUICKLY, *bases, "--tags", "moved")
    assert told.code == 0, told.everything
    assert told.report["result"] == "rebased"
    assert _said(engine, f"{NAME}:moved")[0] == "java 21"
    again = rebaser.rebase(f"docker-daemon:{NAME}:moved", *QUICKLY, *bases)
    assert again.report["result"] == "unchanged"
    from_files = _rebased(saved, rebaser, *QUICKLY, "--dry-run")
    assert from_files.report["digest"] == told.report["digest"]
