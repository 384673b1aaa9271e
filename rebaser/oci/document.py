"""A document as it was stored: its bytes, never re-encoded, beside what they say."""

from dataclasses import dataclass, field

from rebaser.errors import ImageError
from rebaser.oci.digest import Digest, digest_of
from rebaser.oci.strict_json import JsonObject, parse, write
from rebaser.printable import printable

MAX_MANIFEST = 4 * 1024 * 1024  # bytes of an index or manifest; registries refuse larger ones
MAX_CONFIG = 8 * 1024 * 1024  # bytes of an image config


@dataclass(frozen=True, slots=True)
class Document:
    """An index, a manifest or a config. `json` is a reading of `content` and is never changed in place."""

    media_type: str
    content: bytes
    json: JsonObject = field(compare=False, repr=False)
    digest: Digest

    @property
    def size(self) -> int:
        """Return the number of bytes."""
        return len(self.content)


def parse_document(media_type: str, content: bytes, limit: int, digest: Digest | None = None) -> Document:
    """Return the document that `content` is; `digest` is given where it was verified under another algorithm.

    Raises:
        ImageError: `document-invalid`, when it is not strict JSON, not an object, or too large.
    """
    try:
        value = parse(content, limit)
    except ValueError as error:
        raise invalid(str(error), digest or digest_of(content)) from error
    if not isinstance(value, dict):
        raise invalid("it is not a JSON object", digest or digest_of(content))
    return Document(media_type, content, value, digest or digest_of(content))


def new_document(media_type: str, value: JsonObject) -> Document:
    """Return a document of our own: compact UTF-8 JSON."""
    content = write(value)
    return Document(media_type, content, value, digest_of(content))


def invalid(what: str, digest: Digest) -> ImageError:
    """Return the error for a document that does not say what it must."""
    return ImageError(
        "document-invalid",
        f"The document {digest} cannot be used: {printable(what)}",
        "Rebuild or re-push the image that `image`, `old-base` or `new-base` names; this one is broken.",
    )
