"""Digests of blobs, and diff IDs of layers: two types that look alike and must never be mixed up.

image-spec descriptor.md#digests, config.md#layer-diffid.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NewType

from rebaser.errors import ImageError

Digest = NewType("Digest", str)
"""Of the bytes as stored: of a document, or of a compressed layer."""

DiffId = NewType("DiffId", str)
"""Of a layer's uncompressed tar: the identity of what the layer contains, whatever its compression."""

_HEX_LENGTH = {"sha256": 64, "sha512": 128}
_FORM = re.compile(r"(sha256|sha512):([0-9a-f]+)")


def parse_digest(text: str) -> Digest:
    """Return `text` as a digest; only this type ever becomes part of a URL or of a file's name.

    Raises:
        ValueError: not `sha256:` or `sha512:` with that many lower-case hexadecimal digits.
    """
    match = _FORM.fullmatch(text)
    if match is None or len(match[2]) != _HEX_LENGTH[match[1]]:
        raise ValueError(f"{text[:100]!r} is not a sha256 or sha512 digest")
    return Digest(text)


def parse_diff_id(text: str) -> DiffId:
    """Return `text` as a diff ID; see `parse_digest`."""
    return DiffId(parse_digest(text))


def digest_of(content: bytes) -> Digest:
    """Return the sha256 digest of `content`."""
    return Digest("sha256:" + hashlib.sha256(content).hexdigest())


def algorithm(digest: Digest) -> str:
    """Return `sha256` or `sha512`."""
    return digest.partition(":")[0]


def encoded(digest: Digest) -> str:
    """Return the hexadecimal part."""
    return digest.partition(":")[2]


def matches(content: bytes, digest: Digest) -> bool:
    """Answer whether `content` hashes to `digest`, by the digest's own algorithm."""
    return hashlib.new(algorithm(digest), content).hexdigest() == encoded(digest)


def verified(chunks: Iterable[bytes], digest: Digest, size: int, where: str) -> Iterator[bytes]:
    """Yield `chunks` unchanged, and stop with an error at the first byte too many or at an end that doesn't fit.

    Nothing may be concluded from the bytes before the iterator is exhausted.

    Raises:
        ImageError: `digest-mismatch`, when size or digest differ; `where` says what was read.
    """
    hasher = hashlib.new(algorithm(digest))
    seen = 0
    for chunk in chunks:
        seen += len(chunk)
        if seen > size:
            raise mismatch(where, f"more than the {size} bytes that were announced")
        hasher.update(chunk)
        yield chunk
    if seen != size:
        raise mismatch(where, f"{seen} bytes instead of {size}")
    if hasher.hexdigest() != encoded(digest):
        raise mismatch(where, f"bytes that do not hash to {digest}")


def mismatch(where: str, what: str) -> ImageError:
    """Return the error for bytes that are not those that were asked for. Never retried, never ignored."""
    return ImageError(
        "digest-mismatch",
        f"{where} answered {what}",
        "Do not use this source: ask whoever runs it, or name the image at another place in `image` or `new-base`.",
    )
