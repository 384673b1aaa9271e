"""The files of an image as a container sees them, and in what two such systems differ.

What Python compiled is compared without the time of its source, which stands in its header (PEP 552).
"""

import hashlib
import subprocess
import tarfile
from collections.abc import Mapping
from typing import IO

from tests.images.engine import Engine
from tests.images.pairs.noise import is_noise

Inventory = Mapping[str, str]
"""Absolute path → type, mode, owner, and link target or digest of the content."""

_HEADER = 16
_BY_TIME = bytes(4)
"""The flags of a compiled file that is held against the time of its source, not against what is in it."""


def inventory(engine: Engine, image: str) -> Inventory:
    """Export an image's file system and read it."""
    container = engine.run("create", "--network=none", "--entrypoint=none", image, "none").strip()
    try:
        with subprocess.Popen((engine.client, "export", container), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                return read_inventory(archive)
    finally:
        engine.run("rm", "--volumes", container)


def read_inventory(archive: tarfile.TarFile) -> Inventory:
    """Read an exported file system; a hard link is what it joins."""
    found: dict[str, str] = {}
    for member in archive:
        path = "/" + member.name.strip("/")
        found[path] = found["/" + member.linkname.strip("/")] if member.islnk() else _described(archive, member)
    return found


def differences(rebased: Inventory, rebuilt: Inventory) -> list[str]:
    """The paths, sorted, at which two systems differ, after a sign: `+` only in the first, `-` only in the second."""
    paths = {path for path in {*rebased, *rebuilt} if rebased.get(path) != rebuilt.get(path)}
    return [_sign(path, rebased, rebuilt) + path for path in sorted(paths)]


def beyond_noise(found: list[str]) -> list[str]:
    """Those differences that say something."""
    return [difference for difference in found if not is_noise(difference[1:])]


def _sign(path: str, rebased: Inventory, rebuilt: Inventory) -> str:
    if path not in rebuilt:
        return "+"
    return "~" if path in rebased else "-"


def _described(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    extended = sorted((name, value) for name, value in member.pax_headers.items() if name.startswith("SCHILY.xattr."))
    text = f"{member.type!r} {member.mode:o} {member.uid}:{member.gid} {extended} {member.devmajor}:{member.devminor}"
    file = archive.extractfile(member) if member.isreg() else None
    content = _digest(file, member.name) if file else member.linkname
    return f"{text} {content}"


def _digest(file: IO[bytes], name: str) -> str:
    head = file.read(_HEADER)
    digest = hashlib.sha256(_timeless(head) if name.endswith(".pyc") else head)
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _timeless(header: bytes) -> bytes:
    """Magic number, flags, time and size of the source; one that is held against a digest of it has no time."""
    return header[:8] + header[12:] if header[4:8] == _BY_TIME else header
