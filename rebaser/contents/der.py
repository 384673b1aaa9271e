"""The elements of what is written in DER, as certificates are. X.690."""

from collections.abc import Iterator

from rebaser.contents.malformed import MalformedError

BOOLEAN = 0x01  # a tag


def elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of each element that stands in `der`, those inside of them not.

    Raises:
        MalformedError: one of them is cut off.
    """
    at = 0
    while at + 2 <= len(der):
        tag, length, begin = der[at], der[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, begin = int.from_bytes(der[begin : begin + count], "big"), begin + count
        end = begin + length
        if end > len(der):
            raise MalformedError("a certificate is cut off")
        yield tag, der[begin:end]
        at = end
