import pytest

from rebaser.errors import ImageError
from rebaser.oci.image import join, require_image
from rebaser.oci.manifest import Manifest
from rebaser.oci.platform import Platform
from rebaser.oci.strict_json import JsonObject
from tests.builders import AnImage, a_layer, an_image, as_config, as_image, as_manifest, attestation, buildkit

EMPTY: JsonObject = {
    "mediaType": "application/vnd.oci.empty.v1+json",
    "digest": "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    "size": 2,
    "data": "e30=",
}


def manifest_of(image: AnImage) -> Manifest:
    manifest = as_manifest(image)
    assert isinstance(manifest, Manifest)
    return manifest


def refused(image: AnImage) -> ImageError:
    with pytest.raises(ImageError) as refusal:
        require_image(manifest_of(image))
    return refusal.value


def test_layers_and_diff_ids_are_joined_base_first() -> None:
    first, second = a_layer({"a": "1"}), a_layer({"b": "2"}, compression="zstd")
    image = as_image(an_image([first, second], platform="linux/arm64"))
    assert [layer.descriptor.digest for layer in image.layers] == [first.digest, second.digest]
    assert [layer.diff_id for layer in image.layers] == [first.diff_id, second.diff_id]
    assert image.diff_ids == (first.diff_id, second.diff_id)
    assert image.platform == Platform("linux", "arm64")


def test_an_image_may_have_no_layers() -> None:
    assert as_image(an_image([])).layers == ()


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    ],
)
def test_every_kind_of_image_layer_is_taken(media_type: str) -> None:
    require_image(manifest_of(an_image([a_layer(media_type=media_type)])))


def test_docker_s_images_are_taken() -> None:
    image = an_image([a_layer({"a": "1"}), a_layer(compression="zstd")], family="docker")
    require_image(manifest_of(image))
    assert len(as_image(image).layers) == 2


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
        "application/vnd.oci.image.layer.v1.tar+encrypted",
        "application/vnd.wasm.content.layer.v1+wasm",
        "application/octet-stream",
        "",
        "\x1b[31m",
    ],
)
def test_an_encrypted_or_unknown_layer_is_refused_by_number_and_type(media_type: str) -> None:
    refusal = refused(an_image([a_layer(), a_layer(media_type=media_type)]))
    assert refusal.code == "layer-unsupported"
    assert "Layer 1 of" in refusal.message
    assert "\x1b" not in refusal.message


@pytest.mark.parametrize(
    "config",
    [
        EMPTY,
        EMPTY | {"mediaType": "application/vnd.cncf.helm.config.v1+json"},
        EMPTY | {"mediaType": "application/vnd.wasm.config.v0+json"},
        EMPTY | {"mediaType": "application/vnd.docker.plugin.v1+json"},
        EMPTY | {"mediaType": ""},
    ],
)
def test_an_artifact_is_no_image(config: JsonObject) -> None:
    refusal = refused(an_image(manifest_members={"config": config}))
    assert refusal.code == "not-an-image"
    assert "charts" in refusal.remedy


def test_a_referrer_is_no_image() -> None:
    about = an_image()
    subject: JsonObject = {"mediaType": about.media_type, "digest": about.digest, "size": len(about.content)}
    refusal = refused(an_image(manifest_members={"subject": subject}))
    assert refusal.code == "not-an-image"
    assert about.digest in refusal.message


def test_an_attestation_is_no_image() -> None:
    child = attestation(an_image()).child
    assert isinstance(child, AnImage)
    assert refused(child).code == "layer-unsupported"


@pytest.mark.parametrize("diff_ids", [0, 1, 3])
def test_another_number_of_diff_ids_than_layers_is_refused(diff_ids: int) -> None:
    image = an_image([a_layer({"a": "1"}), a_layer({"b": "2"})], history=None)
    other = an_image([a_layer({str(number): ""}) for number in range(diff_ids)], history=None)
    with pytest.raises(ImageError, match=f"has 2 layers, its config {diff_ids} diff IDs") as refusal:
        join(manifest_of(image), as_config(other))
    assert refusal.value.code == "image-inconsistent"


def test_a_history_of_more_layers_than_there_are_is_refused() -> None:
    with pytest.raises(ImageError, match="history tells of 2 layers, but it has 1") as refusal:
        as_image(an_image([a_layer()], history=[buildkit("RUN a"), buildkit("ENV A=b"), buildkit("RUN b")]))
    assert refusal.value.code == "image-inconsistent"


@pytest.mark.parametrize("history", [None, [], [buildkit("ENV A=b")], [buildkit("RUN a")]])
def test_a_history_may_tell_of_fewer_layers_or_of_none(history: list[JsonObject] | None) -> None:
    layers = [a_layer({"a": "1"}), a_layer({"b": "2"})]
    assert len(as_image(an_image(layers, history=history)).layers) == 2
