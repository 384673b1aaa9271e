"""Does ahead what a rebase will surely need: reads the bases beside the image, and prepares where the result goes.

Only time depends on it. Whatever is done here is asked for again by the stage that needs it, which finds it done, under
way or failed, and judges for itself. What is written ahead changes nothing that anyone can see: blobs are mounted and
an upload is opened, and that only for an image that will most likely be rebased.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Self

from rebaser.documents import Documents
from rebaser.errors import ImageError, InputError, RebaserError, RebuildError
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.platform import Platform, best_match, same_platform
from rebaser.oci.reference import Reference, Repository, Scratch, Transport
from rebaser.plan.candidates import Candidate, Sayings, find_candidates, recorded_digest
from rebaser.request import Request

MAX_PLATFORMS = 32  # of an index that are prepared; the others are done when their turn comes


@dataclass(frozen=True, slots=True)
class Standing:
    """A base's manifest for one platform, where it is, and all digests that a record of it may have; or `scratch`."""

    repository: Repository | None
    layers: tuple[Descriptor, ...]
    digests: frozenset[Digest]


@dataclass(slots=True)
class Ahead:
    """What is under way for one request, in the threads of `pool`."""

    request: Request
    documents: Documents
    pool: ThreadPoolExecutor
    _stopped: bool = False
    _lock: Lock = field(default_factory=Lock)
    _prepared: set[Repository] = field(default_factory=set)
    _tasks: list[Future[None]] = field(default_factory=list)

    @contextmanager
    def under_way(self) -> Iterator[Self]:
        """Begin, and at the end close what was opened for nothing; where a registry failed us, it is left alone."""
        self._begin()
        try:
            yield self
        except (InputError, ImageError, RebuildError):
            self._end()
            raise
        self._end()

    def stop(self) -> None:
        """Prepare nothing more: the stage that writes begins, and would only be run after."""
        with self._lock:
            self._stopped = True

    def _begin(self) -> None:
        for base in (self.request.old_base, self.request.new_base):
            if isinstance(base, Reference):
                self._start(partial(self.documents.manifest, base))
        self._start(self._follow)

    def _end(self) -> None:
        for task in self._tasks:  # which may still grow
            task.result()
        for repository in self._prepared:
            self.documents.transports.open(repository).close_uploads()

    def _start(self, work: Callable[[], object]) -> None:
        def quietly() -> None:
            with suppress(RebaserError):  # whoever needs it asks again, and is told
                work()

        self._tasks.append(self.pool.submit(quietly))

    def _follow(self) -> None:
        root = self.documents.manifest(self.request.image)
        if isinstance(root, Manifest):
            self._platform(root, Sayings((("annotation", root.view.notes),), {}), None)
            return
        for entry in _wanted(root, self.request)[:MAX_PLATFORMS]:
            self._start(partial(self._entry, root, entry))

    def _entry(self, root: Index, entry: Descriptor) -> None:
        """Follow one entry of an index; an index in the index is left to its stage."""
        told = entry.platform.platform if entry.platform else None
        for base in (self.request.old_base, self.request.new_base):
            if isinstance(base, Reference) and told:
                self._start(partial(self._standing, base, lambda: told))
        manifest = self.documents.manifest(Reference(self.request.image.repository, None, entry.digest), entry)
        if isinstance(manifest, Manifest):
            places = (manifest.view.notes, entry.notes, root.view.notes)
            self._platform(manifest, Sayings(tuple(("annotation", notes) for notes in places), {}), told)

    def _platform(self, manifest: Manifest, sayings: Sayings, told: Platform | None) -> None:
        """Read the bases of one platform's image and, unless it seems to be current, prepare its result."""
        self._start(partial(self.documents.config, self.request.image, manifest))
        said = next(filter(_is_remote, find_candidates(sayings)), None)
        old_base = self.request.old_base or (said.place if said else None)
        new_base = self.request.new_base or (said.successor if said else None)
        if old_base is None or new_base is None:
            return

        def platform() -> Platform:
            return told or self.documents.config(self.request.image, manifest).view.platform

        new = self._standing(new_base, platform)
        if recorded_digest(sayings) in new.digests:
            return
        old = self._standing(old_base, platform)
        if not self.request.dry_run and _will_move(manifest, old, new):
            self._prepare(manifest, old, new)

    def _standing(self, base: Reference | Scratch, platform: Callable[[], Platform]) -> Standing:
        if isinstance(base, Scratch):
            return Standing(None, (), frozenset())
        root = found = self.documents.manifest(base)
        if isinstance(found, Index):
            entry = _suitable(found, platform())
            found = self.documents.manifest(Reference(base.repository, None, entry.digest), entry) if entry else found
        if isinstance(found, Index):
            return Standing(base.repository, (), frozenset({root.document.digest}))
        self._start(partial(self.documents.config, base, found))
        digests = frozenset({root.document.digest, found.document.digest})
        return Standing(base.repository, found.view.layers, digests)

    def _prepare(self, manifest: Manifest, old: Standing, new: Standing) -> None:
        home = self.request.image.repository
        with self._lock:
            for place in {tag.repository for tag in self.request.tags or ()} or {home}:
                if place.transport is Transport.REGISTRY and not self._stopped:  # on a disk there is nothing to gain
                    self._prepare_place(place, _needed(home, manifest, old, new))

    def _prepare_place(self, place: Repository, needed: Iterable[tuple[Descriptor, Repository]]) -> None:
        """Mount layers where the result goes, and open an upload for its config."""
        store = self.documents.transports.open(place)
        self._prepared.add(place)
        self._start(store.expect_upload())
        for layer, source in needed:
            if source != place and not layer.is_foreign:
                self._start(partial(store.mount_blob, layer, source))


def _needed(
    home: Repository, manifest: Manifest, old: Standing, new: Standing
) -> Iterator[tuple[Descriptor, Repository]]:
    """Yield the layers of the result, and where each of them is: those of the old base are not among them."""
    held = {layer.digest for layer in manifest.view.layers}
    for layer in new.layers:
        yield layer, home if layer.digest in held or new.repository is None else new.repository
    for layer in manifest.view.layers[len(old.layers) :]:
        yield layer, home


def _wanted(index: Index, request: Request) -> list[Descriptor]:
    """Return the entries that are images of a platform that is wanted, as far as the index tells."""
    told = [(entry, entry.platform.platform) for entry in index.view.manifests if entry.platform]
    wanted = request.platforms
    return [
        entry
        for entry, platform in told
        if platform.os != "unknown" and (not wanted or any(same_platform(platform, one) for one in wanted))
    ]


def _suitable(index: Index, platform: Platform) -> Descriptor | None:
    told = [(entry, entry.platform.platform) for entry in index.view.manifests if entry.platform]
    position = best_match([(offered, "") for _, offered in told], platform, "")
    return None if position is None else told[position][0]


def _is_remote(candidate: Candidate) -> bool:
    """Answer whether a saying leads to a registry: no image may send us to a directory of this machine."""
    name = candidate.name
    return isinstance(name, Reference) and name.repository.transport is Transport.REGISTRY and not candidate.problem


def _will_move(manifest: Manifest, old: Standing, new: Standing) -> bool:
    """Answer whether the image stands on the old base and not on the new one, as far as digests of layers tell."""
    own = [layer.digest for layer in manifest.view.layers]

    def begins(base: Standing) -> bool:
        return own[: len(base.layers)] == [layer.digest for layer in base.layers]

    return begins(old) and not begins(new)
