"""Which base one platform's image stands on, and the plan that follows: every saying is proved against the layers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rebaser.errors import ImageError, ImageNotFound, InputError, InputProblem, TransportError
from rebaser.gather import Gatherer, Original, Path
from rebaser.oci.image import Image
from rebaser.oci.reference import Reference, Scratch, Transport
from rebaser.plan.candidates import Candidate, Sayings, find_candidates, mentioned_digests, recorded_digest
from rebaser.plan.draft import plan_platform, why_current
from rebaser.plan.model import Base, Child, PlatformPlan, Rejection, Seam, Trio, Wishes
from rebaser.plan.seam import common_prefix, find_seam
from rebaser.printable import printable
from rebaser.request import Request

MAX_CANDIDATES = 32  # bases that are looked up for one platform
_SAME = "the base that it stands on is the new base"


@dataclass(frozen=True, slots=True)
class Proved:
    """The base that the image stands on, and the saying that named it; and what was named and is not."""

    base: Base | None
    candidate: Candidate | None
    rejected: tuple[Rejection, ...]


def plan_child(gatherer: Gatherer, original: Original, request: Request, path: Path, child: Child) -> PlatformPlan:
    """Return the plan for one platform; its old base is looked for only if the image is not current.

    Raises:
        InputError: no new base is named, and none can be derived.
        ImageError, TransportError: a base could not be read.
    """
    image = child.image
    sayings = gatherer.sayings(original.root, path)
    candidates = _said(sayings)
    named = gatherer.base(request.old_base, image, "input") if request.old_base else None
    likely = _likely_new_base(gatherer, request, image, candidates)
    if likely is not None:
        why = why_current(image, likely, recorded_digest(sayings), mentioned_digests(candidates), named)
        if why:
            return PlatformPlan(path, image, likely, named, current=why)
    proved = Proved(named, None, ()) if named else prove(gatherer, original, path, child)
    told = (proved.candidate,) if proved.candidate else candidates
    new_base = _new_base(gatherer, original, request, image, told)
    if proved.base is None:
        return PlatformPlan(path, image, new_base, None, proved.rejected)
    if proved.base.digests & new_base.digests and isinstance(find_seam(image.config, proved.base), Seam):
        return PlatformPlan(path, image, new_base, proved.base, proved.rejected, current=_SAME)
    wishes = Wishes(request.on_conflict, request.manifest_format, request.created)
    return plan_platform(path, Trio(image, proved.base, new_base), proved.rejected, wishes)


def prove(gatherer: Gatherer, original: Original, path: Path, child: Child) -> Proved:
    """Return the longest of the named bases whose layers all begin the image's; the more trustworthy one of equals.

    Raises:
        TransportError: none was proved, and one could not be looked at.
    """
    sayings = gatherer.sayings(original.root, path)
    sayings = Sayings(sayings.annotations, sayings.labels, gatherer.provenance(original, path))
    rejected: list[Rejection] = []
    proved: list[tuple[int, Base, Candidate]] = []
    unread: TransportError | None = None
    for candidate in _said(sayings)[:MAX_CANDIDATES]:
        try:
            base = _look_up(gatherer, original, child, candidate, rejected)
        except TransportError as error:
            unread = unread or error
            continue
        if base is not None:
            proved.append((len(base.layers), base, candidate))
    if not proved and unread is not None:
        raise unread
    best = max(proved, key=lambda found: found[0], default=None)
    return Proved(best[1] if best else None, best[2] if best else None, tuple(rejected))


def _said(sayings: Sayings) -> tuple[Candidate, ...]:
    """Return the bases that are named. No image may send us to a directory of this machine."""
    return tuple(
        Candidate(told.found, problem="it names a place that is not a registry") if _is_local(told) else told
        for told in find_candidates(sayings)
    )


def _is_local(candidate: Candidate) -> bool:
    name = candidate.name
    return isinstance(name, Reference) and name.repository.transport is not Transport.REGISTRY


def _look_up(
    gatherer: Gatherer, original: Original, child: Child, candidate: Candidate, rejected: list[Rejection]
) -> Base | None:
    """Return the base that a saying names, if it is the image's; else tell in `rejected` why not."""
    where = candidate.found
    if candidate.problem:
        rejected.append(Rejection(f"the {where} is not understood: {printable(candidate.problem)}"))
        return None
    for place in _places(candidate, original):
        name = printable(str(place.value if isinstance(place, Scratch) else place))
        try:
            base = gatherer.base(place, child.image, where)
        except ImageNotFound:
            rejected.append(Rejection(f"the {where} names {name}, which is not there", gone=True))
            continue
        except ImageError as error:
            rejected.append(Rejection(f"the {where} names {name}: {error.message}"))
            continue
        matching = common_prefix([layer.diff_id for layer in base.layers], child.image.diff_ids)
        if matching == len(base.layers):
            return base
        rejected.append(
            Rejection(f"the {where} names {name}, of whose {len(base.layers)} layers the image begins with {matching}")
        )
    return None


def _places(candidate: Candidate, original: Original) -> Iterable[Reference | Scratch]:
    """Yield where the base may be: where it is said to be, under its bare name, and beside the image itself."""
    if isinstance(candidate.name, Scratch):
        yield candidate.name
        return
    if candidate.place:
        yield candidate.place
    if candidate.digest and candidate.successor:
        yield candidate.successor
    if candidate.digest:
        yield Reference(original.reference.repository, None, candidate.digest)


def _likely_new_base(
    gatherer: Gatherer, request: Request, image: Image, candidates: Iterable[Candidate]
) -> Base | None:
    """Return the new base that is named, or else the one that the most trustworthy saying leads to, if it does."""
    if request.new_base is not None:
        return gatherer.base(request.new_base, image, "input")
    following = _following(candidates)
    if following is None or following.name is None:
        return None
    try:
        return gatherer.base(following.name, image, following.found)
    except (ImageError, TransportError):
        return None  # another saying may be the one that holds


def _new_base(
    gatherer: Gatherer, original: Original, request: Request, image: Image, told: Sequence[Candidate]
) -> Base:
    """Return the new base that is named, or else the newest of the name that `told` give the old one."""
    following, old = _following(told), request.old_base
    if request.new_base is not None:
        return gatherer.base(request.new_base, image, "input")
    if following is not None and following.name is not None:
        return gatherer.base(following.name, image, following.found)
    if isinstance(old, Reference) and old.tag and old.digest:
        return gatherer.base(Reference(old.repository, old.tag), image, "old-base")
    pinned = next((candidate for candidate in told if candidate.digest), None)
    raise _new_base_unknown(original, _pinned(pinned) if pinned else "nothing on the image names its base")


def _following(candidates: Iterable[Candidate]) -> Candidate | None:
    """Return the most trustworthy saying that has a name under which the newest base is found."""
    return next((told for told in candidates if isinstance(told.name, Scratch) or told.successor), None)


def _pinned(candidate: Candidate) -> str:
    return f"the {candidate.found} names a digest, which never gets a newer image"


def _new_base_unknown(original: Original, why: str) -> InputError:
    return InputError(
        InputProblem(
            "new-base",
            f"it is not given, and cannot be derived from {original.reference}: {why}",
            "Name the image to rebase onto in `new-base`.",
        )
    )
