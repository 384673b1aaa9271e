"""The action's image, built here, and a runner for each test."""

from pathlib import Path

import pytest

from tests.images.engine import Builder
from tests.images.images import Images
from tests.images.machine import CHECKOUT
from tests.integration.actions.runner import Runner

BUILT = "rebaser-test/action"


def build(images: Images, builder: Builder) -> str:
    tag = f"{BUILT}:{builder}"
    bases = (f"--build-arg=PYTHON_IMAGE={images.python()}", f"--build-arg=DOCKER_IMAGE={images.client()}")
    arguments = ("--quiet", "--network=host", *bases, f"--tag={tag}")
    images.engine.run("build", *arguments, CHECKOUT, builder=builder)
    return tag


@pytest.fixture(scope="session")
def action_image(images: Images) -> str:
    return build(images, Builder.CLASSIC)


@pytest.fixture
def runner(images: Images, action_image: str, tmp_path: Path) -> Runner:
    return Runner(images.engine, action_image, tmp_path)
