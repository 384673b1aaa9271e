"""A layer's index as bytes, for a cache: columns, front-coded paths, zstd. What does not read back is not used.

The form is versioned by `FORMAT`; whoever changes what an index holds raises it.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from hashlib import sha256
from typing import Any

from rebaser.contents.elf import Elf
from rebaser.contents.symbol_set import SymbolSet
from rebaser.layers.entry import CONTENT, Broken, Bundle, Classes, Entry, Facts, Imports, Kind
from rebaser.layers.index import LayerIndex, Oddity
from rebaser.oci.digest import DiffId

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT = 5
MAX_STORED = 256 << 20  # bytes that an index may unpack to
_LEVEL = 10
_MAGIC = b"rebaser layer index %d\n" % FORMAT
_KINDS = tuple(Kind)
_SEAL = 32


def encode(index: LayerIndex) -> bytes:
    """Return the index as bytes."""
    entries = index.entries
    columns: dict[str, Any] = {
        "paths": list(_front_coded(entry.path for entry in entries)),
        "kinds": "".join(str(_KINDS.index(entry.kind)) for entry in entries),
        "content": _text(b"".join(entry.content for entry in entries if entry.kind is Kind.FILE)),
        **{name: [getattr(entry, name) for entry in entries] for name in ("mode", "uid", "gid", "size", "link")},
        "device": {str(at): entry.device for at, entry in enumerate(entries) if entry.device != (0, 0)},
        "xattrs": {
            str(at): [[name, _text(value)] for name, value in entry.xattrs]
            for at, entry in enumerate(entries)
            if entry.xattrs
        },
        "body": {str(at): _text(entry.body) for at, entry in enumerate(entries) if entry.body is not None},
        "facts": {str(at): _facts(entry.facts) for at, entry in enumerate(entries) if entry.facts is not None},
        "whiteouts": index.whiteouts,
        "opaques": index.opaques,
        "oddities": index.oddities,
        "total": index.size,
        "diff_id": index.diff_id,
    }
    text = json.dumps(columns, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _MAGIC + sha256(text).digest() + zstd.compress(text, _LEVEL)


def decode(stored: bytes, diff_id: DiffId) -> LayerIndex:
    """Return the index that was stored for a diff ID.

    Raises:
        ValueError: the bytes are of another format, of another layer, or damaged.
    """
    head = len(_MAGIC)
    if stored[:head] != _MAGIC:
        raise ValueError("not an index of this format")
    try:
        packed = zstd.ZstdDecompressor()
        text = packed.decompress(stored[head + _SEAL :], MAX_STORED)
        if not packed.eof or packed.unused_data or sha256(text).digest() != stored[head : head + _SEAL]:
            raise ValueError("the stored index is damaged")
        columns = json.loads(text.decode("utf-8", "surrogatepass"))
        if columns["diff_id"] != diff_id:
            raise ValueError("the stored index is of another layer")
        return _index(columns, diff_id)
    except (zstd.ZstdError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ValueError(f"the stored index cannot be read: {error}") from error


def _index(columns: dict[str, Any], diff_id: DiffId) -> LayerIndex:
    return LayerIndex(
        diff_id,
        tuple(_entries(columns)),
        tuple(columns["whiteouts"]),
        tuple(columns["opaques"]),
        tuple(Oddity(*told) for told in columns["oddities"]),
        columns["total"],
    )


def _entries(columns: dict[str, Any]) -> Iterator[Entry]:
    rows = zip(
        _expanded(columns["paths"]),
        columns["kinds"],
        *(columns[name] for name in ("mode", "uid", "gid", "size", "link")),
        strict=True,
    )
    contents, taken = _bytes(columns["content"]), 0
    device, xattrs, body, facts = (columns[name] for name in ("device", "xattrs", "body", "facts"))
    for at, (path, kind, mode, uid, gid, size, link) in enumerate(rows):
        key, content = str(at), b""
        if _KINDS[int(kind)] is Kind.FILE:
            content, taken = contents[taken : taken + CONTENT], taken + CONTENT
        yield Entry(
            path,
            _KINDS[int(kind)],
            mode,
            uid,
            gid,
            size,
            link,
            tuple(device[key]) if key in device else (0, 0),
            tuple((name, _bytes(value)) for name, value in xattrs[key]) if key in xattrs else (),
            content,
            _bytes(body[key]) if key in body else None,
            _fact(facts[key]) if key in facts else None,
        )


def _front_coded(paths: Iterable[str]) -> Iterator[int | str]:
    """Yield how many characters a path shares with the one before, and the rest of it."""
    before = ""
    for path in paths:
        shared = 0
        for ours, theirs in zip(before, path, strict=False):
            if ours != theirs:
                break
            shared += 1
        yield shared
        yield path[shared:]
        before = path


def _expanded(coded: Sequence[Any]) -> Iterator[str]:
    before = ""
    for shared, rest in zip(coded[::2], coded[1::2], strict=True):
        before = before[:shared] + rest
        yield before


_CLASSES: dict[str, Callable[..., Facts]] = {
    "elf": Elf,
    "classes": Classes,
    "bundle": Bundle,
    "imports": Imports,
    "broken": Broken,
}


def _facts(facts: Facts) -> list[Any]:
    if isinstance(facts, Broken):
        return ["broken", facts.why]
    if isinstance(facts, Classes):
        return ["classes", facts.highest]
    if isinstance(facts, Imports):
        return ["imports", facts.names]
    if isinstance(facts, Bundle):
        return ["bundle", facts.certificates, facts.refused]
    return ["elf", *(_plain(getattr(facts, field.name)) for field in fields(facts))]


def _fact(told: list[Any]) -> Facts:
    return _CLASSES[told[0]](*map(_value, told[1:]))


def _plain(value: Any) -> Any:  # noqa: ANN401  whatever a fact holds
    if isinstance(value, SymbolSet):
        return {"symbols": _text(value.encoded)}
    if isinstance(value, bytes):
        return {"bytes": _text(value)}
    return list(map(_plain, value)) if isinstance(value, tuple) else value


def _value(told: Any) -> Any:  # noqa: ANN401
    if isinstance(told, dict):
        (kind, text), *_ = told.items()
        return SymbolSet(_bytes(text)) if kind == "symbols" else _bytes(text)
    return tuple(map(_value, told)) if isinstance(told, list) else told


def _text(content: bytes) -> str:
    return content.decode("latin-1")


def _bytes(text: str) -> bytes:
    return text.encode("latin-1")
