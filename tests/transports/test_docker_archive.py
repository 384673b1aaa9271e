import gzip
import io
import json
import os
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from rebaser.errors import ImageError, ImageNotFound, TransportError
from rebaser.oci.digest import digest_of
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.reference import Repository, Transport
from rebaser.transports import docker_archive
from rebaser.transports.base import read_blob
from rebaser.transports.docker_archive import DockerArchive
from rebaser.transports.traffic import Traffic
from tests.builders import AnImage, a_layer, a_tar, an_image, an_index, attestation, store, symlink
from tests.fakes.engine import a_tar_of
from tests.invariants import assert_valid

SHOP, BASE = "docker.io/library/shop:1", "docker.io/library/base:1"


@contextmanager
def opened(path: Path) -> Iterator[DockerArchive]:
    archive = DockerArchive(Repository(Transport.DOCKER_ARCHIVE, "", str(path)), Traffic())
    try:
        yield archive
    finally:
        archive.close()


def plain(*texts: str) -> AnImage:
    return an_image([a_layer({text: text}, compression="plain") for text in texts])


def item(image: AnImage, names: list[str] | None, layers: list[str] | None = None) -> dict[str, Any]:
    config = f"{digest_of(image.config).removeprefix('sha256:')}.json"
    return {
        "Config": config,
        "RepoTags": names,
        "Layers": layers or [f"{n}/layer.tar" for n in range(len(image.layers))],
    }


def legacy(image: AnImage, names: list[str] | None = None, **members: object) -> dict[str, Any]:
    """The files of an archive as Docker wrote it until 24."""
    told = item(image, names) | members
    layers = {f"{n}/layer.tar": layer.content for n, layer in enumerate(image.layers)}
    return {told["Config"]: image.config, **layers, "manifest.json": json.dumps([told]).encode()}


def modern(*images: tuple[str | None, AnImage], items: list[dict[str, Any]] | None = None) -> dict[str, bytes]:
    """The files of an archive as Docker writes it since 25."""
    blobs = {f"blobs/sha256/{digest[7:]}": content for _, image in images for digest, content in image.blobs.items()}
    blobs |= {f"blobs/sha256/{image.digest[7:]}": image.content for _, image in images}
    entries = [image.descriptor.raw | _named(name) for name, image in images]
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}
    told = [_modern_item(name, image) for name, image in images] if items is None else items
    files = {"index.json": json.dumps(index).encode(), "manifest.json": json.dumps(told).encode()}
    return blobs | files | {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}


def _named(name: str | None) -> dict[str, Any]:
    return {"annotations": {"io.containerd.image.name": name}} if name else {}


def _modern_item(name: str | None, image: AnImage) -> dict[str, Any]:
    layers = [f"blobs/sha256/{layer.digest[7:]}" for layer in image.layers]
    return {"Config": f"blobs/sha256/{digest_of(image.config)[7:]}", "RepoTags": name and [name], "Layers": layers}


def written(path: Path, files: Mapping[str, bytes]) -> Path:
    path.write_bytes(a_tar_of(files))
    return path


def refusal(path: Path) -> TransportError:
    with opened(path) as archive, pytest.raises(TransportError) as raised:
        archive.manifest(SHOP)
    return raised.value


# Reading


def test_an_archive_without_manifests_is_read_as_if_it_had_one(tmp_path: Path) -> None:
    image = plain("a", "b")
    with opened(written(tmp_path / "a.tar", legacy(image, ["shop:1"]))) as archive:
        assert archive.untagged() == SHOP
        found = archive.manifest(SHOP)
        assert isinstance(found, Manifest)
        assert [str(layer.digest) for layer in found.view.layers] == [layer.diff_id for layer in image.layers]
        assert read_blob(archive, found.view.config, 10_000) == image.config
        assert_valid(archive, SHOP)


def test_layers_that_link_to_another_image_s_are_found(tmp_path: Path) -> None:
    image = plain("a", "a")
    first, second = (layer.content for layer in image.layers)
    assert first == second
    files: dict[str, Any] = {
        "x/layer.tar": first,
        "y/layer.tar": symlink("../x/layer.tar"),
        item(image, None)["Config"]: image.config,
        "manifest.json": json.dumps([item(image, ["shop:1"], ["y/layer.tar", "x/layer.tar"])]),
    }
    (tmp_path / "a.tar").write_bytes(a_tar(files))
    with opened(tmp_path / "a.tar") as archive:
        assert_valid(archive, SHOP)


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_compressed_layers_keep_their_bytes(tmp_path: Path, compression: Literal["gzip", "zstd"]) -> None:
    image = an_image([a_layer({"a": "a"}, compression=compression)])
    with opened(written(tmp_path / "a.tar", legacy(image, ["shop:1"]))) as archive:
        found = archive.manifest(SHOP)
        assert isinstance(found, Manifest)
        assert found.view.layers == (image.layers[0].descriptor,)
        assert_valid(archive, SHOP)


def test_manifests_and_annotations_of_a_newer_archive_are_its_own(tmp_path: Path) -> None:
    image = an_image([a_layer({"a": "a"})], annotations={"org.opencontainers.image.base.name": "debian"})
    with opened(written(tmp_path / "a.tar", modern((SHOP, image)))) as archive:
        assert archive.manifest(SHOP).document.content == image.content
        assert_valid(archive, SHOP)


def test_an_image_without_a_name_is_found_by_its_position(tmp_path: Path) -> None:
    shop, base = plain("shop"), plain("base")
    with opened(written(tmp_path / "a.tar", modern((None, base), (SHOP, shop)))) as archive:
        assert (archive.resolve("@0"), archive.resolve("@1"), archive.resolve("@2")) == (base.digest, shop.digest, None)
    with opened(written(tmp_path / "a.tar", legacy(base, ["<none>:<none>"]))) as archive:
        assert archive.untagged() == "@0"


def test_an_index_of_which_one_platform_was_saved_is_read_without_the_others(tmp_path: Path) -> None:
    here, gone = an_image(platform="linux/amd64"), an_image(platform="linux/arm64")
    index = an_index([here, gone, attestation(here)])
    files = modern((None, here))
    files[f"blobs/sha256/{index.digest[7:]}"] = index.content
    entry = index.descriptor.raw | _named(SHOP)
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
    files["manifest.json"] = json.dumps([_modern_item("shop:1", here)]).encode()
    with opened(written(tmp_path / "a.tar", files)) as archive:
        found = archive.manifest(SHOP)
        assert isinstance(found, Index)
        assert [entry.digest for entry in found.view.manifests] == [here.digest]
        assert_valid(archive, SHOP)


def test_an_archive_that_was_piped_through_gzip_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(a_tar_of(legacy(plain("a"), ["shop:1"]))))
    with opened(tmp_path / "a.tar.gz") as archive:
        assert_valid(archive, SHOP)


def test_one_of_several_images_must_be_named_and_the_names_are_told(tmp_path: Path) -> None:
    with opened(written(tmp_path / "a.tar", modern((SHOP, plain("a")), (BASE, plain("b"))))) as archive:
        with pytest.raises(ImageNotFound) as raised:
            archive.manifest(archive.untagged())
        assert "it holds shop:1, base:1" in raised.value.message
        assert "docker-archive:" in raised.value.remedy


# What is not what it should be


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda files: files.pop("manifest.json"), "no manifest.json"),
        (lambda files: files.pop("1/layer.tar"), "names 1/layer.tar, which is not in it"),
        (lambda files: files.update({"manifest.json": b"{}"}), "not a list"),
        (lambda files: files.update({"manifest.json": b"[1]"}), "not an object"),
        (lambda files: files.update({"manifest.json": b'[{"RepoTags": []}]'}), "Config"),
        (lambda files: files.update({"manifest.json": b"[" * 100_000}), "manifest.json"),
        (lambda files: files.update({"manifest.json": b" " * 5_000_000}), "more than"),
        (lambda files: files.update({"../evil": b""}), "goes up"),
        (lambda files: files.update({"a/../../evil": b""}), "goes up"),
    ],
)
def test_a_broken_archive_is_refused_with_what_is_wrong(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    files = legacy(plain("a", "b"), ["shop:1"])
    change(files)
    found = refusal(written(tmp_path / "a.tar", files))
    assert found.code == "archive-invalid"
    assert said in found.message


def test_layers_that_the_config_does_not_have_are_refused(tmp_path: Path) -> None:
    files = legacy(plain("a", "b"), ["shop:1"], Layers=["0/layer.tar"])
    assert "has 2 layers, and manifest.json names 1" in refusal(written(tmp_path / "a.tar", files)).message


def test_two_readers_that_would_find_different_images_is_one_archive_too_many(tmp_path: Path) -> None:
    honest, other = plain("a"), plain("b")
    files = modern((SHOP, honest), items=[_modern_item("shop:1", other)])
    files |= {f"blobs/sha256/{digest[7:]}": content for digest, content in other.blobs.items()}
    assert "call different images" in refusal(written(tmp_path / "a.tar", files)).message


def test_one_name_for_two_images_is_refused(tmp_path: Path) -> None:
    files = modern((SHOP, plain("a")), ("shop:1", plain("b")))
    files.pop("manifest.json")
    assert "several images the name" in refusal(written(tmp_path / "a.tar", files)).message


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tar", legacy(plain("a"), ["shop:1"]))
    with tarfile.open(path, "a") as tar:
        tar.addfile(tarfile.TarInfo("manifest.json"))
    assert "two members" in refusal(path).message


@pytest.mark.parametrize("target", ["layer.tar", "../0/layer.tar", "/etc/passwd", "../../etc/passwd", "gone"])
def test_a_link_that_leads_nowhere_or_out_leads_nowhere(tmp_path: Path, target: str) -> None:
    image = plain("a")
    files: dict[str, Any] = dict(legacy(image, ["shop:1"])) | {"0/layer.tar": symlink(target)}
    (tmp_path / "a.tar").write_bytes(a_tar(files))
    assert refusal(tmp_path / "a.tar").code == "archive-invalid"


def test_a_long_chain_of_links_is_not_followed(tmp_path: Path) -> None:
    links: dict[str, Any] = {f"{n}": symlink(f"{n + 1}") for n in range(5000)}
    told = json.dumps([item(plain("a"), ["shop:1"], ["0"]) | {"Config": "0"}])
    (tmp_path / "a.tar").write_bytes(a_tar(links | {"manifest.json": told}))
    start = time.process_time()
    assert "leads nowhere" in refusal(tmp_path / "a.tar").message
    assert time.process_time() - start < 5


@pytest.mark.parametrize("cut", [100, 600, 3000])
def test_an_archive_that_was_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "a.tar", legacy(plain("a", "b"), ["shop:1"]))
    os.truncate(path, cut)
    assert refusal(path).code == "archive-invalid"


def test_layers_that_are_not_what_the_config_says_are_refused_when_they_are_read(tmp_path: Path) -> None:
    image = plain("a")
    files = legacy(image, ["shop:1"]) | {"0/layer.tar": a_tar({"b": "b"})}
    with opened(written(tmp_path / "a.tar", files)) as archive:
        found = archive.manifest(SHOP)
        assert isinstance(found, Manifest)
        with pytest.raises(ImageError) as raised:
            read_blob(archive, found.view.layers[0], 100_000)
        assert raised.value.code == "digest-mismatch"


def test_a_huge_compressed_nothing_is_refused_before_the_disk_is_full(tmp_path: Path) -> None:
    part = gzip.compress(bytes(1 << 24), 9)
    (tmp_path / "a.tar.gz").write_bytes(part * 12)
    assert refusal(tmp_path / "a.tar.gz").code == "archive-invalid"


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "a.tar")
    assert refusal(tmp_path / "a.tar").code == "archive-invalid"


def test_messages_show_nothing_active(tmp_path: Path) -> None:
    files = legacy(plain("a"), ["shop:1"], Layers=["\x1b[31m"])
    message = refusal(written(tmp_path / "a.tar", files)).message
    assert "\x1b" not in message
    assert "\\x1b" in message


# Writing


def test_an_older_engine_and_a_newer_one_find_the_image_that_was_written(tmp_path: Path) -> None:
    image = an_image([a_layer({"a": "a"})])
    with opened(tmp_path / "a.tar") as archive:
        store(image, archive, SHOP)
    with tarfile.open(tmp_path / "a.tar") as tar:
        told = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        index = json.load(tar.extractfile("index.json"))  # type: ignore[arg-type]
        assert all((member.mtime, member.uid, member.uname, member.mode) == (0, 0, "", 0o644) for member in tar)
    assert told == [_modern_item("shop:1", image)]
    assert index["manifests"][0]["annotations"] == {
        "io.containerd.image.name": SHOP,
        "org.opencontainers.image.ref.name": "1",
    }


def test_of_several_platforms_the_usual_one_is_loaded_by_older_engines(tmp_path: Path) -> None:
    arm, intel = an_image(platform="linux/arm64"), an_image(platform="linux/amd64")
    with opened(tmp_path / "a.tar") as archive:
        store(an_index([attestation(arm), arm, intel]), archive, SHOP)
        assert_valid(archive, SHOP)
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert json.load(tar.extractfile("manifest.json")) == [_modern_item("shop:1", intel)]  # type: ignore[arg-type]


def test_the_same_images_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.tar", "b.tar"):
        with opened(tmp_path / name) as archive:
            store(plain("a", "b"), archive, SHOP)
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()


def test_other_images_of_the_file_stay_and_one_without_a_name_left_goes(tmp_path: Path) -> None:
    shop, base, new = plain("shop"), plain("base"), plain("new")
    path = written(tmp_path / "a.tar", modern((SHOP, shop), (None, base)))
    with opened(path) as archive:
        store(new, archive, SHOP)
        assert archive.manifest(shop.digest).document == shop.document  # as long as the old file is open
    with opened(path) as archive:
        assert (archive.resolve("@0"), archive.resolve("@1"), archive.resolve("@2")) == (new.digest, base.digest, None)
        with pytest.raises(ImageNotFound):
            archive.manifest(shop.digest)


def test_an_image_that_is_put_at_a_position_gets_the_names_there(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tar", modern((SHOP, plain("a"))))
    with opened(path) as archive:
        store(plain("b"), archive, "@0")
        assert archive.resolve(SHOP) == plain("b").digest
        with pytest.raises(TransportError) as raised:
            store(plain("c"), archive, "@2")
        assert raised.value.code == "archive-unwritable"


def test_a_failure_while_it_is_written_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.tar", modern((SHOP, plain("a"))))
    before = path.read_bytes()
    with opened(path) as archive:
        image = plain("b")
        store(image, archive)
        archive.put_manifest(image.document)
        monkeypatch.setattr(docker_archive, "replace_file", _no_room)
        monkeypatch.setattr(archive, "put_manifest", lambda _document: None)
        with pytest.raises(TransportError) as raised:
            archive.put_tag(SHOP, image.document)
    assert raised.value.code == "archive-unwritable"
    assert "No space left" in raised.value.message
    assert path.read_bytes() == before


def _no_room(*_arguments: object, **_keywords: object) -> None:
    raise OSError(28, "No space left on device")


def test_another_writer_s_archive_is_seen(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tar", modern((SHOP, plain("a"))))
    with opened(path) as archive:
        assert archive.resolve(SHOP) == plain("a").digest
        with opened(path) as other:
            store(plain("b"), other, SHOP)
        assert archive.resolve(SHOP) == plain("b").digest


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with opened(tmp_path / "gone" / "a.tar") as archive:
        with pytest.raises(TransportError) as raised:
            store(plain("a"), archive, SHOP)
        assert raised.value.code == "archive-unwritable"


def test_nothing_stays_open_or_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    with opened(tmp_path / "a.tar") as archive:
        store(plain("a"), archive, SHOP)
        assert archive.resolve(SHOP)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert list((tmp_path / "t").iterdir()) == []


def test_any_bytes_are_an_archive_or_a_documented_error(tmp_path: Path) -> None:
    good = io.BytesIO(a_tar_of(modern((SHOP, plain("a"))))).getvalue()
    for at in range(0, len(good), 97):
        (tmp_path / "a.tar").write_bytes(good[:at] + b"\xff" + good[at + 1 :])
        with opened(tmp_path / "a.tar") as archive:
            try:
                archive.manifest(SHOP)
            except (TransportError, ImageError):
                continue
