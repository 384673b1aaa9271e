"""An archive of images that is open for reading: its images, its documents and its blobs, all from where they lie.

It stays readable after another one took its name. A compressed one is read from a copy, which goes when it is closed.
"""

import os
import stat
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

from rebaser.errors import RebaserError, TransportError
from rebaser.layers.compression import PIECE, decompressed
from rebaser.layers.limits import Limits, UnreadableError
from rebaser.oci.digest import Digest
from rebaser.oci.document import MAX_MANIFEST, invalid
from rebaser.oci.reference import Repository, familiar_name
from rebaser.printable import printable
from rebaser.transports.saved_images import Saved, SavedImage, read_saved
from rebaser.transports.tar_file import Extent, TarFile

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # opening a FIFO must not wait for its writer
_COMPRESSED = (b"\x1f\x8b", b"\x28\xb5")  # gzip and zstd, in their first two bytes


class OpenArchive:
    """What an archive holds; any number of threads may read. To be closed."""

    def __init__(self, file: BinaryIO, tar: TarFile, saved: Saved) -> None:
        self._file = file
        self._tar = tar
        self._saved = saved

    @property
    def images(self) -> tuple[SavedImage, ...]:
        """Return the images, in the order of the archive."""
        return self._saved.images

    def document(self, digest: Digest) -> bytes | None:
        """Return a manifest or index, not verified yet; None where there is none.

        Raises:
            ImageError: it is too large.
            OSError: it cannot be read.
        """
        if digest in self._saved.made:
            return self._saved.made[digest]
        extent = self.extent(digest)
        if extent is not None and extent.size > MAX_MANIFEST:
            raise invalid(f"it has {extent.size} bytes, more than the {MAX_MANIFEST} that are accepted", digest)
        return None if extent is None else b"".join(self.chunks(extent))

    def extent(self, digest: Digest) -> Extent | None:
        """Return where a blob lies, None where there is none."""
        return self._saved.blobs.get(digest)

    def chunks(self, extent: Extent) -> Iterator[bytes]:
        """Yield what lies there, not verified."""
        return self._tar.chunks(extent)

    def close(self) -> None:
        """Close it; nothing can be read of it any more."""
        self._file.close()


def open_archive(path: str, place: Repository) -> OpenArchive:
    """Open the archive at `path`, which is, or was saved from, `place`.

    Raises:
        FileNotFoundError: there is none.
        TransportError: `archive-invalid`.
    """
    try:
        file = _plain(_regular(path))
    except FileNotFoundError:
        raise
    except (OSError, UnreadableError) as error:
        raise broken(place, error) from error
    try:
        tar = TarFile(file.fileno())
        return OpenArchive(file, tar, read_saved(tar))
    except (OSError, UnreadableError, RebaserError) as error:
        file.close()
        raise broken(place, error) from error


def described(images: tuple[SavedImage, ...]) -> str:
    """Return what an archive with these images is said to hold."""
    shown = [
        familiar_name(image.names[0]) if image.names else f"an image without a name, @{position}"
        for position, image in enumerate(images[:20])
    ]
    more = [f"{len(images) - len(shown)} more"] if len(images) > len(shown) else []
    return printable(", ".join(shown + more), 2000) or "no image"


def broken(place: Repository, error: Exception) -> TransportError:
    """Return the error for what cannot be read as an archive of images."""
    reason = (isinstance(error, OSError) and error.strerror) or str(error)
    return TransportError(
        "archive-invalid",
        f"{place} cannot be read as an archive of images: {printable(reason)}",
        "Write the archive in `image`, `old-base` or `new-base` anew, with `docker save` or `skopeo copy`.",
    )


def _regular(path: str) -> BinaryIO:
    file = os.open(path, _READ)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return os.fdopen(file, "rb")
    os.close(file)
    raise OSError("it is not a regular file")


def _plain(file: BinaryIO) -> BinaryIO:
    """Return the file, or a copy that is not compressed any more."""
    if os.pread(file.fileno(), 2, 0) not in _COMPRESSED:
        return file
    copy = tempfile.TemporaryFile(prefix="rebaser-")  # noqa: SIM115  the archive closes it
    try:
        with file:
            copy.writelines(decompressed(iter(lambda: file.read(PIECE), b""), Limits()))
        copy.flush()
    except BaseException:
        copy.close()
        raise
    return copy
