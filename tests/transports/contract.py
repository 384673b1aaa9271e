"""How every place where images live behaves. One suite; test_contract.py gives it the places."""

import hashlib
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from rebaser.errors import ImageError, ImageNotFound, RebaserError, TransportError
from rebaser.oci import media_types
from rebaser.oci.descriptor import describe, descriptor
from rebaser.oci.digest import Digest, digest_of
from rebaser.oci.document import MAX_MANIFEST, Document, new_document, parse_document
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.strict_json import JsonObject
from rebaser.transports.base import ImageStore, read_blob
from tests.builders import AnImage, a_layer, an_image, an_index, attestation, content_of, store
from tests.invariants import assert_valid

ABSENT = Digest("sha256:" + "0" * 64)
OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Place:
    """An empty store, and a way to spoil what it holds: the bytes take the place of the digest's own."""

    store: ImageStore
    spoil: Callable[[Digest, bytes], None]


def an_app() -> AnImage:
    return an_image([a_layer({"etc/passwd": "root"}), a_layer({"app": "1"}, compression="plain")], env=["A=b"])


@contextmanager
def _breaks_off() -> Iterator[Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        yield b"half of "
        raise TransportError("registry-unreachable", "the line is dead", "try again")

    yield chunks()


class StoreContract:
    # reading back

    def test_an_image_comes_out_as_the_bytes_that_went_in(self, place: Place) -> None:
        app = an_app()
        store(app, place.store, "1")
        manifest = place.store.manifest("1")
        assert isinstance(manifest, Manifest)
        assert manifest.document.content == app.content
        assert manifest.document.media_type == "application/vnd.oci.image.manifest.v1+json"
        assert read_blob(place.store, manifest.view.config, 1000) == app.config
        assert read_blob(place.store, manifest.view.layers[1], 100_000) == app.layers[1].content
        assert_valid(place.store, "1")

    def test_an_index_comes_out_with_its_children(self, place: Place) -> None:
        app = an_app()
        index = an_index([app, attestation(app), an_index([app])])
        store(index, place.store, "1")
        found = place.store.manifest("1")
        assert isinstance(found, Index)
        assert found.document.content == index.content
        assert place.store.manifest(found.view.manifests[0].digest, found.view.manifests[0]).document == app.document
        assert_valid(place.store, "1")

    def test_docker_images_keep_their_family(self, place: Place) -> None:
        store(an_index([an_image(family="docker")], family="docker"), place.store, "1")
        kind = place.store.manifest("1").document.media_type
        assert kind == "application/vnd.docker.distribution.manifest.list.v2+json"
        assert_valid(place.store, "1")

    def test_a_manifest_is_found_by_tag_and_by_digest(self, place: Place) -> None:
        app = an_app()
        store(app, place.store, "1")
        assert place.store.resolve("1") == app.digest
        assert place.store.manifest(app.digest).document == place.store.manifest("1").document

    def test_a_manifest_without_a_tag_is_found_by_digest(self, place: Place) -> None:
        app = an_app()
        store(app, place.store)
        assert place.store.manifest(app.digest).document.content == app.content

    def test_a_manifest_that_does_not_say_its_media_type_is_read(self, place: Place) -> None:
        app = an_image(manifest_members={"mediaType": None})
        store(app, place.store, "1")
        assert place.store.manifest("1").document.media_type == "application/vnd.oci.image.manifest.v1+json"

    def test_sha512_is_read_and_verified(self, place: Place) -> None:
        app = an_app()
        store(app, place.store)
        digest = Digest("sha512:" + hashlib.sha512(app.content).hexdigest())
        place.store.put_manifest(parse_document(app.media_type, app.content, MAX_MANIFEST, digest))
        assert place.store.manifest(digest).document.digest == digest
        blob = descriptor(OCTETS, Digest("sha512:" + hashlib.sha512(b"six").hexdigest()), 3)
        place.store.put_blob(blob, content_of(b"six"))
        assert read_blob(place.store, blob, 3) == b"six"

    def test_an_empty_blob_is_a_blob(self, place: Place) -> None:
        empty = descriptor(OCTETS, digest_of(b""), 0)
        place.store.put_blob(empty, content_of(b""))
        assert place.store.has_blob(empty)
        assert read_blob(place.store, empty, 0) == b""

    def test_a_large_blob_is_read_without_holding_it(self, place: Place) -> None:
        content = bytes(range(256)) * 4 * 1024 * 5  # 5 MiB
        large = descriptor(OCTETS, digest_of(content), len(content))
        place.store.put_blob(large, content_of(content))
        tracemalloc.start()
        with place.store.blob(large) as chunks:
            longest = max(map(len, chunks))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert longest <= 1024 * 1024
        assert peak < 2 * 1024 * 1024

    def test_a_reference_without_a_tag_means_latest_among_several_images(self, place: Place) -> None:
        store(an_app(), place.store, "1")
        store(an_image(), place.store, "latest")
        assert place.store.untagged() == "latest"

    # what is not there

    def test_an_unknown_tag_resolves_to_nothing(self, place: Place) -> None:
        assert place.store.resolve("1") is None
        store(an_app(), place.store, "1")
        assert place.store.resolve("2") is None

    @pytest.mark.parametrize("name", ["2", ABSENT])
    def test_an_unknown_manifest_is_not_found(self, place: Place, name: str) -> None:
        with pytest.raises(ImageNotFound):
            place.store.manifest(name)
        store(an_app(), place.store, "1")
        with pytest.raises(ImageNotFound):
            place.store.manifest(name)

    def test_an_unknown_blob_is_not_found(self, place: Place) -> None:
        absent = descriptor(OCTETS, ABSENT, 3)
        assert not place.store.has_blob(absent)
        with pytest.raises(ImageNotFound), place.store.blob(absent) as chunks:
            list(chunks)

    # what is not what it should be

    @pytest.mark.parametrize("served", [b"other bytes, x", b"short", b"these bytes are too many", b""])
    def test_a_blob_that_is_not_its_digest_s_is_refused_at_its_end(self, place: Place, served: bytes) -> None:
        content = b"fourteen bytes"
        blob = descriptor(OCTETS, digest_of(content), len(content))
        place.store.put_blob(blob, content_of(content))
        place.spoil(blob.digest, served)
        with pytest.raises(ImageError) as refusal:
            read_blob(place.store, blob, 100)
        assert refusal.value.code == "digest-mismatch"

    @pytest.mark.parametrize("change", [lambda b: b.replace(b"2", b"3", 1), lambda b: b[:-1], lambda b: b + b" "])
    def test_a_manifest_that_is_not_its_digest_s_is_refused(
        self, place: Place, change: Callable[[bytes], bytes]
    ) -> None:
        app = an_app()
        store(app, place.store)
        place.spoil(app.digest, change(app.content))
        for expected in (None, app.descriptor):
            with pytest.raises(ImageError) as refusal:
                place.store.manifest(app.digest, expected)
            assert refusal.value.code == "digest-mismatch"

    @pytest.mark.parametrize("difference", [-1, 1])
    def test_a_manifest_of_another_size_than_the_index_says_is_refused(self, place: Place, difference: int) -> None:
        app = an_app()
        store(app, place.store)
        wrong = descriptor(app.media_type, app.digest, len(app.content) + difference)
        with pytest.raises(ImageError) as refusal:
            place.store.manifest(app.digest, wrong)
        assert refusal.value.code == "digest-mismatch"

    def test_a_manifest_of_another_type_than_the_index_says_is_refused(self, place: Place) -> None:
        app = an_app()
        store(app, place.store)
        wrong = descriptor("application/vnd.oci.image.index.v1+json", app.digest, len(app.content))
        with pytest.raises(ImageError) as refusal:
            place.store.manifest(app.digest, wrong)
        assert refusal.value.code == "document-invalid"

    # writing

    @pytest.mark.parametrize("sent", [b"other bytes, x", b"short", b"these bytes are too many"])
    def test_bytes_that_are_not_the_digest_s_are_not_stored(self, place: Place, sent: bytes) -> None:
        blob = descriptor(OCTETS, digest_of(b"fourteen bytes"), 14)
        with pytest.raises(RebaserError):
            place.store.put_blob(blob, content_of(sent))
        assert not place.store.has_blob(blob)

    def test_half_a_blob_is_no_blob_and_can_be_put_again(self, place: Place) -> None:
        blob = descriptor(OCTETS, digest_of(b"half of it"), 10)
        with pytest.raises(TransportError):
            place.store.put_blob(blob, _breaks_off)
        assert not place.store.has_blob(blob)
        place.store.put_blob(blob, content_of(b"half of it"))
        assert read_blob(place.store, blob, 10) == b"half of it"

    def test_a_blob_can_be_put_twice(self, place: Place) -> None:
        blob = descriptor(OCTETS, digest_of(b"twice"), 5)
        place.store.put_blob(blob, content_of(b"twice"))
        place.store.put_blob(blob, content_of(b"twice"))
        assert read_blob(place.store, blob, 5) == b"twice"

    def test_a_blob_of_many_small_chunks_is_put(self, place: Place) -> None:
        content = bytes(range(256)) * 10
        blob = descriptor(OCTETS, digest_of(content), len(content))
        place.store.put_blob(blob, content_of(content, chunk=7))
        assert read_blob(place.store, blob, 10_000) == content

    def test_a_tag_moves_when_it_is_put_and_not_before(self, place: Place) -> None:
        before, after = an_image(env=["V=1"]), an_image(env=["V=2"])
        store(before, place.store, "1")
        store(after, place.store)
        assert place.store.resolve("1") == before.digest
        place.store.put_tag("1", after.document)
        assert place.store.resolve("1") == after.digest
        assert place.store.manifest(before.digest).document == before.document

    def test_a_tag_can_be_put_twice(self, place: Place) -> None:
        app = an_app()
        store(app, place.store, "1")
        place.store.put_tag("1", app.document)
        assert place.store.resolve("1") == app.digest

    def test_an_image_can_have_several_tags(self, place: Place) -> None:
        app = an_app()
        store(app, place.store, "1")
        place.store.put_tag("1.2", app.document)
        store(an_image(), place.store, "latest")
        assert [place.store.resolve(tag) for tag in ("1", "1.2")] == [app.digest, app.digest]
        assert place.store.resolve("latest") == an_image().digest

    def test_several_threads_write_without_losing_anything(self, place: Place) -> None:
        images = [an_image(env=[f"NUMBER={number}"]) for number in range(12)]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda pair: store(pair[1], place.store, f"v{pair[0]}"), enumerate(images)))
        assert [place.store.resolve(f"v{number}") for number in range(12)] == [image.digest for image in images]
        for image in images:
            assert_valid(place.store, image.digest, describe(image.document))

    def test_a_blob_of_the_place_itself_is_mounted_only_if_it_is_there(self, place: Place) -> None:
        blob = descriptor(OCTETS, digest_of(b"mine"), 4)
        assert not place.store.mount_blob(blob, place.store.repository)
        place.store.put_blob(blob, content_of(b"mine"))
        assert place.store.mount_blob(blob, place.store.repository)

    # referrers

    def test_what_refers_to_an_image_is_found_by_its_digest(self, place: Place) -> None:
        app = an_app()
        store(app, place.store, "1")
        assert place.store.referrers(app.digest) == ()
        one, two = (_referrer(place, app, f"application/vnd.{name}.v1") for name in ("one", "two"))
        for document in (one, two, one):
            place.store.put_referrer(document)
        found = place.store.referrers(app.digest)
        assert {(entry.digest, entry.artifact_type) for entry in found} == {
            (one.digest, "application/vnd.one.v1"),
            (two.digest, "application/vnd.two.v1"),
        }
        assert len(found) == 2
        assert place.store.resolve("1") == app.digest


def _referrer(place: Place, subject: AnImage, kind: str) -> Document:
    nothing = new_document(media_types.OCI_EMPTY, {})
    place.store.put_blob(describe(nothing), content_of(nothing.content))
    raw: JsonObject = {
        "schemaVersion": 2,
        "mediaType": media_types.OCI_MANIFEST,
        "artifactType": kind,
        "config": describe(nothing).raw,
        "layers": [describe(nothing).raw],
        "subject": describe(subject.document).raw,
    }
    return new_document(media_types.OCI_MANIFEST, raw)
