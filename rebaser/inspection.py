"""Answers what an image is built on, how that is known, where its base ends, and whether it is stale."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from rebaser import ancestry, gather
from rebaser.documents import Documents
from rebaser.errors import ImageError, ImageNotFound
from rebaser.oci.digest import Digest
from rebaser.oci.reference import Reference, Scratch, Transport
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.candidates import Sayings, find_candidates, recorded_digest
from rebaser.plan.draft import why_current
from rebaser.plan.model import Base, Child, Seam, Unrelated
from rebaser.plan.seam import find_seam
from rebaser.printable import printable
from rebaser.request import Request
from rebaser.transports.base import Transports


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """One platform. `stale` is None where no newer base can be looked up; `why` tells how that is known."""

    platform: str
    layers: int
    base: Base | None
    seam: Seam | None
    newest: Reference | Scratch | None
    newest_digest: Digest | None
    stale: bool | None
    why: str
    rejected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inspection:
    """An image, and its platforms."""

    image: Reference
    platforms: tuple[PlatformFacts, ...]

    def as_json(self) -> JsonObject:
        """Return the facts as JSON."""
        platforms: list[Json] = [_platform_json(facts) for facts in self.platforms]
        return {"image": str(self.image), "digest": self.image.digest, "platforms": platforms}

    def as_text(self) -> str:
        """Return the facts as people read them."""
        return "\n".join([str(self.image), *(line for facts in self.platforms for line in _platform_text(facts))])


def inspect(request: Request, transports: Transports) -> Inspection:
    """Return the facts of the image that `request` names; `old-base` and `new-base` are taken if given.

    Raises:
        RebaserError: the image could not be read.
    """
    with ThreadPoolExecutor(max_workers=8) as pool:
        gatherer = gather.Gatherer(Documents(transports), pool)
        original = gatherer.original(request.image, request.platforms)
        facts = pool.map(lambda place: _facts(gatherer, original, request, *place), original.children())
        return Inspection(original.reference, tuple(facts))


def _facts(
    gatherer: gather.Gatherer, original: gather.Original, request: Request, path: gather.Path, child: Child
) -> PlatformFacts:
    proved = ancestry.prove(gatherer, original, path, child) if request.old_base is None else None
    base = proved.base if proved else gatherer.base(request.old_base or Scratch.SCRATCH, child.image, "input")
    rejected = tuple(rejection.what for rejection in proved.rejected) if proved else ()
    seam = find_seam(child.image, base) if base else None
    if isinstance(seam, Unrelated):
        rejected = (f"only {seam.matching} of its {seam.base_layers} layers begin the image", *rejected)
    newest = request.new_base or _successor(gatherer.sayings(original.root, path), request.old_base, proved)
    known = PlatformFacts(
        str(child.image.platform),
        len(child.image.layers),
        base,
        seam if isinstance(seam, Seam) else None,
        newest,
        None,
        None,
        "no name is known under which a newer base would be found",
        rejected,
    )
    return _with_staleness(known, gatherer, original, path, child)


def _successor(
    sayings: Sayings, old_base: Reference | Scratch | None, proved: ancestry.Proved | None
) -> Reference | None:
    """Return the name under which a rebase would look for the newest base; beside a named old base, as is said."""
    if proved is not None:
        return proved.candidate.successor if proved.candidate else None
    said = (told.successor for told in find_candidates(sayings))
    name = next((told for told in said if told and told.repository.transport is Transport.REGISTRY), None)
    if name is None and isinstance(old_base, Reference) and old_base.tag and old_base.digest:
        return replace(old_base, digest=None)
    return name


def _with_staleness(
    facts: PlatformFacts, gatherer: gather.Gatherer, original: gather.Original, path: gather.Path, child: Child
) -> PlatformFacts:
    if facts.newest is None:
        return facts
    sayings = gatherer.sayings(original.root, path)
    try:
        newest = gatherer.base(facts.newest, child.image, "newest")
    except (ImageError, ImageNotFound) as error:
        return replace(facts, why=error.message)
    current = why_current(child.image, newest, recorded_digest(sayings), facts.base)
    if facts.base is not None and facts.base.digests & newest.digests:
        current = current or "it stands on the very image that the name means now"
    why = current or "the name means another image now"
    return replace(facts, newest_digest=newest.digest, stale=not current, why=why)


def _platform_json(facts: PlatformFacts) -> JsonObject:
    base: JsonObject | None = None
    if facts.base:
        base = {"name": _name(facts.base.reference), "digest": facts.base.digest, "found": facts.base.found}
    return {
        "platform": facts.platform,
        "layers": facts.layers,
        "base": base,
        "baseLayers": facts.seam.layers if facts.seam else None,
        "newest": _name(facts.newest) if facts.newest else None,
        "newestDigest": facts.newest_digest,
        "stale": facts.stale,
        "why": facts.why,
        "rejected": list(facts.rejected),
    }


def _platform_text(facts: PlatformFacts) -> Iterator[str]:
    yield f"  {printable(facts.platform)}"
    if facts.base and facts.seam:
        named = f"{_name(facts.base.reference)} {facts.base.digest or ''}".strip()
        yield f"    base: {named} (known from: {facts.base.found})"
        merged = len(facts.seam.merge_layers)
        own = facts.layers - facts.seam.layers - merged
        on_top = ", one of an earlier rebase on top" if merged else ""
        yield f"    layers: {facts.seam.layers} of the base, {own} of the application{on_top}"
    else:
        yield f"    base: not known; {facts.layers} layers in all"
    word = {None: "unknown,", True: "yes,", False: "no,"}[facts.stale]
    yield f"    stale: {word} {printable(facts.why)}"
    if facts.newest_digest:
        yield f"    newest: {_name(facts.newest)} {facts.newest_digest}"
    yield from (f"    rejected: {printable(text)}" for text in facts.rejected)


def _name(reference: Reference | Scratch | None) -> str:
    return str(replace(reference, digest=None)) if isinstance(reference, Reference) else "scratch"
