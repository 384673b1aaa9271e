import errno
import json
import os
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from rebaser.errors import ImageError, ImageNotFound, TransportError
from rebaser.oci.descriptor import Descriptor, descriptor
from rebaser.oci.digest import Digest, digest_of, encoded
from rebaser.oci.document import MAX_MANIFEST
from rebaser.oci.reference import Repository, Transport
from rebaser.transports import directory as files
from rebaser.transports.base import read_blob
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.traffic import Traffic
from tests.builders import an_image, an_index, content_of, store

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
HELLO = descriptor("application/octet-stream", digest_of(b"hello"), 5)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "layout"


@pytest.fixture
def layout(directory: Path) -> OciLayout:
    return a_layout(directory)


def a_layout(directory: Path, traffic: Traffic | None = None) -> OciLayout:
    return OciLayout(Repository(Transport.OCI_LAYOUT, "", str(directory)), traffic or Traffic())


def write_index(directory: Path, *entries: object, **members: object) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (directory / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": entries, **members}))


def an_entry(digest: Digest, tag: str | None = None, size: int = 2, **members: object) -> dict[str, object]:
    notes = {"annotations": {"org.opencontainers.image.ref.name": tag}} if tag else {}
    return {"mediaType": OCI_MANIFEST, "digest": digest, "size": size, **notes, **members}


def blob_file(directory: Path, digest: Digest) -> Path:
    return directory / "blobs" / "sha256" / encoded(digest)


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.rglob("*"))


# The form of the directory


def test_the_first_write_makes_a_layout_of_a_missing_directory(tmp_path: Path) -> None:
    directory = tmp_path / "not" / "there"
    a_layout(directory).put_blob(HELLO, content_of(b"hello"))
    assert json.loads((directory / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    assert json.loads((directory / "index.json").read_bytes()) == {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [],
    }
    assert blob_file(directory, HELLO.digest).read_bytes() == b"hello"


def test_files_can_be_read_by_others(layout: OciLayout, directory: Path) -> None:
    before = os.umask(0o022)
    store(an_image(), layout, "1")
    os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in directory.rglob("*") if path.is_file()}
    assert modes == {0o644}


def test_reading_makes_nothing(layout: OciLayout, directory: Path) -> None:
    assert layout.resolve("1") is None
    assert layout.untagged() == "latest"
    assert not layout.has_blob(HELLO)
    assert not directory.exists()


def test_a_missing_directory_names_the_inputs_to_change(layout: OciLayout, directory: Path) -> None:
    with pytest.raises(ImageNotFound) as refusal:
        layout.manifest("1")
    assert str(directory) in refusal.value.message
    assert "`image`" in refusal.value.remedy


def test_a_directory_that_is_no_layout_has_no_images(layout: OciLayout, directory: Path) -> None:
    directory.mkdir()
    (directory / "index.json").write_text('{"manifests": []}')
    assert layout.resolve("1") is None
    with pytest.raises(ImageNotFound):
        layout.manifest("1")


def test_a_layout_without_index_json_has_no_images_yet(layout: OciLayout, directory: Path) -> None:
    directory.mkdir()
    (directory / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    assert layout.resolve("1") is None
    store(an_image(), layout, "1")
    assert layout.resolve("1") == an_image().digest


@pytest.mark.parametrize(
    "marker",
    ['{"imageLayoutVersion": "2.0.0"}', "{}", "[]", "", '{"imageLayoutVersion": 1}', "\ufeff{}", "1" * 5_000_000],
)
def test_a_layout_of_another_version_is_refused(layout: OciLayout, directory: Path, marker: str) -> None:
    write_index(directory)
    (directory / "oci-layout").write_text(marker)
    with pytest.raises(TransportError) as refusal:
        layout.resolve("1")
    assert refusal.value.code == "layout-invalid"
    with pytest.raises(TransportError):
        layout.put_blob(HELLO, content_of(b"hello"))


@pytest.mark.parametrize(
    "index",
    [
        "",
        "[]",
        "{",
        '{"manifests": {}}',
        '{"manifests": [], "manifests": []}',
        '{"manifests": [NaN]}',
        '{"manifests": ' + "[" * 100 + "]" * 100 + "}",
    ],
)
def test_a_broken_index_json_is_refused_and_not_overwritten(layout: OciLayout, directory: Path, index: str) -> None:
    write_index(directory)
    (directory / "index.json").write_text(index)
    uses: list[Callable[[], object]] = [
        layout.untagged,
        lambda: layout.resolve("1"),
        lambda: layout.put_tag("1", an_image().document),
    ]
    for use in uses:
        with pytest.raises(TransportError) as refusal:
            use()
        assert refusal.value.code == "layout-invalid"
    assert (directory / "index.json").read_text() == index


def test_index_json_is_read_up_to_4_mib_and_no_further(layout: OciLayout, directory: Path) -> None:
    write_index(directory)
    index = (directory / "index.json").read_bytes()
    (directory / "index.json").write_bytes(index.ljust(MAX_MANIFEST))
    assert layout.resolve("1") is None
    (directory / "index.json").write_bytes(index.ljust(MAX_MANIFEST + 1))
    with pytest.raises(TransportError) as refusal:
        layout.resolve("1")
    assert refusal.value.code == "layout-invalid"


def test_a_tag_that_would_make_index_json_unreadable_is_refused(layout: OciLayout, directory: Path) -> None:
    write_index(directory, note="x" * (MAX_MANIFEST - 200))
    with pytest.raises(TransportError) as refusal:
        layout.put_tag("1", an_image().document)
    assert refusal.value.code == "layout-unwritable"
    assert layout.resolve("1") is None


def test_a_layout_as_umoci_makes_it_has_no_images_yet(layout: OciLayout, directory: Path) -> None:
    write_index(directory)
    (directory / "index.json").write_text('{"schemaVersion":2,"manifests":null}')
    assert layout.untagged() == "latest"
    store(an_image(), layout, "1")
    assert layout.untagged() == "1"


def test_a_path_that_is_a_file_is_no_layout(layout: OciLayout, directory: Path) -> None:
    directory.write_text("hello")
    uses: list[Callable[[], object]] = [
        lambda: layout.resolve("1"),
        lambda: layout.put_blob(HELLO, content_of(b"hello")),
    ]
    for use in uses:
        with pytest.raises(TransportError) as refusal:
            use()
        assert refusal.value.code == "layout-invalid"
    assert not layout.has_blob(HELLO)


# Tags


def test_a_tag_replaces_its_own_entry_and_leaves_the_rest_as_it_was(layout: OciLayout, directory: Path) -> None:
    old, new = an_image(env=["V=1"]), an_image(env=["V=2"])
    write_index(
        directory,
        an_entry(old.digest, "first", vendor={"b": 1, "a": 1.50}),
        an_entry(old.digest, "mine", platform={"os": "linux", "architecture": "arm64"}, vendor=1),
        an_entry(old.digest),
        {"broken": True},
        annotations={"z": "1", "a": "2"},
    )
    before = json.loads((directory / "index.json").read_bytes())
    layout.put_tag("mine", new.document)
    after = json.loads((directory / "index.json").read_bytes())
    before["manifests"][1] = an_entry(new.digest, "mine", size=len(new.content))
    assert json.dumps(after["manifests"]) == json.dumps(before["manifests"])
    assert after["annotations"] == {"z": "1", "a": "2"}


def test_the_spelling_of_numbers_in_index_json_survives(layout: OciLayout, directory: Path) -> None:
    write_index(directory)
    (directory / "index.json").write_text('{"schemaVersion":2,"x":1.50,"manifests":[{"y":1e3}]}')
    layout.put_tag("1", an_image().document)
    assert (
        (directory / "index.json")
        .read_text()
        .startswith('{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"y":1e3},{')
    )
    assert '"x":1.50' in (directory / "index.json").read_text()


def test_a_moved_tag_keeps_the_name_that_buildx_gave_it(layout: OciLayout, directory: Path) -> None:
    notes = {
        "io.containerd.image.name": "docker.io/shop/app:1",
        "org.opencontainers.image.created": "2020-01-01T00:00:00Z",
        "org.opencontainers.image.ref.name": "1",
    }
    write_index(directory, an_entry(digest_of(b"{}"), annotations=notes))
    layout.put_tag("1", an_image().document)
    assert json.loads((directory / "index.json").read_bytes())["manifests"][0]["annotations"] == {
        "io.containerd.image.name": "docker.io/shop/app:1",
        "org.opencontainers.image.ref.name": "1",
    }


def test_a_tag_that_stood_twice_stands_once(layout: OciLayout, directory: Path) -> None:
    write_index(directory, an_entry(digest_of(b"{}"), "1"), an_entry(digest_of(b"[]"), "1"))
    with pytest.raises(TransportError) as refusal:
        layout.resolve("1")
    assert refusal.value.code == "layout-invalid"
    layout.put_tag("1", an_image().document)
    assert layout.untagged() == "1"


def test_a_tag_that_stands_twice_for_one_image_is_clear(layout: OciLayout, directory: Path) -> None:
    write_index(directory, an_entry(digest_of(b"{}"), "1"), an_entry(digest_of(b"{}"), "1"))
    assert layout.resolve("1") == digest_of(b"{}")


def test_two_writers_do_not_lose_each_other_s_tags(directory: Path) -> None:
    image = an_image()

    def put(number: int) -> None:
        a_layout(directory).put_tag(f"v{number}", image.document)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(40)))
    assert len(json.loads((directory / "index.json").read_bytes())["manifests"]) == 40


@pytest.mark.parametrize(
    "entry",
    [
        {"digest": "sha256:../../etc/passwd"},
        {"digest": "sha256:ABC"},
        {"size": -1},
        {"size": 2.0},
        {"size": True},
        {"mediaType": None},
    ],
)
def test_a_broken_entry_is_refused_when_it_is_asked_for(
    layout: OciLayout, directory: Path, entry: dict[str, object]
) -> None:
    write_index(directory, an_entry(digest_of(b"{}"), "bad") | entry, an_entry(digest_of(b"{}"), "good"))
    assert layout.resolve("good") == digest_of(b"{}")
    with pytest.raises(TransportError) as refusal:
        layout.resolve("bad")
    assert refusal.value.code == "layout-invalid"


@pytest.mark.parametrize(
    "entry", [1, "text", None, [], {"annotations": []}, {"annotations": {"org.opencontainers.image.ref.name": 1}}]
)
def test_an_entry_that_is_none_is_passed_over(layout: OciLayout, directory: Path, entry: object) -> None:
    write_index(directory, entry, an_entry(digest_of(b"{}"), "1"))
    assert layout.resolve("1") == digest_of(b"{}")
    layout.put_tag("2", an_image().document)
    assert json.loads((directory / "index.json").read_bytes())["manifests"][0] == entry


def test_the_only_image_needs_no_tag(layout: OciLayout) -> None:
    assert layout.untagged() == "latest"
    store(an_image(), layout, "1")
    assert layout.untagged() == "1"
    store(an_image(env=["A=b"]), layout, "2")
    assert layout.untagged() == "latest"


def test_the_only_image_without_a_name_is_meant_by_its_digest(layout: OciLayout, directory: Path) -> None:
    entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest_of(b"{}"), "size": 2}
    write_index(directory, entry)
    assert layout.untagged() == digest_of(b"{}")


def test_a_name_that_is_no_digest_never_becomes_a_path(layout: OciLayout, directory: Path) -> None:
    store(an_image(), layout, "1")
    (directory / "blobs" / "secret").write_text("{}")
    for name in ("sha256:../secret", "../secret", "sha256:" + "A" * 64, "md5:" + "0" * 32):
        with pytest.raises(ImageNotFound):
            layout.manifest(name)


def test_a_tag_that_looks_like_another_s_digest_does_not_stand_for_it(layout: OciLayout, directory: Path) -> None:
    image, other = an_image(), an_image(env=["A=b"])
    store(image, layout)
    store(other, layout)
    write_index(directory, an_entry(other.digest, image.digest, size=len(other.content)))
    with pytest.raises(ImageError) as refusal:
        layout.manifest(image.digest)
    assert refusal.value.code == "digest-mismatch"


# Hostile content


def test_a_blob_that_is_a_symbolic_link_is_not_followed(layout: OciLayout, directory: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"hello")
    layout.put_blob(descriptor("x", digest_of(b""), 0), content_of(b""))
    blob_file(directory, HELLO.digest).symlink_to(tmp_path / "outside")
    assert not layout.has_blob(HELLO)
    with pytest.raises(TransportError) as refusal:
        read_blob(layout, HELLO, 5)
    assert refusal.value.code == "layout-invalid"
    layout.put_blob(HELLO, content_of(b"hello"))
    assert not blob_file(directory, HELLO.digest).is_symlink()


@pytest.mark.parametrize("link", ["blobs", "blobs/sha256"])
def test_nothing_is_read_or_written_through_a_linked_directory(
    layout: OciLayout, directory: Path, tmp_path: Path, link: str
) -> None:
    outside = tmp_path / "outside"
    (outside / "sha256").mkdir(parents=True)
    (outside / "sha256" / encoded(HELLO.digest)).write_bytes(b"hello")
    write_index(directory)
    (directory / link).parent.mkdir(exist_ok=True)
    (directory / link).symlink_to(outside if link == "blobs" else outside / "sha256")
    assert not layout.has_blob(HELLO)
    with pytest.raises(TransportError) as refusal:
        read_blob(layout, HELLO, 5)
    assert refusal.value.code == "layout-invalid"
    with pytest.raises(TransportError) as refusal:
        store(an_image(), layout)
    assert refusal.value.code == "layout-unwritable"
    assert names_in(outside) == sorted(["sha256", encoded(HELLO.digest)])


def test_a_linked_index_json_is_not_followed(layout: OciLayout, directory: Path, tmp_path: Path) -> None:
    write_index(directory)
    (directory / "index.json").rename(tmp_path / "outside")
    (directory / "index.json").symlink_to(tmp_path / "outside")
    with pytest.raises(TransportError) as refusal:
        layout.resolve("1")
    assert refusal.value.code == "layout-invalid"


def test_a_fifo_and_a_directory_are_no_blobs(layout: OciLayout, directory: Path) -> None:
    layout.put_blob(descriptor("x", digest_of(b""), 0), content_of(b""))
    path = blob_file(directory, HELLO.digest)
    for make, remove in ((os.mkfifo, Path.unlink), (Path.mkdir, Path.rmdir)):
        make(path)
        assert not layout.has_blob(HELLO)
        with pytest.raises(TransportError) as refusal:
            read_blob(layout, HELLO, 5)
        assert refusal.value.code == "layout-invalid"
        assert "is not a regular file" in refusal.value.message
        remove(path)


def test_a_huge_manifest_is_not_read(layout: OciLayout, directory: Path) -> None:
    image = an_image()
    store(image, layout)
    os.truncate(blob_file(directory, image.digest), 100 * 1024 * 1024 * 1024)
    with pytest.raises(ImageError) as refusal:
        layout.manifest(image.digest)
    assert refusal.value.code == "document-invalid"


def test_messages_show_nothing_active(layout: OciLayout, directory: Path) -> None:
    write_index(directory, {"digest": "x", "annotations": {"org.opencontainers.image.ref.name": "\x1b[31m"}})
    with pytest.raises(TransportError) as refusal:
        layout.resolve("\x1b[31m")
    assert "\x1b" not in refusal.value.message
    with pytest.raises(ImageNotFound) as refusal:
        layout.manifest("\x1b[32m")
    assert "\\x1b[32m" in refusal.value.message


# Writing


@pytest.mark.parametrize("sent", [b"HELLO", b"hell", b"hello!"])
def test_a_wrong_blob_leaves_nothing_behind(layout: OciLayout, directory: Path, sent: bytes) -> None:
    with pytest.raises(ImageError) as refusal:
        layout.put_blob(HELLO, content_of(sent))
    assert refusal.value.code == "digest-mismatch"
    assert names_in(directory) == ["blobs", "index.json", "oci-layout", "sha256"]


def test_a_full_disk_is_told_and_leaves_nothing_behind(layout: OciLayout, directory: Path) -> None:
    @contextmanager
    def full() -> Iterator[Iterator[bytes]]:
        def chunks() -> Iterator[bytes]:
            yield b"he"
            raise OSError(errno.ENOSPC, "No space left on device")

        yield chunks()

    with pytest.raises(TransportError) as refusal:
        layout.put_blob(HELLO, full)
    assert refusal.value.code == "layout-unwritable"
    assert "No space left on device" in refusal.value.message
    assert "room" in refusal.value.remedy
    assert names_in(directory) == ["blobs", "index.json", "oci-layout", "sha256"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TransportError):
        a_layout(tmp_path / "file" / "below").put_blob(HELLO, content_of(b"hello"))
    with pytest.raises(TransportError) as refusal:
        a_layout(Path("/proc/nothing")).put_blob(HELLO, content_of(b"hello"))
    assert refusal.value.code == "layout-unwritable"


def test_a_large_blob_is_written_without_holding_it(layout: OciLayout) -> None:
    content = bytes(5 * 1024 * 1024)
    large = descriptor("application/octet-stream", digest_of(content), len(content))
    tracemalloc.start()
    layout.put_blob(large, content_of(content))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1024 * 1024


def test_an_error_of_the_reader_s_own_is_not_the_layout_s(layout: OciLayout) -> None:
    layout.put_blob(HELLO, content_of(b"hello"))
    with pytest.raises(OSError, match="the reader's"), layout.blob(HELLO):
        raise OSError("the reader's")


def test_no_file_stays_open(layout: OciLayout, directory: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    store(an_index([an_image()]), layout, "1")
    blob_file(directory, HELLO.digest).mkdir()
    assert not layout.has_blob(HELLO)
    layout.manifest("1")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_bytes_are_counted(directory: Path) -> None:
    traffic = Traffic()
    layout = a_layout(directory, traffic)
    layout.put_blob(HELLO, content_of(b"hello"))
    assert (traffic.requests, traffic.bytes_up, traffic.bytes_down) == (0, 5, 0)
    read_blob(layout, HELLO, 5)
    assert (traffic.requests, traffic.bytes_up, traffic.bytes_down) == (0, 5, 5)


# From one layout to another


def test_a_blob_of_another_layout_is_linked(layout: OciLayout, directory: Path, tmp_path: Path) -> None:
    other = a_layout(tmp_path / "other")
    other.put_blob(HELLO, content_of(b"hello"))
    assert layout.mount_blob(HELLO, other.repository)
    assert layout.mount_blob(HELLO, other.repository)
    assert blob_file(directory, HELLO.digest).samefile(blob_file(tmp_path / "other", HELLO.digest))
    assert layout.resolve("1") is None


@pytest.mark.parametrize("spoilt", [b"HELLO", b"", b"hello, world"])
def test_a_spoilt_blob_of_another_layout_is_not_linked(layout: OciLayout, tmp_path: Path, spoilt: bytes) -> None:
    other = a_layout(tmp_path / "other")
    other.put_blob(HELLO, content_of(b"hello"))
    blob_file(tmp_path / "other", HELLO.digest).write_bytes(spoilt)
    assert not layout.mount_blob(HELLO, other.repository)
    assert not layout.has_blob(HELLO)


def test_where_no_link_can_be_made_the_blob_must_be_copied(
    layout: OciLayout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_file_system(*_args: object, **_keywords: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    other = a_layout(tmp_path / "other")
    other.put_blob(HELLO, content_of(b"hello"))
    monkeypatch.setattr(os, "link", another_file_system)
    assert not layout.mount_blob(HELLO, other.repository)
    assert not layout.has_blob(HELLO)


def test_a_registry_s_blob_is_not_mounted(layout: OciLayout) -> None:
    assert not layout.mount_blob(HELLO, Repository(Transport.REGISTRY, "docker.io", "library/debian"))


# The files below


def test_a_file_keeps_its_content_when_replacing_it_fails(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise KeyboardInterrupt

    (tmp_path / "file").write_bytes(b"old")
    with files.open_directory(str(tmp_path)) as directory:
        with pytest.raises(KeyboardInterrupt):
            files.replace_file("file", chunks(), directory)
        files.replace_file("other", [b"n", b"ew"], directory)
    assert (tmp_path / "file").read_bytes() == b"old"
    assert (tmp_path / "other").read_bytes() == b"new"
    assert names_in(tmp_path) == ["file", "other"]


def test_a_descriptor_of_the_index_may_be_given(layout: OciLayout) -> None:
    image = an_image()
    store(image, layout)
    assert layout.manifest(image.digest, image.descriptor).document == image.document
    elsewhere: Descriptor = an_image(env=["A=b"]).descriptor
    with pytest.raises(ImageError) as refusal:
        layout.manifest(image.digest, elsewhere)
    assert refusal.value.code == "digest-mismatch"
