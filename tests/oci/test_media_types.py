import pytest

from rebaser.oci import media_types
from rebaser.oci.media_types import family, in_family

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."

PAIRS = [
    (f"{OCI}index.v1+json", f"{DOCKER}distribution.manifest.list.v2+json"),
    (f"{OCI}manifest.v1+json", f"{DOCKER}distribution.manifest.v2+json"),
    (f"{OCI}config.v1+json", f"{DOCKER}container.image.v1+json"),
    (f"{OCI}layer.v1.tar", f"{DOCKER}image.rootfs.diff.tar"),
    (f"{OCI}layer.v1.tar+gzip", f"{DOCKER}image.rootfs.diff.tar.gzip"),
    (f"{OCI}layer.nondistributable.v1.tar+gzip", f"{DOCKER}image.rootfs.foreign.diff.tar.gzip"),
]


@pytest.mark.parametrize(("oci", "docker"), PAIRS)
def test_each_family_has_its_own_word(oci: str, docker: str) -> None:
    assert (family(oci), family(docker)) == ("oci", "docker")
    assert (in_family(oci, "docker"), in_family(docker, "oci")) == (docker, oci)
    assert (in_family(oci, "oci"), in_family(docker, "docker")) == (oci, docker)


@pytest.mark.parametrize(
    "oci",
    [
        f"{OCI}layer.v1.tar+zstd",
        f"{OCI}layer.nondistributable.v1.tar",
        f"{OCI}layer.nondistributable.v1.tar+zstd",
        "application/vnd.oci.empty.v1+json",
        "application/vnd.in-toto+json",
    ],
)
def test_what_docker_has_no_word_for_is_none(oci: str) -> None:
    assert in_family(oci, "docker") is None
    assert in_family(oci, "oci") == oci


def test_zstd_that_calls_itself_docker_s_becomes_oci_s() -> None:
    assert in_family(f"{DOCKER}image.rootfs.diff.tar.zstd", "oci") == f"{OCI}layer.v1.tar+zstd"


@pytest.mark.parametrize(
    "media_type",
    [
        f"{OCI}layer.v1.tar+gzip+encrypted",
        f"{OCI}layer.v1.tar+encrypted",
        "application/vnd.wasm.content.layer.v1+wasm",
        "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        "application/octet-stream",
        "",
    ],
)
def test_other_layers_are_not_ours(media_type: str) -> None:
    assert media_type not in media_types.LAYERS


def test_registries_are_asked_for_what_we_can_read() -> None:
    assert set(media_types.ACCEPT) == {*PAIRS[0], *PAIRS[1]}
