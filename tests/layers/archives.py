"""Archives block by block, so that they can be as wrong as one likes."""

import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

from rebaser.layers.limits import DEFAULT, Limits
from rebaser.layers.stream import Stream
from rebaser.layers.tar import walk

BLOCK = 512
END = bytes(2 * BLOCK)
Row = tuple[bytes, str, int, int, int, bytes, tuple[int, int]]


def summed(block: bytes | bytearray) -> bytes:
    """A header with its checksum right again."""
    header = bytearray(block)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def entry(name: bytes, flag: bytes = b"0", body: bytes = b"", **changes: bytes) -> bytes:
    """One entry in ustar's form; `at156=b"V"` puts a byte at its place in the header."""
    header = bytearray(tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT)[:BLOCK])
    header[:100] = name.ljust(100, b"\0")
    header[124:136] = b"%011o\0" % len(body)
    header[156:157] = flag
    for place, content in changes.items():
        at = int(place.removeprefix("at"))
        header[at : at + len(content)] = content
    return summed(header) + body + bytes(-len(body) % BLOCK)


def record(name: bytes, value: bytes) -> bytes:
    length = len(name) + len(value) + 3
    length += len(str(length + len(str(length))))
    return b"%d %s=%s\n" % (length, name, value)


def extended(*records: tuple[bytes, bytes]) -> bytes:
    return entry(b"pax", b"x", b"".join(record(name, value) for name, value in records))


def read(archive: bytes, limits: Limits = DEFAULT) -> list[tuple[str, str, bytes]]:
    """Name, kind and content of each member."""
    found = []
    for member in walk(Stream([archive]), limits):
        content = b"".join(map(bytes, member.content))
        found.append((member.path, member.kind, content))
    return found


def ours(archive: bytes) -> list[Row]:
    """Name, kind, owner, group, size, link and device of each member as ours reads it."""
    rows = []
    for member in walk(Stream([archive]), DEFAULT):
        name, link = (text.encode("utf-8", "surrogateescape") for text in (member.path, member.link))
        held = hashlib.sha256(b"".join(map(bytes, member.content))).digest()
        assert member.kind == "0" or held == hashlib.sha256().digest()
        rows.append((name.rstrip(b"/"), member.kind, member.uid, member.gid, member.size, link, member.device))
    return rows


def of_tarfile(archive: bytes) -> list[Row]:
    """The same as Python's own module reads it."""
    rows = []
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
        for member in tar:
            kind = "0" if member.isreg() else member.type.decode()
            name, link = (text.encode("utf-8", "surrogateescape") for text in (member.name, member.linkname))
            device = (member.devmajor, member.devminor) if kind in "34" else (0, 0)
            size = member.size if kind == "0" else 0
            rows.append((name.rstrip(b"/"), kind, member.uid, member.gid, size, link if kind in "12" else b"", device))
    return rows


def tree(place: Path) -> Path:
    """Files of all kinds that one may make without being root."""
    below = place / "t" / "dir" / "sub"
    below.mkdir(parents=True)
    (below.parent / "file").write_bytes(b"hello" * 200)
    (place / "t" / "empty").touch()
    (below.parent / "link").symlink_to("../dir/file")
    (place / "t" / "hard").hardlink_to(below.parent / "file")
    (place / "t" / ("n" * 120)).write_bytes(b"x" * 700)
    (below / ("s" * 130)).symlink_to("l" * 140)
    with (place / "t" / "sparse").open("wb") as file:
        for at in range(0, 300_000, 40_000):
            file.seek(at)
            file.write(b"data at %d" % at)
        file.truncate(400_000)
    return place


def packed(place: Path, *how: str) -> bytes:
    """What GNU tar makes of a tree."""
    told = ("tar", "-c", *how, "--sort=name", "-b1", "-C", str(place), "t")
    return subprocess.run(told, capture_output=True, check=False).stdout
