"""Extended headers of a tar archive: POSIX.1-2001 pax records, and the sparse maps that GNU tar puts into them."""

import re
from collections.abc import Mapping

from rebaser.layers.limits import Limits, UnreadableError

Records = Mapping[str, bytes]
_LENGTH_DIGITS = 20
_SPARSE_PAIR = ("GNU.sparse.offset", "GNU.sparse.numbytes")  # repeated, in turn
_SPARSE_MAP = "GNU.sparse.map"

_NAME, _OWNER_NAME = re.compile(rb"[^\0]+"), re.compile(rb"[^\0]*")
_NUMBER, _NUMBERS = re.compile(rb"[0-9]{1,18}"), re.compile(rb"[0-9]{1,18}(?:,[0-9]{1,18})*")
_TIME = re.compile(rb"-?[0-9]{1,18}(?:\.[0-9]*)?")
_FORMS = {
    **dict.fromkeys(("path", "linkpath", "GNU.sparse.name"), _NAME),
    **dict.fromkeys(("uname", "gname"), _OWNER_NAME),
    **dict.fromkeys(("size", "uid", "gid"), _NUMBER),
    **dict.fromkeys(("mtime", "atime", "ctime"), _TIME),
    **{f"GNU.sparse.{name}": _NUMBER for name in ("major", "minor", "size", "realsize", "numblocks")},
    **dict.fromkeys(_SPARSE_PAIR, _NUMBER),
    _SPARSE_MAP: _NUMBERS,
}
"""What values look like that all tar readers take for the same; an empty one takes the record back, to some of them."""


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
        key = _checked(name, value)
        if key in _SPARSE_PAIR:
            if key != _SPARSE_PAIR[len(pairs) % 2]:
                raise UnreadableError("a sparse file's map names offsets and lengths out of turn")
            pairs.append(value)
        else:
            records[key] = value
        at = end
    if pairs:
        if _SPARSE_MAP in records:
            raise UnreadableError("a sparse file has two maps")
        records[_SPARSE_MAP] = b",".join(pairs)  # as the next version of that format has it
    return records


def _checked(name: bytes, value: bytes) -> str:
    text = name.decode("utf-8", "surrogateescape")
    form = _FORMS.get(text)
    if b"\0" in name or (form is not None and not form.fullmatch(value)):
        nul = b"\0" in name + value
        what = "a NUL, where tar readers end a name or don't" if nul else "what some tar readers cannot read"
        raise UnreadableError(f"a pax record of {text!r} holds {what}")
    return text
