"""Certificates in a bundle: their fingerprints, and the names that people know them by. RFC 7468, RFC 5280.

A certificate is compared by its bytes. Its subject is looked into, for messages, and what `strict_authority` asks; its
validity is not judged.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from rebaser.contents.der import elements
from rebaser.contents.malformed import MalformedError
from rebaser.contents.strict_authority import faults

_MAX = 16 << 20
_BLOCK = re.compile(
    rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([^-]*)-----END (?:TRUSTED |X509 )?CERTIFICATE-----"
)
_NAMES = (b"\x55\x04\x03", b"\x55\x04\x0b", b"\x55\x04\x0a")  # common name, organisational unit, organisation
_UTF_16 = 0x1E
_BEFORE_SUBJECT = 5  # version, serial number, signature, issuer, validity


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate: the sha256 of its DER form in hexadecimal, and its subject's name.

    `faults` are the reasons for which strict verification refuses it as an authority.
    """

    fingerprint: str
    subject: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A certificate's place in a bundle: the certificate with the text before it and the end of its line.

    `fingerprint` is the sha256 of its DER form in hexadecimal.
    """

    fingerprint: str
    text: bytes


def read_bundle(body: bytes) -> tuple[Certificate, ...]:
    """Return the certificates of a bundle in PEM form, in its order; text between them is passed over.

    Raises:
        MalformedError: it is too large, or a block is not Base64.
    """
    ders = [_der(block) for block in _blocks(body)]
    return tuple(Certificate(hashlib.sha256(der).hexdigest(), _subject(der), faults(der)) for der in ders)


def split_bundle(body: bytes) -> tuple[tuple[Block, ...], bytes]:
    """Return the blocks of a bundle in PEM form, in its order, and what stands behind the last; together all of it.

    Raises:
        MalformedError: it is too large, or a block is not Base64.
    """
    found = []
    begin = 0
    for block in _blocks(body):
        end = block.end()
        end += next((len(line) for line in (b"\n", b"\r\n") if body.startswith(line, end)), 0)
        found.append(Block(hashlib.sha256(_der(block)).hexdigest(), body[begin:end]))
        begin = end
    return tuple(found), body[begin:]


def _blocks(body: bytes) -> Iterator[re.Match[bytes]]:
    if len(body) > _MAX:
        raise MalformedError(f"the bundle of certificates has {len(body)} bytes")
    return _BLOCK.finditer(body)


def _der(block: re.Match[bytes]) -> bytes:
    try:
        return base64.b64decode(b"".join(block[1].split()), validate=True)
    except binascii.Error as error:
        raise MalformedError("a certificate is not in Base64") from error


def _subject(der: bytes) -> str:
    """Return the subject's common name, or else its unit or organisation; empty where it can't be made out."""
    try:
        _, outer = next(elements(der))
        _, inner = next(elements(outer))
        fields = list(elements(inner))
        fields = fields if fields[0][0] != 0xA0 else fields[1:]  # noqa: PLR2004  a version 1 has no number
        return _name(fields[_BEFORE_SUBJECT - 1][1])
    except (StopIteration, IndexError, MalformedError):
        return ""


def _name(subject: bytes) -> str:
    said: dict[bytes, str] = {}
    for _, group in elements(subject):
        for _, pair in elements(group):
            (_, kind), (tag, value) = list(elements(pair))[:2]
            said[kind] = value.decode("utf-16-be" if tag == _UTF_16 else "utf-8", "replace")
    return next((said[name] for name in _NAMES if name in said), "")
