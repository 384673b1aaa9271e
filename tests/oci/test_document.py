import pytest

from rebaser.errors import ImageError
from rebaser.oci.digest import Digest, digest_of
from rebaser.oci.document import MAX_CONFIG, MAX_MANIFEST, new_document, parse_document

KIND = "application/vnd.oci.image.config.v1+json"


def test_a_document_keeps_its_bytes() -> None:
    content = b'{ "b": 1.50,\n  "a": null }\n'
    document = parse_document(KIND, content, 100)
    assert document.content is content
    assert document.json == {"b": 1.5, "a": None}
    assert (document.media_type, document.size, document.digest) == (KIND, 27, digest_of(content))


def test_a_digest_that_was_verified_is_kept() -> None:
    sha512 = Digest("sha512:" + "0" * 128)
    assert parse_document(KIND, b"{}", 2, sha512).digest == sha512


@pytest.mark.parametrize("content", [b"[]", b"null", b'"text"', b"1", b"", b"{", b'{"a":1,"a":2}', b"\xff"])
def test_what_is_no_object_is_refused_with_its_digest(content: bytes) -> None:
    with pytest.raises(ImageError, match=digest_of(content)) as refusal:
        parse_document(KIND, content, 100)
    assert refusal.value.code == "document-invalid"


@pytest.mark.parametrize("limit", [MAX_MANIFEST, MAX_CONFIG])
def test_size_is_accepted_to_the_limit_and_not_beyond(limit: int) -> None:
    assert parse_document(KIND, b"{}".ljust(limit), limit).size == limit
    with pytest.raises(ImageError) as refusal:
        parse_document(KIND, b"{}".ljust(limit + 1), limit)
    assert refusal.value.code == "document-invalid"


def test_the_limits_are_those_of_registries() -> None:
    assert (MAX_MANIFEST, MAX_CONFIG) == (4_194_304, 8_388_608)


def test_a_document_of_our_own_is_compact() -> None:
    document = new_document(KIND, {"b": "ä", "a": [1]})
    assert document.content == '{"b":"ä","a":[1]}'.encode()
    assert document.digest == digest_of(document.content)
    assert document == parse_document(KIND, document.content, 100)


def test_a_refusal_shows_nothing_active() -> None:
    with pytest.raises(ImageError) as refusal:
        parse_document(KIND, '{"\x7f\u202e":1,"\x7f\u202e":2}'.encode(), 100)
    assert "\u202e" not in refusal.value.message
    assert "\x7f" not in refusal.value.message
