from collections.abc import Mapping

import pytest

from rebaser.errors import RebuildError
from rebaser.rebuild.builders.buildah import Buildah
from rebaser.rebuild.builders.buildkit import BuildKit
from rebaser.rebuild.builders.choice import Ask, choose
from rebaser.rebuild.builders.classic import Classic
from rebaser.rebuild.process import Argv, Ran

INSPECTED = ("Name:   default", "Driver: {driver}", "", "Nodes:", "Status: running", "BuildKit version: {version}")


def machine(programs: Mapping[str, tuple[str, ...]]) -> Ask:
    """A machine on which the commands that begin so work, and no others."""

    def ask(argv: Argv) -> Ran | None:
        command = " ".join(argv)
        for known, said in programs.items():
            if command.startswith(known):
                return Ran(0, said)
        return None

    return ask


def buildx(driver: str, version: str, **more: tuple[str, ...]) -> Ask:
    inspected = tuple(line.format(driver=driver, version=version) for line in INSPECTED)
    return machine({"docker buildx version": ("buildx",), "docker buildx inspect": inspected, **more})


@pytest.mark.parametrize(
    ("driver", "version", "contexts", "exports"),
    [
        ("docker", "v0.8+unknown", False, False),
        ("docker", "v0.11.7+d3e6c1360f6e", True, False),
        ("docker-container", "v0.10.3", True, False),
        ("docker-container", "v0.24.0", True, True),
        ("remote", "v1.0.0", True, True),
        ("docker-container", "", False, False),
    ],
)
def test_what_buildkit_can_do_goes_by_its_version_and_driver(
    driver: str, version: str, *, contexts: bool, exports: bool
) -> None:
    assert choose("", buildx(driver, version), {}) == BuildKit("", contexts, exports)


@pytest.mark.parametrize(
    ("engine", "contexts"), [("26.1.5+dfsg1", True), ("23.0.1", True), ("20.10.24", False), ("dev", False)]
)
def test_an_engine_that_hides_its_buildkit_is_known_by_its_own_version(engine: str, *, contexts: bool) -> None:
    ask = buildx("docker", "v0.0.0+unknown", **{"docker version": (engine,)})
    assert choose("", ask, {}) == BuildKit("", contexts, False)


def test_an_engine_with_containerd_s_store_exports() -> None:
    status = ('[["driver-type","io.containerd.snapshotter.v1"]]',)
    ask = buildx("docker", "v0.25.0", **{"docker info": status})
    assert choose("", ask, {}) == BuildKit("", takes_contexts=True, exports=True)


def test_another_word_is_an_instance_of_buildx() -> None:
    assert choose("builder-1a2b", buildx("docker-container", "v0.24.0"), {}) == BuildKit("builder-1a2b", True, True)


def test_without_buildx_it_is_the_engine_s_own_builder_and_without_an_engine_buildah() -> None:
    assert choose("", machine({"docker version": ("20.10",), "buildah --version": ("1",)}), {}) == Classic()
    assert choose("", machine({"buildah --version": ("1",)}), {"STORAGE_DRIVER": "overlay"}) == Buildah("overlay")


def test_no_builder_is_an_error_that_says_what_was_looked_for() -> None:
    with pytest.raises(RebuildError) as caught:
        choose("", machine({}), {})
    assert caught.value.code == "builder-missing"
    assert caught.value.message == (
        "There is no builder: docker's buildx is not here (it is not installed); "
        "no engine of docker's answers (it is not installed); buildah is not here (it is not installed)"
    )
    with pytest.raises(RebuildError, match="no engine of docker's answers"):
        choose("classic", machine({"buildah --version": ("1",)}), {})
