from collections.abc import Callable
from pathlib import Path

import pytest

from rebaser.errors import RebaserError
from rebaser.oci.digest import DiffId, digest_of
from rebaser.oci.reference import Repository, Transport
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.traffic import Traffic
from tests.builders import ALayer, AnImage, AnIndex, a_layer, an_image, an_index, attestation, buildkit, store
from tests.invariants import assert_valid

TWO = [a_layer({"a": "1"}), a_layer({"b": "2"}, compression="plain")]
MISLABELLED = ALayer(TWO[0].content, TWO[0].media_type, DiffId(digest_of(b"something else")))


@pytest.fixture
def layout(tmp_path: Path) -> OciLayout:
    return OciLayout(Repository(Transport.OCI_LAYOUT, "", str(tmp_path)), Traffic())


@pytest.mark.parametrize(
    "value",
    [
        an_image(),
        an_image([]),
        an_image(TWO, history=None),
        an_image(TWO, history=[buildkit("RUN a"), buildkit("ENV A=b"), buildkit("RUN b")]),
        an_image([a_layer({"a": "1"}, compression="zstd")]),
        an_image([ALayer(b"made up", TWO[0].media_type, DiffId(digest_of(b"whatever")))]),
        an_image(TWO, family="docker"),
        an_index([an_image(TWO), attestation(an_image(TWO)), an_index([an_image()])]),
        an_index([an_image(family="docker")], family="docker"),
    ],
)
def test_what_fits_together_is_valid(layout: OciLayout, value: AnImage | AnIndex) -> None:
    store(value, layout, "1")
    assert_valid(layout, "1")


@pytest.mark.parametrize(
    "build",
    [
        lambda: an_image([MISLABELLED]),
        lambda: an_image(TWO, history=[buildkit("RUN a")]),
        lambda: an_image(TWO, config_members={"rootfs": {"type": "layers", "diff_ids": [TWO[0].diff_id]}}),
        lambda: an_image([a_layer(media_type="application/vnd.oci.image.layer.v1.tar+zstd")], family="docker"),
    ],
)
def test_what_contradicts_itself_is_not(layout: OciLayout, build: Callable[[], AnImage]) -> None:
    for value in (build(), an_index([an_image(), build()])):
        store(value, layout, "1")
        with pytest.raises(AssertionError):
            assert_valid(layout, "1")


def test_a_missing_layer_or_child_is_told(layout: OciLayout, tmp_path: Path) -> None:
    store(an_index([an_image(TWO)]), layout, "1")
    for digest in (TWO[1].digest, an_image(TWO).digest):
        (tmp_path / "blobs" / "sha256" / digest.removeprefix("sha256:")).unlink()
        with pytest.raises(RebaserError):
            assert_valid(layout, "1")
