"""The action's image: built by every builder, small, ready at once, and deaf to what lies around it."""

import json
from pathlib import Path

import pytest

from tests.images.engine import Builder, Engine
from tests.images.images import Images
from tests.integration.actions.conftest import build

MOST_ADDED = 25_000_000  # bytes on top of the base
CLIENT = 115_000_000  # and those of docker's client with buildx


@pytest.mark.parametrize("builder", Builder)
def test_every_builder_builds_it_and_it_tells_its_version(builder: Builder, images: Images) -> None:
    assert images.engine.run("run", "--rm", build(images, builder), "--version").startswith("rebaser ")


def test_without_a_command_it_explains_itself(action_image: str, engine: Engine) -> None:
    assert "usage: rebaser" in engine.run("run", "--rm", action_image)


def test_it_adds_little_to_its_base_and_runs_as_root(action_image: str, images: Images) -> None:
    def inspected(image: str) -> dict[str, object]:
        (found,) = json.loads(images.engine.run("image", "inspect", image))
        kept: dict[str, object] = found
        return kept

    own, base = inspected(action_image), inspected(images.python())
    assert int(str(own["Size"])) - int(str(base["Size"])) < MOST_ADDED + CLIENT
    assert json.loads(json.dumps(own["Config"]))["User"] in ("", "root")


def test_nothing_is_compiled_at_the_start(action_image: str, engine: Engine) -> None:
    told = engine.run("run", "--rm", "--entrypoint=sh", action_image, "-c", f"{_VERBOSE} demo 2>&1")
    compiled = [line for line in told.splitlines() if line.startswith("# code object from") and ".pyc" not in line]
    assert "import 'httpx'" in told
    assert compiled == []


_VERBOSE = "python3 -IuBv /opt/rebaser/entrypoint.py"


def test_files_of_a_hostile_checkout_are_not_imported(action_image: str, engine: Engine, tmp_path: Path) -> None:
    for name in ("rebaser.py", "httpx.py", "ssl.py", "sitecustomize.py", "usercustomize.py", "entrypoint.py"):
        (tmp_path / name).write_text("raise SystemExit('taken over')\n")
    around = ("-v", f"{tmp_path}:/github/workspace", "-w", "/github/workspace", "-e", "PYTHONPATH=/github/workspace")
    assert engine.run("run", "--rm", *around, action_image, "--version").startswith("rebaser ")
    assert "Digest, config" in engine.run("run", "--rm", *around, action_image, "demo")


def test_a_rebuild_has_docker_s_client_and_buildx(action_image: str, engine: Engine) -> None:
    for command in ("docker --version", "docker buildx version"):
        engine.run("run", "--rm", "--entrypoint=sh", action_image, "-c", command)
