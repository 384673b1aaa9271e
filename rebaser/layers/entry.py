"""What stands at a path of a layer."""

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from rebaser.contents.elf import Elf
from rebaser.layers.limits import Limits, UnreadableError

CONTENT = 6  # bytes of a content's sha256 that are kept: only files at one path are ever compared


class Kind(StrEnum):
    """The kinds of files."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symbolic link"
    HARD_LINK = "hard link"
    CHARACTER = "character device"
    BLOCK = "block device"
    FIFO = "named pipe"


class Broken(NamedTuple):
    """A file that begins like one of a kind and cannot be read as one; `why` says where it goes wrong."""

    why: str


class Classes(NamedTuple):
    """An archive of Java classes; `highest` is the version of the class file that wants the newest Java."""

    highest: int


class Bundle(NamedTuple):
    """A bundle of certificates: fingerprint and subject of each.

    `refused` are those of authorities that strict verification refuses: fingerprint and reasons.
    """

    certificates: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...] = ()


class Imports(NamedTuple):
    """A source in Python or Perl; `names` are the modules that it wants whenever it is loaded."""

    names: tuple[str, ...]


Facts: TypeAlias = Elf | Classes | Bundle | Imports | Broken


class Entry(NamedTuple):
    """A path with what is there.

    `path` has no slash at either end, and the root is the empty path; bytes that are not UTF-8 are surrogate escapes.
    `mode` is the twelve permission bits, `size` in bytes. `link` is a symbolic link's text, or the path that a hard
    link joins. `content` is the beginning of the content's sha256. `body` is the content, or its beginning, where
    `contents.wanted` names the path. Times are not part of it (W25).
    """

    path: str
    kind: Kind
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    size: int = 0
    link: str = ""
    device: tuple[int, int] = (0, 0)
    xattrs: tuple[tuple[str, bytes], ...] = ()
    content: bytes = b""
    body: bytes | None = None
    facts: Facts | None = None

    @property
    def whole(self) -> bytes | None:
        """Return the content if all of it was kept."""
        return self.body if self.body is not None and len(self.body) == self.size else None

    @property
    def is_privileged(self) -> bool:
        """Answer whether who runs it gets the rights of its owner, its group, or a capability."""
        capable = any(name == "security.capability" for name, _ in self.xattrs)
        set_id = self.mode & 0o4000 or (self.mode & 0o2000 and self.mode & 0o010)
        return self.kind is Kind.FILE and bool(set_id or capable)

    @property
    def is_executable(self) -> bool:
        """Answer whether it is a file that somebody may execute."""
        return self.kind is Kind.FILE and bool(self.mode & 0o111)


def same_content(left: Entry, right: Entry) -> bool:
    """Answer whether both are of one kind and hold the same; owners, modes and attributes aside."""
    ours = (left.kind, left.size, left.link, left.device, left.content)
    return ours == (right.kind, right.size, right.link, right.device, right.content)


def same_access(left: Entry, right: Entry) -> bool:
    """Answer whether both have one owner, mode and set of attributes."""
    return (left.mode, left.uid, left.gid, left.xattrs) == (right.mode, right.uid, right.gid, right.xattrs)


def clean_path(path: str, limits: Limits) -> str:
    """Return a path of an archive as `Entry` has it.

    Raises:
        UnreadableError: it leaves the root or goes up again, or no file system can hold it.
    """
    if "//" in path or path[:1] in ("/", ".") or path[-1:] in ("/", "."):
        parts = [part for part in path.split("/") if part not in ("", ".")]
        path = "/".join(parts)
    if ".." in path and ".." in path.split("/"):
        raise UnreadableError(f"the path {path!r} goes up, and engines differ in what they make of it")
    if "/./" in f"/{path}/":
        path = "/".join(part for part in path.split("/") if part != ".")
    if len(path) > limits.component // 4 and not _fits(path, limits):
        raise UnreadableError(f"the path {path[:80]!r}… is longer or deeper than file systems can hold")
    return path


def parent_of(path: str) -> str:
    """Return the directory that holds `path`; the root's is the root."""
    return path.rpartition("/")[0]


def parents_of(path: str) -> list[str]:
    """Return the directories above `path`, the outermost first, without the root."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _fits(path: str, limits: Limits) -> bool:
    encoded = path.encode("utf-8", "surrogateescape")
    names = encoded.split(b"/")
    return len(encoded) <= limits.path and len(names) <= limits.depth and max(map(len, names)) <= limits.component
