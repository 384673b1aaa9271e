"""Writes a plan: blobs, configs, manifests by digest, read back, and tags last, if they still are what they were.

A failure before the tags leaves what anyone can see untouched; doing it all again comes to the same end.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from rebaser.errors import RebaserError, TransportError
from rebaser.oci import media_types
from rebaser.oci.descriptor import Descriptor, describe
from rebaser.oci.digest import Digest, encoded
from rebaser.oci.document import Document
from rebaser.oci.manifest import Index
from rebaser.oci.reference import Reference, Repository, kept_tag
from rebaser.plan.model import BlobMove, Plan, Rewritten
from rebaser.transports.base import Content, ImageStore, Transports

if TYPE_CHECKING:  # start-up: layers are not looked into before there is something to compare
    from rebaser.layers.changes import Changes

Item = TypeVar("Item")


class How(StrEnum):
    """What became of a blob."""

    PRESENT = "present"
    MOUNTED = "mounted"
    COPIED = "copied"
    UPLOADED = "uploaded"


@dataclass(frozen=True, slots=True)
class TagTarget:
    """A tag to be put, and the digest that it named at the start; None if it did not exist."""

    reference: Reference
    named: Digest | None

    @property
    def tag(self) -> str:
        """Return the tag."""
        return str(self.reference.tag)


@dataclass(slots=True)
class Receipt:
    """What really happened: facts, not intentions. Grows while it happens, so that a failure can be told whole."""

    blobs: dict[Digest, How] = field(default_factory=dict)
    moved: list[Reference] = field(default_factory=list)
    kept: list[Reference] = field(default_factory=list)
    not_moved: list[Reference] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Writer:
    """What writing needs: places and threads."""

    transports: Transports
    pool: ThreadPoolExecutor


def store_plan(
    plan: Plan, original: Repository, places: Sequence[Repository], writer: Writer, receipt: Receipt
) -> None:
    """Store everything but tags in each of `places`: blobs, then manifests, then the indexes that name them.

    Raises:
        TransportError: a place refused something.
    """
    stores = [writer.transports.open(place) for place in places]
    moves = [(move, store) for move in plan.blobs for store in stores]
    _all(writer.pool, lambda pair: _place(*pair, writer.transports, receipt), moves)
    for store in stores:
        if store.repository != original:
            source = writer.transports.open(original)
            for descriptor in plan.kept:
                _copy_tree(source, store, descriptor, writer, receipt)
    for documents in _levels(plan.documents):
        puts = [(document, store) for document in documents for store in stores]
        _all(writer.pool, lambda pair: _put_manifest(pair[1], pair[0], plan.blobs, writer, receipt), puts)
    refers = [(referrer, store) for referrer in plan.referrers for store in stores]
    _all(writer.pool, lambda pair: pair[1].put_referrer(pair[0]), refers)


def copy_image(source: ImageStore, place: Repository, document: Document, writer: Writer, receipt: Receipt) -> None:
    """Store an unchanged image, with all that it refers to, in another place.

    Raises:
        TransportError: a place refused something.
    """
    _copy_tree(source, writer.transports.open(place), describe(document), writer, receipt)


def confirm(
    documents: Sequence[Document], places: Sequence[Repository], targets: Sequence[TagTarget], writer: Writer
) -> tuple[TagTarget, ...]:
    """Read back what was stored, look at all tags a last time, and return those that do not name the result yet.

    The last of `documents` is the result. A place that shows late what it took is waited for by its transport.

    Raises:
        TransportError: `tag-moved`; or a place does not give back what was stored.
    """
    result, stores = documents[-1], [writer.transports.open(place) for place in places]
    reads = [writer.pool.submit(_read_back, store, document) for store in stores for document in documents]
    looks = [writer.pool.submit(_names_already, target, result, writer.transports) for target in targets]
    for read in reads:
        read.result()
    return tuple(target for target, look in zip(targets, looks, strict=True) if not look.result())


def keep_originals(targets: Sequence[TagTarget], pattern: str, writer: Writer, receipt: Receipt) -> None:
    """Give what `targets` name until now a tag of its own, as the pattern says; one that is there already is fine.

    Raises:
        TransportError: `tag-taken`, when that tag names something else; or what the registry said.
    """
    for target in targets:
        if target.named is None:
            continue
        store = writer.transports.open(target.reference.repository)
        kept = target.reference.with_tag(kept_tag(pattern, target.reference.plain_tag, encoded(target.named)[:12]))
        there = store.resolve(str(kept.tag))
        if there not in (None, target.named):
            raise _taken(kept, there, target)
        if there is None:
            store.put_tag(str(kept.tag), store.manifest(target.named).document)
        receipt.kept.append(kept)


def _taken(kept: Reference, there: Digest | None, target: TagTarget) -> TransportError:
    return TransportError(
        "tag-taken",
        f"{target.named} was to be kept as {kept}, which names {there} already; no tag was moved",
        "Let `keep-original` contain {digest}, so that every original gets a tag of its own, or remove that tag.",
    )


def put_tags(targets: Sequence[TagTarget], document: Document, writer: Writer, receipt: Receipt) -> None:
    """Make the tags name `document`, one after the other.

    Raises:
        TransportError: what the registry said, with the tags that were put and those that were not.
    """
    for target in targets:
        try:
            writer.transports.open(target.reference.repository).put_tag(target.tag, document)
        except TransportError as error:
            raise _half_way(error, receipt) from error
        receipt.not_moved.remove(target.reference)
        receipt.moved.append(target.reference)
    receipt.not_moved.clear()


def _levels(documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
    """Yield what can be put at once: all manifests, and then each index, which may name one before it."""
    yield [document for document in documents if document.media_type not in media_types.INDEXES]
    yield from ([document] for document in documents if document.media_type in media_types.INDEXES)


def _names_already(target: TagTarget, document: Document, transports: Transports) -> bool:
    now = transports.open(target.reference.repository).resolve(target.tag)
    if now not in (target.named, document.digest):
        raise TransportError(
            "tag-moved",
            f"{target.reference} named {target.named or 'nothing'} at the start and names {now or 'nothing'} now; "
            f"no tag was put. The result is stored as {document.digest}",
            "Run again, so that the image that is there now gets rebased; let only one job at a time write a tag "
            "of `tags`.",
        )
    return now == document.digest


def _half_way(error: RebaserError, receipt: Receipt) -> TransportError:
    moved = ", ".join(map(str, receipt.moved)) or "none"
    left = ", ".join(map(str, receipt.not_moved))
    return TransportError(error.code, f"{error.message}. Tags moved: {moved}; not moved: {left}", error.remedy)


def _place(move: BlobMove, store: ImageStore, transports: Transports, receipt: Receipt) -> None:
    digest = move.descriptor.digest
    if move.content is not None:
        store.put_blob(move.descriptor, given(move.content))
        receipt.blobs[digest] = How.UPLOADED
    elif move.rewritten is not None:
        receipt.blobs[digest] = _make(move, move.rewritten, store, transports)
    elif move.source is None or move.source == store.repository:
        receipt.blobs[digest] = How.PRESENT
    else:
        receipt.blobs[digest] = _bring(move.descriptor, transports.open(move.source), store)


def _make(move: BlobMove, rewritten: Rewritten, store: ImageStore, transports: Transports) -> How:
    if store.has_blob(move.descriptor):
        return How.PRESENT
    store.put_blob(move.descriptor, changed(transports.open(move.source or store.repository), rewritten))
    return How.UPLOADED


def _bring(descriptor: Descriptor, source: ImageStore, store: ImageStore) -> How:
    """Get a blob from one place into another: mounted where both are one registry, else streamed."""
    ours, theirs = store.repository, source.repository
    neighbours = (ours.transport, ours.registry) == (theirs.transport, theirs.registry)
    if neighbours and store.mount_blob(descriptor, theirs):
        return How.MOUNTED
    if not neighbours and store.has_blob(descriptor):
        return How.PRESENT
    store.put_blob(descriptor, _streamed(source, descriptor))
    return How.COPIED


def _copy_tree(source: ImageStore, store: ImageStore, descriptor: Descriptor, writer: Writer, receipt: Receipt) -> None:
    """Store a manifest or index of the source with all that it refers to, children first."""
    manifest = source.manifest(descriptor.digest, descriptor)
    if isinstance(manifest, Index):
        for child in manifest.view.manifests:
            _copy_tree(source, store, child, writer, receipt)
    else:
        blobs = [blob for blob in (*manifest.view.layers, manifest.view.config) if not blob.is_foreign]
        moves = [BlobMove(blob, source.repository) for blob in {blob.digest: blob for blob in blobs}.values()]
        _all(writer.pool, lambda move: _place(move, store, writer.transports, receipt), moves)
    store.put_manifest(manifest.document)


def _put_manifest(
    store: ImageStore, document: Document, blobs: Sequence[BlobMove], writer: Writer, receipt: Receipt
) -> None:
    try:
        store.put_manifest(document)
    except TransportError as error:
        if error.code != "manifest-blob-unknown":
            raise
        for move in blobs:  # not in the pool, whose threads may all be here
            if not store.has_blob(move.descriptor):
                _send_again(move, store, writer.transports, receipt)
        store.put_manifest(document)


def _send_again(move: BlobMove, store: ImageStore, transports: Transports, receipt: Receipt) -> None:
    """Upload a blob that the registry claimed to have, and then did not know."""
    content = given(move.content) if move.content is not None else None
    if move.rewritten is not None:
        content = changed(transports.open(move.source or store.repository), move.rewritten)
    elif content is None and move.source is not None and move.source != store.repository:
        content = _streamed(transports.open(move.source), move.descriptor)
    if content is not None:
        store.put_blob(move.descriptor, content)
        is_made = move.content is not None or move.rewritten is not None
        receipt.blobs[move.descriptor.digest] = How.UPLOADED if is_made else How.COPIED


def _read_back(store: ImageStore, document: Document) -> None:
    if store.manifest(document.digest).document.content != document.content:
        raise TransportError(
            "registry-misbehaved",
            f"{store.repository} does not give back the bytes that were stored as {document.digest}",
            "Report this to whoever runs the registry, or choose another one in `tags`; no tag was moved.",
        )


def _all(pool: ThreadPoolExecutor, work: Callable[[Item], None], items: Iterable[Item]) -> None:
    for _ in pool.map(work, items):
        pass


def given(content: bytes) -> Content:
    """Return bytes at hand as what `put_blob` takes."""

    def once() -> AbstractContextManager[Iterator[bytes]]:
        return nullcontext(iter((content,)))

    return once


def changed(source: ImageStore, rewritten: Rewritten) -> Content:
    """Return a layer that is made of one of the source's, as what `put_blob` takes."""

    @contextmanager
    def once() -> Iterator[Iterator[bytes]]:
        with source.blob(rewritten.original) as chunks:
            yield _made_of(chunks, rewritten.changes)

    return once


def _made_of(chunks: Iterator[bytes], changes: "Changes") -> Iterator[bytes]:
    from rebaser.layers.packing import gzipped
    from rebaser.layers.rewriting import rewritten

    yield from gzipped(rewritten(chunks, changes))
    for _ in chunks:
        pass  # only what is read to its end has been held against its digest


def _streamed(source: ImageStore, descriptor: Descriptor) -> Content:
    return lambda: source.blob(descriptor)
