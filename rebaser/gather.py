"""Reads the images that a rebase is about: the original's tree, and bases for its platforms.

Nothing here decides; what is read has been verified by the transports. Everything is read once.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from rebaser.documents import Documents
from rebaser.errors import ImageError, ImageNotFound, InputError, InputProblem
from rebaser.oci import annotations, media_types
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest, parse_digest
from rebaser.oci.document import Document
from rebaser.oci.image import Image, join, require_image
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.platform import Platform, best_match, normal, runs_on, same_platform
from rebaser.oci.reference import Reference, Scratch, destination
from rebaser.oci.strict_json import JsonObject, parse
from rebaser.plan.candidates import Sayings
from rebaser.plan.model import Base, Branch, Child, Kept, Node
from rebaser.request import Request, nameless
from rebaser.transports.base import read_blob

MAX_DEPTH = 3  # levels of indexes
MAX_STATEMENT = 16 * 1024 * 1024  # bytes of one provenance statement
_STATEMENT = "application/vnd.in-toto+json"
_PROVENANCE = "https://slsa.dev/provenance/"

Answer = TypeVar("Answer")
Path = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Original:
    """The image to rebase: as it was named, or else its place names it, with the digest that decides, and its tree."""

    reference: Reference
    document: Document
    root: Node

    @property
    def digest(self) -> Digest:
        """Return the digest of the index or manifest."""
        return self.document.digest

    def children(self) -> tuple[tuple[Path, Child], ...]:
        """Return the images to be rebased, and where they stand in the tree."""
        return tuple(_children(self.root, ()))


@dataclass(slots=True)
class Gatherer:
    """Reads images, from several threads."""

    documents: Documents
    pool: ThreadPoolExecutor

    def original(self, reference: Reference, platforms: tuple[Platform, ...]) -> Original:
        """Return the image and, of its platforms, those that are wanted; none given are all.

        Raises:
            InputError: a wanted platform is not in the image.
            ImageError: it is not an image, or contradicts itself.
            TransportError: it could not be read.
        """
        reference = self._named(reference)
        manifest = self.documents.manifest(reference)
        root = self._node(reference, manifest, None, platforms, 1)
        found = Original(reference.with_digest(manifest.document.digest), manifest.document, root)
        _require_platforms(found, platforms)
        return found

    def base(self, reference: Reference | Scratch, application: Image, found: str) -> Base:
        """Return the base for the application's platform.

        Raises:
            ImageNotFound: it is not there.
            ImageError: `platform-missing`, when it is for other platforms only; or it is no image.
            TransportError: it could not be read.
        """
        if isinstance(reference, Scratch):
            return Base(None, None, None, found)
        manifest = self.documents.manifest(reference)
        image = self._image_for(reference, manifest, application)
        return Base(reference, manifest.document.digest, image, found)

    def sayings(self, root: Node, path: Path) -> Sayings:
        """Return what the image at `path` says of its base, without provenance, which must be fetched."""
        places: list[tuple[str, Descriptor | None, Index | None]] = []
        node = root
        for position in path:
            if not isinstance(node, Branch):
                break
            entry = node.entries[position]
            places.append(("annotation of the index' entry", entry.descriptor, node.index))
            node = entry
        image = node.image if isinstance(node, Child) else None
        told = [("annotation", image.manifest.view.notes)] if image else []
        for place, descriptor, index in reversed(places):
            told += [(place, descriptor.notes)] if descriptor else []
            told += [("annotation of the index", index.view.notes)] if index else []
        labels = image.config.settings.get("Labels") if image else None
        texts = (
            {key: value for key, value in labels.items() if isinstance(value, str)} if isinstance(labels, dict) else {}
        )
        return Sayings(tuple(told), texts)

    def provenance(self, original: Original, path: Path) -> tuple[JsonObject, ...]:
        """Return BuildKit's provenance statements of the image at `path`; what can't be read of them tells nothing."""
        parent = _node_at(original.root, path[:-1]) if path else None
        child = _node_at(original.root, path)
        if not isinstance(parent, Branch) or child.descriptor is None:
            return ()
        subject = child.descriptor.digest
        entries = [entry.descriptor for entry in parent.entries if entry.descriptor and entry.descriptor.is_attestation]
        told = [entry for entry in entries if entry.notes.get(annotations.DOCKER_REFERENCE_DIGEST) == subject]
        return tuple(statement for entry in told for statement in self._statements(original.reference, entry))

    def _named(self, reference: Reference) -> Reference:
        """Return `reference` with the tag, or else the digest, that it means where it has neither."""
        if reference.tag or reference.digest:
            return reference
        name = self.documents.transports.open(reference.repository).untagged()
        try:
            return reference.with_digest(parse_digest(name))
        except ValueError:
            return reference.with_tag(name)

    def _statements(self, reference: Reference, entry: Descriptor) -> Iterator[JsonObject]:
        with suppress(ImageError, ImageNotFound, ValueError):
            manifest = self.documents.manifest(Reference(reference.repository, None, entry.digest), entry)
            layers = manifest.view.layers if isinstance(manifest, Manifest) else ()
            for layer in layers:
                predicate = layer.notes.get(annotations.IN_TOTO_PREDICATE_TYPE, "")
                if layer.media_type == _STATEMENT and predicate.startswith(_PROVENANCE):
                    source = self.documents.transports.open(reference.repository)
                    statement = parse(read_blob(source, layer, MAX_STATEMENT), MAX_STATEMENT)
                    if isinstance(statement, dict):
                        yield statement

    def _node(
        self,
        reference: Reference,
        manifest: Manifest | Index,
        descriptor: Descriptor | None,
        platforms: tuple[Platform, ...],
        depth: int,
    ) -> Node:
        if isinstance(manifest, Manifest):
            return Child(descriptor, self._image(reference, manifest, descriptor))
        if depth > MAX_DEPTH:
            raise _too_deep(manifest)
        entries = self._each(
            lambda entry: self._entry(reference, entry, platforms, depth), manifest.view.manifests, nested=depth > 1
        )
        return Branch(descriptor, manifest, tuple(entries))

    def _entry(self, reference: Reference, entry: Descriptor, platforms: tuple[Platform, ...], depth: int) -> Node:
        if not _may_be_image(entry) or not _is_wanted(entry, platforms):
            return Kept(entry)
        manifest = self.documents.manifest(Reference(reference.repository, None, entry.digest), entry)
        if isinstance(manifest, Manifest) and manifest.view.config.media_type not in media_types.CONFIGS:
            return Kept(entry)
        node = self._node(reference, manifest, entry, platforms, depth + 1)
        if isinstance(node, Child) and platforms and not _among(node.image.platform, platforms):
            return Kept(entry)
        return node

    def _image_for(self, reference: Reference, manifest: Manifest | Index, application: Image) -> Image:
        if isinstance(manifest, Manifest):
            return self._image(reference, manifest, None)
        entries = list(self._entries(reference, manifest, 1))
        offered = [self._offered(reference, entry) for entry in entries]
        position = best_match(offered, application.platform, application.os_version)
        if position is None:
            raise _platform_missing(reference, application.platform, [platform for platform, _ in offered])
        entry = entries[position]
        chosen = self.documents.manifest(Reference(reference.repository, None, entry.digest), entry)
        if not isinstance(chosen, Manifest):
            raise _too_deep(chosen)
        return self._image(reference, chosen, entry)

    def _offered(self, reference: Reference, entry: Descriptor) -> tuple[Platform, str]:
        """Return an entry's platform and OS version; where the index does not tell it, the image itself does."""
        if entry.platform:
            return entry.platform.platform, entry.platform.os_version or ""
        manifest = self.documents.manifest(Reference(reference.repository, None, entry.digest), entry)
        if not isinstance(manifest, Manifest) or manifest.view.config.media_type not in media_types.CONFIGS:
            return Platform("", ""), ""
        image = self._image(reference, manifest, entry)
        return image.platform, image.os_version

    def _entries(self, reference: Reference, index: Index, depth: int) -> Iterator[Descriptor]:
        """Yield the entries that may be images, those of nested indexes in their place."""
        if depth > MAX_DEPTH:
            raise _too_deep(index)
        for entry in filter(_may_be_image, index.view.manifests):
            if entry.media_type in media_types.INDEXES:
                nested = self.documents.manifest(Reference(reference.repository, None, entry.digest), entry)
                if isinstance(nested, Index):
                    yield from self._entries(reference, nested, depth + 1)
            else:
                yield entry

    def _image(self, reference: Reference, manifest: Manifest, entry: Descriptor | None) -> Image:
        require_image(manifest)
        listed = entry.platform if entry else None
        image = join(manifest, self.documents.config(reference, manifest), listed)
        if entry and listed and not _agree(listed.platform, image.config.view.platform):
            raise ImageError(
                "image-inconsistent",
                f"The index says that {entry.digest} is for {listed.platform}, "
                f"the image itself that it is for {image.config.view.platform}",
                "Push the image again with a current tool, or name one platform's image by digest in `image`.",
            )
        return image

    def _each(
        self, work: Callable[[Descriptor], Answer], items: tuple[Descriptor, ...], *, nested: bool
    ) -> Iterator[Answer]:
        """Do `work` for all items at once; one level down one by one, so that the pool cannot wait for itself."""
        return iter([work(item) for item in items]) if nested else self.pool.map(work, items)


def with_destinations(request: Request, own: Reference) -> Request:
    """Return `request` with the names that destinations lack, from the image's `own`, now that it is read.

    Raises:
        InputError: it has no such name; or its place keeps images by name, and the result has none.
    """
    if request.tags == () or (request.tags is None and own.tag is None):
        if own.repository.holds_names:
            raise InputError(nameless(own))
        return request
    try:
        tags = tuple(dict.fromkeys(destination(tag, own) for tag in request.tags or ()))
    except ValueError as error:
        raise InputError(InputProblem("tags", str(error), nameless(own).remedy)) from error
    return replace(request, tags=tags) if tags else request


def _children(node: Node, path: Path) -> Iterator[tuple[Path, Child]]:
    if isinstance(node, Child):
        yield path, node
    elif isinstance(node, Branch):
        for position, entry in enumerate(node.entries):
            yield from _children(entry, (*path, position))


def _node_at(node: Node, path: Path) -> Node:
    for position in path:
        if isinstance(node, Branch):
            node = node.entries[position]
    return node


def _may_be_image(entry: Descriptor) -> bool:
    known = entry.media_type in (*media_types.INDEXES, *media_types.MANIFESTS)
    unknown_platform = entry.platform is not None and entry.platform.os == "unknown"
    is_image = entry.artifact_type in (None, *media_types.CONFIGS)
    return known and is_image and not entry.is_attestation and not unknown_platform


def _is_wanted(entry: Descriptor, platforms: tuple[Platform, ...]) -> bool:
    """Answer whether the entry is, or may hold, a wanted platform's image."""
    if not platforms or entry.platform is None or entry.media_type in media_types.INDEXES:
        return True
    return _among(entry.platform.platform, platforms)


def _among(platform: Platform, platforms: tuple[Platform, ...]) -> bool:
    return any(same_platform(platform, wanted) for wanted in platforms)


def _agree(said: Platform, own: Platform) -> bool:
    """Answer whether an index' word for a platform fits the image's own; a variant may be left out in either place."""
    said, own = normal(said), normal(own)
    same = (said.os, said.architecture) == (own.os, own.architecture)
    return same and (not said.variant or not own.variant or said.variant == own.variant or runs_on(said, own))


def _require_platforms(original: Original, platforms: tuple[Platform, ...]) -> None:
    present = [child.image.platform for _, child in original.children()]
    missing = [wanted for wanted in platforms if not _among(wanted, tuple(present))]
    if missing:
        raise InputError(
            InputProblem(
                "platforms",
                f"{', '.join(map(str, missing))} is not a platform of {original.reference}",
                "Name platforms that the image has in `platforms`, or leave it out to rebase them all.",
            )
        )
    if not present:
        raise ImageError(
            "not-an-image",
            f"The index {original.digest} holds no container image",
            "Name a container image in `image`.",
        )


def _platform_missing(reference: Reference, wanted: Platform, offered: list[Platform]) -> ImageError:
    has = ", ".join(sorted({str(platform) for platform in offered})) or "no platform at all"
    return ImageError(
        "platform-missing",
        f"{reference} has no image for {wanted}; it has {has}",
        "Name a base for that platform in `new-base` or `old-base`, or leave the platform out of `platforms`.",
    )


def _too_deep(document: Manifest | Index) -> ImageError:
    return ImageError(
        "document-invalid",
        f"The index {document.document.digest} is nested more than {MAX_DEPTH} levels deep",
        "Name one of the indexes inside it by digest in `image` or `new-base`.",
    )
