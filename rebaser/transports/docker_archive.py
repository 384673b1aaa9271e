"""Images in a file: what `docker save` writes and `docker load` reads. containers-transports(5), docker-archive.

The file is read in place, and replaced whole: by one with the same images and the new one. A tag is a full name with a
tag, or a position among the images of the file, `@0` the first.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from threading import Lock

from rebaser.errors import ImageNotFound, TransportError
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest, parse_digest
from rebaser.oci.document import Document
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.reference import DEFAULT_TAG, Repository, full_name
from rebaser.printable import printable
from rebaser.transports.base import Content
from rebaser.transports.directory import open_directory, replace_file
from rebaser.transports.holdings import Holdings
from rebaser.transports.open_archive import OpenArchive, broken, described, open_archive
from rebaser.transports.saved_images import SavedImage
from rebaser.transports.saving import archive, in_place, with_name
from rebaser.transports.traffic import Traffic

State = tuple[int, int, int]
"""Of a file: inode, size, time of the last change; others than before, and it is another archive."""


_DIGITS = 5  # of a position in an archive


class DockerArchive:
    """An `ImageStore` in a file, which the first tag creates. To be closed."""

    def __init__(self, repository: Repository, traffic: Traffic) -> None:
        self._repository = repository
        self._traffic = traffic
        self._holdings = Holdings(repository, traffic)
        self._newest: tuple[State, OpenArchive] | None = None
        self._lock = Lock()

    @property
    def repository(self) -> Repository:
        """Return the place."""
        return self._repository

    def resolve(self, tag: str) -> Digest | None:
        """Return the digest that a name, or a position, names now; see `ImageSource.resolve`."""
        image = _find(self._images(), tag)
        return image.root.digest if image else None

    def untagged(self) -> str:
        """Return what the file's one image is called, or else its position; `latest` where there are several."""
        images = self._images()
        if len(images) != 1:
            return DEFAULT_TAG
        return images[0].names[0] if images[0].names else "@0"

    def manifest(self, name: str, expected: Descriptor | None = None) -> Manifest | Index:
        """Return the manifest or index that `name` names; see `ImageSource.manifest`."""
        images = self._images()
        digest = _digest_or_none(name)
        if digest is not None:
            return self._holdings.manifest(digest, expected)
        image = _find(images, name)
        if image is None:
            raise self._not_found(name, images)
        return self._holdings.manifest(image.root.digest, expected or image.root)

    def blob(self, descriptor: Descriptor) -> AbstractContextManager[Iterator[bytes]]:
        """Open a blob; see `ImageSource.blob`."""
        self._images()
        return self._holdings.blob(descriptor)

    def referrers(self, subject: Digest) -> tuple[Descriptor, ...]:
        """Return what was put here that says something of a manifest."""
        return self._holdings.referrers(subject)

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Answer whether the blob is there already, as far as its size tells."""
        try:
            self._images()
        except TransportError:
            return False
        return self._holdings.has_blob(descriptor)

    def mount_blob(self, descriptor: Descriptor, source: Repository) -> bool:
        """Answer whether the blob is this file's own: between files, bytes move."""
        return source == self._repository and self.has_blob(descriptor)

    def expect_upload(self) -> Callable[[], None]:
        """Return nothing that would save time: a file needs no session."""
        return lambda: None

    def close_uploads(self) -> None:
        """Do nothing, as nothing was opened."""

    def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Keep a blob for the file; see `ImageDestination.put_blob`."""
        self._holdings.put_blob(descriptor, content)

    def put_manifest(self, document: Document) -> None:
        """Keep a manifest or index for the file; no tag names it yet."""
        self._holdings.put_manifest(document)

    def put_referrer(self, document: Document) -> None:
        """Keep a manifest that has a subject until this is closed; see `Holdings.put_referrer`."""
        self._holdings.put_referrer(document)

    def put_tag(self, tag: str, document: Document) -> None:
        """Replace the file by one in which `tag` names a manifest or index; all else in it stays."""
        self.put_manifest(document)
        path = Path(os.path.realpath(self._repository.path))
        with self._writing(), _locked(str(path.parent)) as directory:
            images = _with_tag(self._images(), tag, document)
            if images is None:
                raise self._unwritable(f"{printable(tag)} is neither a name with a tag nor a position in it")
            replace_file(path.name, self._counted(archive(images, self._holdings)), directory)

    def close(self) -> None:
        """Close the file, and remove what was kept for it."""
        self._holdings.close()

    def _images(self) -> tuple[SavedImage, ...]:
        """Return the images that are in the file now; none where there is no file."""
        with self._lock:
            try:
                state = _state(self._repository.path)
                if self._newest is None or self._newest[0] != state:
                    self._newest = state, open_archive(self._repository.path, self._repository)
                    self._holdings.add(self._newest[1])
            except FileNotFoundError:
                return ()
            except OSError as error:
                raise broken(self._repository, error) from error
            return self._newest[1].images

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._traffic.count(up=len(chunk))
            yield chunk

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error

    def _not_found(self, name: str, images: tuple[SavedImage, ...]) -> ImageNotFound:
        if not Path(self._repository.path).exists():
            return ImageNotFound(
                f"There is no file {self._repository.path}, asked for as {self._repository}",
                "Correct the file in `image`, `old-base` or `new-base`; a name of an image in it comes after a colon.",
            )
        return ImageNotFound(
            f"There is no image called {printable(name)} in {self._repository}; it holds {described(images)}",
            f"Name one of these in `image`, `old-base` or `new-base`, as in {self._repository}:NAME:TAG, or its "
            f"position, as in {self._repository}:@0.",
        )

    def _unwritable(self, what: str) -> TransportError:
        return TransportError(
            "archive-unwritable",
            f"{self._repository} cannot be written, and is as it was before: {printable(what)}",
            "Make room and give write access there, or name another file in `tags`: docker-archive:FILE:NAME:TAG.",
        )


def _find(images: tuple[SavedImage, ...], tag: str) -> SavedImage | None:
    if (position := _position(tag)) is not None:
        return images[position] if position < len(images) else None
    name = _full(tag)
    return next((image for image in images if name in image.names), None)


def _with_tag(images: tuple[SavedImage, ...], tag: str, document: Document) -> tuple[SavedImage, ...] | None:
    """Return the images with the tag's own replaced; None where the tag can be none."""
    position, name = _position(tag), _full(tag)
    if position is not None and position <= len(images):
        return in_place(images, position, document)
    return with_name(images, name, document) if name else None


def _position(tag: str) -> int | None:
    digits = tag.removeprefix("@")
    return int(digits) if tag.startswith("@") and digits.isdecimal() and len(digits) <= _DIGITS else None


def _full(tag: str) -> str | None:
    try:
        return full_name(tag)
    except ValueError:
        return None


def _state(path: str) -> State:
    now = Path(path).stat()
    return now.st_ino, now.st_size, now.st_mtime_ns


@contextmanager
def _locked(directory: str) -> Iterator[int]:
    """Open the directory, for one writer of its archives at a time."""
    with open_directory(directory) as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield opened


def _digest_or_none(name: str) -> Digest | None:
    try:
        return parse_digest(name)
    except ValueError:
        return None
