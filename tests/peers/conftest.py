from pathlib import Path

import pytest

from tests.runs import World


@pytest.fixture(params=["registry", "layout"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    """What must be the same wherever images live."""
    return World() if request.param == "registry" else World(tmp_path)


@pytest.fixture
def registry() -> World:
    """What is about names, tags and requests."""
    return World()
