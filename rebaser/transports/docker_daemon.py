"""Images in a container engine, through its API. containers-transports(5), docker-daemon.

The engine gives away and takes in whole images, as `docker save` and `docker load` do: what is read waits in a file,
what is written in a directory, and no name moves before all of it is in the engine. An image store without manifests
(Docker's own; containerd's has them) keeps of an image what its config says, so that the digest of what was written is
known only to who wrote it.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from threading import Lock

from rebaser.errors import ImageNotFound, TransportError
from rebaser.oci.descriptor import Descriptor, describe
from rebaser.oci.digest import Digest, parse_digest
from rebaser.oci.document import Document
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.reference import DEFAULT_TAG, Repository, familiar_name
from rebaser.once import Once
from rebaser.printable import printable
from rebaser.transports.base import Content
from rebaser.transports.docker_engine import Engine
from rebaser.transports.holdings import Holdings
from rebaser.transports.open_archive import open_archive
from rebaser.transports.saved_images import SavedImage
from rebaser.transports.saving import archive, chosen, platforms
from rebaser.transports.traffic import Traffic


class DockerDaemon:
    """An `ImageStore` of one repository, or of one image by its ID, in an engine. To be closed."""

    def __init__(self, repository: Repository, engine: Engine) -> None:
        self._repository = repository
        self._engine = engine
        self._holdings = Holdings(repository, Traffic())
        self._saved = Once()
        self._put: dict[str, Digest] = {}
        self._lock = Lock()

    @property
    def repository(self) -> Repository:
        """Return the place."""
        return self._repository

    def resolve(self, tag: str) -> Digest | None:
        """Return the digest that `tag` names now; see `ImageSource.resolve`."""
        identity = self._engine.identity(self._name(tag))
        return self._root(identity) if identity else None

    def untagged(self) -> str:
        """Return the digest of the image whose ID this is; else `latest`."""
        return self._require(self._repository.path) if self._repository.is_image_id else DEFAULT_TAG

    def manifest(self, name: str, expected: Descriptor | None = None) -> Manifest | Index:
        """Return the manifest or index that `name` names; see `ImageSource.manifest`."""
        try:
            digest = parse_digest(name)
        except ValueError:
            return self._holdings.manifest(self._require(self._name(name)), expected)
        try:
            return self._holdings.manifest(digest, expected)
        except ImageNotFound:
            self._save_for(digest)
        return self._holdings.manifest(digest, expected)

    def blob(self, descriptor: Descriptor) -> AbstractContextManager[Iterator[bytes]]:
        """Open a blob; see `ImageSource.blob`."""
        return self._holdings.blob(descriptor)

    def referrers(self, subject: Digest) -> tuple[Descriptor, ...]:
        """Return what was put here that says something of a manifest."""
        return self._holdings.referrers(subject)

    def has_blob(self, descriptor: Descriptor) -> bool:
        """Answer whether the blob was read or put already, as far as its size tells."""
        return self._holdings.has_blob(descriptor)

    def mount_blob(self, descriptor: Descriptor, source: Repository) -> bool:
        """Answer whether the blob is here already."""
        return source == self._repository and self.has_blob(descriptor)

    def expect_upload(self) -> Callable[[], None]:
        """Return nothing that would save time: blobs go in with their image."""
        return lambda: None

    def close_uploads(self) -> None:
        """Do nothing, as nothing was opened."""

    def put_blob(self, descriptor: Descriptor, content: Content) -> None:
        """Keep a blob for the engine; see `ImageDestination.put_blob`."""
        self._holdings.put_blob(descriptor, content)

    def put_manifest(self, document: Document) -> None:
        """Keep a manifest or index for the engine."""
        self._holdings.put_manifest(document)

    def lists_referrers(self, subject: Digest) -> bool:  # noqa: ARG002  the same for all
        """Answer no: see `ImageDestination.lists_referrers`."""
        return False

    def put_referrer(self, document: Document) -> None:
        """Keep a manifest that has a subject until this is closed; see `Holdings.put_referrer`."""
        self._holdings.put_referrer(document)

    def put_tag(self, tag: str, document: Document) -> None:
        """Take the image into the engine, nameless, and then make `tag` name it."""
        self.put_manifest(document)
        root = describe(document)
        identity = self._loaded(root) or self._load(root)
        self._engine.tag(identity, familiar_name(self._repository.path), tag)
        with self._lock:
            self._put[identity] = document.digest

    def close(self) -> None:
        """Remove what waits."""
        self._holdings.close()

    def _load(self, root: Descriptor) -> str:
        wanted = platforms(root, self._holdings)
        if len(wanted) > 1 and not self._engine.keeps_platforms():
            raise self._one_platform_only(", ".join(sorted(map(str, wanted))))
        self._engine.load(archive((SavedImage((), root),), self._holdings))
        identity = self._loaded(root)
        if identity is None:
            raise TransportError(
                "engine-refused",
                f"The engine at {printable(self._engine.host)} took {root.digest}, and does not know it afterwards",
                "Look into the engine's log, or name an archive in `tags` instead: docker-archive:FILE:NAME:TAG.",
            )
        return identity

    def _loaded(self, root: Descriptor) -> str | None:
        """Return the ID that the image has in the engine: its own digest, or that of its config."""
        identity = self._engine.identity(root.digest)
        if identity is not None:
            return identity
        found = chosen(root, self._holdings)
        return self._engine.identity(found.view.config.digest) if found else None

    def _require(self, name: str) -> Digest:
        identity = self._engine.identity(name)
        if identity is None:
            raise ImageNotFound(
                f"There is no image {printable(name)} in the engine at {printable(self._engine.host)}",
                "Correct the name in `image`, `old-base` or `new-base`; `docker images` lists what is there.",
            )
        return self._root(identity)

    def _root(self, identity: str) -> Digest:
        with self._lock:
            put = self._put.get(identity)
        return put or self._saved.answer(identity, lambda: self._save(identity))

    def _save(self, identity: str) -> Digest:
        """Get an image out of the engine, and return the digest of its manifest or index."""
        with tempfile.NamedTemporaryFile(prefix="rebaser-") as file:
            try:
                with self._engine.saved(identity) as chunks:
                    file.writelines(chunks)
                file.flush()
            except OSError as error:
                raise self._holdings.no_room(error.strerror or str(error)) from error
            opened = open_archive(file.name, self._repository)
        self._holdings.add(opened)
        if len(opened.images) != 1:
            raise self._holdings.not_found(f"single image in what the engine gave away as {printable(identity)}")
        return opened.images[0].root.digest

    def _save_for(self, digest: Digest) -> None:
        """Get out of the engine what may have that digest; not all engines find images by it."""
        of_id = self._repository.is_image_id
        identity = self._engine.identity(self._repository.path if of_id else f"{self._familiar}@{digest}")
        if identity is not None:
            self._root(identity)

    def _name(self, tag: str) -> str:
        return f"{self._familiar}:{tag}"

    @property
    def _familiar(self) -> str:
        return familiar_name(self._repository.path)

    def _one_platform_only(self, wanted: str) -> TransportError:
        return TransportError(
            "engine-refused",
            f"The image store of the engine at {printable(self._engine.host)} keeps one platform of an image, and this "
            f"one is for {wanted}",
            "Name another place in `tags`, such as docker-archive:FILE:NAME:TAG, or turn on the engine's containerd "
            "image store.",
        )
