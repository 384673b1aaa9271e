"""I-4: the same inputs give the same bytes, in whatever order a base's objects stand, and in every process."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.oci.digest import digest_of
from rebaser.oci.strict_json import Json, JsonObject
from tests.property.any_tool import Found, found_images
from tests.property.docker_build import Built
from tests.property.examples import examples
from tests.property.fixed_scenes import digests
from tests.property.rebasing import image_of, rebase
from tests.property.strategies import Scene, scenes


@given(found_images(), st.integers(0, 1000))
@examples(150)
def test_the_order_in_a_base_s_objects_does_not_matter(found: Found, salt: int) -> None:
    old, app, new = found.images
    shuffled = rebase(app, image_of(_shuffled(found.old, salt)), image_of(_shuffled(found.new, salt)))
    assert shuffled.draft.patch == rebase(app, old, new).draft.patch
    assert shuffled.image.config.document.content == rebase(app, old, new).image.config.document.content


@given(scenes(), st.integers(0, 1000))
@examples(50)
def test_the_order_in_the_objects_of_a_base_of_docker_does_not_matter(scene: Scene, salt: int) -> None:
    old, app, new = scene.images
    shuffled = rebase(app, image_of(_shuffled(scene.old, salt)), image_of(_shuffled(scene.new, salt)))
    assert shuffled.image.config.document.content == rebase(app, old, new).image.config.document.content


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_every_process_gives_the_same_digests(seed: str) -> None:
    command = [sys.executable, "-m", "tests.property.fixed_scenes"]
    result = subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
    assert result.stdout.split() == digests()


def _shuffled(built: Built, salt: int) -> Built:
    document = _reordered(built.document, salt)
    settings = document.get("config")
    if isinstance(settings, dict):
        members: JsonObject = {
            key: _reordered(value, salt) if key in ("Labels", "ExposedPorts", "Volumes") and value else value
            for key, value in _reordered(settings, salt).items()
        }
        document["config"] = members
    return Built(document, built.layers)


def _reordered(value: Json, salt: int) -> JsonObject:
    assert isinstance(value, dict)
    return {key: value[key] for key in sorted(value, key=lambda key: digest_of(f"{salt} {key}".encode()))}
