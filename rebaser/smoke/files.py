"""What stands at a path of a container, running or not. Docker Engine API, GET /containers/{id}/archive.

The engine gives a tar archive of it, of a directory with all that is below; only the beginning is read.
"""

import io
import posixpath
import tarfile

from rebaser.printable import printable
from rebaser.transports.docker_engine import Engine
from rebaser.trial.judging import File

MAX_CONTENT = 4 * 1024 * 1024  # bytes of a file that patterns are held against
_HEAD = 64 * 1024  # bytes in which the headers of one member are: extended ones, and its own
_LINKS = 40  # that are followed, as by Linux
_NOT_FOUND = 404
_KINDS = {
    tarfile.DIRTYPE: "d",
    tarfile.SYMTYPE: "L",
    tarfile.FIFOTYPE: "p",
    tarfile.BLKTYPE: "D",
    tarfile.CHRTYPE: "Dc",
}


def file_at(engine: Engine, container: str, path: str) -> File | None:
    """Return what stands at a path, without following it if it is a link; None where nothing does.

    Raises:
        TransportError: `engine-unreachable`, or `engine-refused` with what it said.
    """
    archive = _archive(engine, container, path, _HEAD)
    if archive is None:
        return None
    member = _member(engine, archive)
    kind = _KINDS.get(member.type, "")
    return File(kind, member.mode & 0o7777, member.uid, member.gid, member.linkname if member.issym() else "")


def content_at(engine: Engine, container: str, path: str) -> bytes:
    """Return what the file at a path holds, links followed.

    Raises:
        ValueError: there is none, or it is too large.
        TransportError: `engine-unreachable`, or `engine-refused` with what it said.
    """
    named = path
    for _ in range(_LINKS):
        archive = _archive(engine, container, path, MAX_CONTENT + _HEAD)
        if archive is None:
            raise ValueError(f"{path} is not there")
        member = _member(engine, archive)
        if member.issym():
            path = posixpath.normpath(posixpath.join("/", posixpath.dirname(path), member.linkname))
            continue
        if not member.isreg():
            raise ValueError(f"{named} is no file")
        if member.size > MAX_CONTENT:
            raise ValueError(f"{named} has more than {MAX_CONTENT} bytes")
        return archive[member.offset_data : member.offset_data + member.size]
    raise ValueError(f"{named} leads through more than {_LINKS} links")


def _archive(engine: Engine, container: str, path: str, limit: int) -> bytes | None:
    answer = engine.beginning(f"/containers/{container}/archive", {"path": path}, limit)
    if answer.status == _NOT_FOUND:
        return None
    if not answer.is_success:
        raise engine.refused(str(answer.told.get("message") or f"HTTP {answer.status}"))
    return answer.content


def _member(engine: Engine, archive: bytes) -> tarfile.TarInfo:
    """Return the first member of an archive of which only the beginning is there."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as opened:
            member = opened.next()
    except (tarfile.TarError, ValueError, OverflowError, UnicodeError) as error:
        raise engine.refused(f"its archive of a path is not one: {printable(str(error))}") from error
    if member is None:
        raise engine.refused("its archive of a path is empty")
    return member
