"""Extended headers of a tar archive: POSIX.1-2001 pax records, and what GNU tar puts in their place."""

from collections.abc import Mapping

from rebaser.layers.limits import Limits, UnreadableError

Records = Mapping[str, bytes]
_LENGTH_DIGITS = 20
_SPARSE_PAIR = ("GNU.sparse.offset", "GNU.sparse.numbytes")  # repeated, in turn
_NO_NULS = ("path", "linkpath", "uname", "gname")


def read_records(body: bytes, limits: Limits) -> dict[str, bytes]:
    """Return the records, the last of those with one name.

    Raises:
        UnreadableError: a record is malformed; tar readers disagree on what such an archive holds.
    """
    records: dict[str, bytes] = {}
    pairs: list[bytes] = []
    at = 0
    while at < len(body):
        blank = body.find(b" ", at, at + _LENGTH_DIGITS)
        digits = body[at:blank]
        if blank < 0 or not digits.isdigit():
            raise UnreadableError("a pax record does not begin with its length")
        end = at + int(digits)
        record = body[blank + 1 : end]
        if not blank < end <= len(body) or record[-1:] != b"\n" or len(record) > limits.record:
            raise UnreadableError("a pax record has not the length that it gives")
        name, equals, value = record[:-1].partition(b"=")
        if not equals or not name:
            raise UnreadableError("a pax record has no name")
        key = _name(name, value)
        records[key] = value
        if key in _SPARSE_PAIR:
            pairs.append(value)
        at = end
    if pairs:
        records["GNU.sparse.map"] = b",".join(pairs)  # as the next version of that format has it
    return records


def number(value: bytes, what: str) -> int:
    """Return a record's whole number.

    Raises:
        UnreadableError: it is none.
    """
    if not value.isdigit() or len(value) > _LENGTH_DIGITS:
        raise UnreadableError(f"a pax record gives no number as {what}")
    return int(value)


def _name(name: bytes, value: bytes) -> str:
    text = name.decode("utf-8", "surrogateescape")
    if b"\0" in name or (text in _NO_NULS and b"\0" in value):
        raise UnreadableError(f"a pax record of {text!r} holds a NUL, where tar readers end a name or don't")
    return text
