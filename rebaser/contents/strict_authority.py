"""Why would a verification that goes strictly by the standard refuse what an authority has issued? RFC 5280, 4.2.1.

That is what OpenSSL 3 asks more with X509_V_FLAG_X509_STRICT, which Python sets since 3.13: x509_verify(3),
X509_VERIFY_PARAM_set_flags(3). What OpenSSL refuses anyway is not told; nor are certificates that do not say that they
are an authority's, though some are.
"""

from collections.abc import Iterator, Mapping

from rebaser.contents.der import BOOLEAN, elements
from rebaser.contents.malformed import MalformedError

_EXTENSIONS = 0xA3
_SUBJECT_KEY, _KEY_USAGE, _CONSTRAINTS = b"\x55\x1d\x0e", b"\x55\x1d\x0f", b"\x55\x1d\x13"


def faults(der: bytes) -> tuple[str, ...]:
    """Return what a certificate of an authority lacks; nothing for one that is none, or cannot be made out."""
    try:
        found = _extensions(der)
        return tuple(_faults(found)) if _is_authority(found) else ()
    except (StopIteration, ValueError, MalformedError):
        return ()


def _faults(found: Mapping[bytes, tuple[bool, bytes]]) -> Iterator[str]:
    if _KEY_USAGE not in found:
        yield "it has no keyUsage"
    if not found[_CONSTRAINTS][0]:
        yield "its basicConstraints are not critical"
    if _SUBJECT_KEY not in found:
        yield "it has no subjectKeyIdentifier"


def _is_authority(found: Mapping[bytes, tuple[bool, bytes]]) -> bool:
    if _CONSTRAINTS not in found:
        return False
    _, constraints = next(elements(found[_CONSTRAINTS][1]))
    tag, value = next(elements(constraints), (0, b""))
    return tag == BOOLEAN and any(value)


def _extensions(der: bytes) -> Mapping[bytes, tuple[bool, bytes]]:
    """Return by identifier whether an extension is critical, and its value."""
    _, certificate = next(elements(der))
    _, signed = next(elements(certificate))
    _, told = next(one for one in elements(signed) if one[0] == _EXTENSIONS)
    _, listed = next(elements(told))
    found = {}
    for _, extension in elements(listed):
        (_, identifier), *critical, (_, value) = elements(extension)
        found[identifier] = (any(any(one) for _, one in critical), value)
    return found
