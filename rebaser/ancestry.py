"""Which base one platform's image stands on, and the plan that follows: every saying is proved against the layers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rebaser.errors import ImageError, ImageNotFound, InputError, InputProblem, TransportError
from rebaser.gather import Gatherer, Original, Path
from rebaser.oci.image import Image
from rebaser.oci.reference import Reference, Scratch, Transport
from rebaser.plan.candidates import FROM_LABELS, FROM_PROVENANCE, Candidate, Sayings, find_candidates, recorded_digest
from rebaser.plan.draft import plan_platform, why_current
from rebaser.plan.model import Base, Child, PlatformPlan, Rejection, Trio, Wishes
from rebaser.plan.seam import common_prefix
from rebaser.plan.standing import stands_on
from rebaser.printable import printable
from rebaser.request import Request

MAX_CANDIDATES = 32  # bases that are looked up for one platform


@dataclass(frozen=True, slots=True)
class Proved:
    """The base that the image stands on, and the saying that named it; and what was named and is not."""

    base: Base | None
    candidate: Candidate | None
    rejected: tuple[Rejection, ...]


def plan_child(gatherer: Gatherer, original: Original, request: Request, path: Path, child: Child) -> PlatformPlan:
    """Return the plan for one platform; where a record or `old-base` tells that it is current, nothing more is read.

    Raises:
        InputError: no new base is named, and none can be derived.
        ImageError, TransportError: a base could not be read.
    """
    image = child.image
    sayings = gatherer.sayings(original.root, path)
    recorded = recorded_digest(sayings)
    named = gatherer.base(request.old_base, image, "input") if request.old_base else None
    trusted = _agreeing(_said(sayings), request.old_base, named) if named else _said(sayings)
    likely = _likely_new_base(gatherer, request, image, trusted) if named or recorded else None
    if likely is not None and (why := why_current(image, likely, recorded, named)):
        return PlatformPlan(path, image, likely, named, current=why)
    proved = Proved(named, None, ()) if named else prove(gatherer, original, path, child)
    told = (proved.candidate,) if proved.candidate else trusted
    new_base = _new_base(gatherer, original, request, image, told)
    proved = _unless_inherited(proved, new_base)
    if why := why_current(image, new_base, recorded, proved.base):
        return PlatformPlan(path, image, new_base, proved.base, proved.rejected, current=why)
    if proved.base is None:
        return PlatformPlan(path, image, new_base, None, proved.rejected)
    wishes = Wishes(request.on_conflict, request.manifest_format, request.created)
    return plan_platform(path, Trio(image, proved.base, new_base), proved.rejected, wishes)


def prove(gatherer: Gatherer, original: Original, path: Path, child: Child) -> Proved:
    """Return the longest of the named bases whose layers all begin the image's; the more trustworthy one of equals.

    Where no annotation leads to one, the base that an earlier rebase kept beside the image is looked for.
    A base that cannot be looked at could have been the one: unless what outranks the best was looked at, none is.

    Raises:
        TransportError: a base that may be the one could not be looked at.
    """
    sayings = gatherer.sayings(original.root, path)
    sayings = Sayings(sayings.annotations, sayings.labels, gatherer.provenance(original, path))
    said = _said(sayings)[:MAX_CANDIDATES]
    answers = [_look_up(gatherer, original, child, candidate) for candidate in said]
    proved = [(base, candidate) for candidate, base in zip(said, answers, strict=True) if isinstance(base, Base)]
    best = max(proved, key=lambda found: len(found[0].layers), default=None)
    rejected = tuple(answer for answer in answers if isinstance(answer, Rejection))
    if best is None or best[1].found in (FROM_LABELS, FROM_PROVENANCE):
        kept = _kept(gatherer, original, child)
        rejected = (*rejected, *kept.rejected)
        if kept.base is not None:
            return replace(kept, rejected=rejected)
    for position, (candidate, answer) in enumerate(zip(said, answers, strict=True)):
        if best and not _may_be_nearer(candidate, position, best[1], said):
            continue
        if isinstance(answer, TransportError):
            raise answer
        if isinstance(answer, Rejection) and answer.gone:
            return Proved(None, None, rejected)
    return Proved(best[0], best[1], rejected) if best else Proved(None, None, rejected)


def _kept(gatherer: Gatherer, original: Original, child: Child) -> Proved:
    """Return the base that an earlier rebase kept beside the image, if it did and the image stands on it."""
    from rebaser.saved_bases import saved_base

    base, rejected = saved_base(gatherer, original.reference.repository, child.image)
    return Proved(base, Candidate(base.found, base.reference, base.digest) if base else None, rejected)


def _may_be_nearer(candidate: Candidate, position: int, best: Candidate, said: Sequence[Candidate]) -> bool:
    """Answer whether a base that was not looked at may be the real one, and the best only its own base.

    An annotation is written for this very image; a label may be inherited, and provenance names every stage.
    """
    if best.found not in (FROM_LABELS, FROM_PROVENANCE):
        return False
    before = position < said.index(best) or candidate.found == best.found
    return before and candidate.name != best.name


def _unless_inherited(proved: Proved, new_base: Base) -> Proved:
    """Return `proved`, unless only a label names the base and the new base carries that label: it is inherited."""
    candidate = proved.candidate
    if candidate is None or candidate.found != FROM_LABELS or new_base.image is None:
        return proved
    labels = new_base.image.config.settings.get("Labels")
    texts = {key: text for key, text in labels.items() if isinstance(text, str)} if isinstance(labels, dict) else {}
    if all(theirs.name != candidate.name for theirs in find_candidates(Sayings((), texts))):
        return proved
    why = "the label is inherited: the new base carries it too"
    return Proved(None, None, (*proved.rejected, Rejection(why)))


def _agreeing(
    candidates: Iterable[Candidate], old_base: Reference | Scratch | None, named: Base
) -> tuple[Candidate, ...]:
    """Return the annotations, and those of the other sayings that speak of the old base that was named."""
    repository = old_base.repository if isinstance(old_base, Reference) else None
    return tuple(
        told
        for told in candidates
        if told.found not in (FROM_LABELS, FROM_PROVENANCE)
        or (isinstance(told.name, Reference) and told.name.repository == repository)
        or (told.name is old_base and repository is None)
        or told.digest in named.digests
    )


def _said(sayings: Sayings) -> tuple[Candidate, ...]:
    """Return the bases that are named, with what is wrong with those that cannot count."""
    return tuple(
        Candidate(told.found, problem=problem) if (problem := _problem(told)) else told
        for told in find_candidates(sayings)
    )


def _problem(candidate: Candidate) -> str:
    """Return why a saying cannot count; no image may send us to a directory of this machine."""
    if _is_local(candidate):
        return "it names a place that is not a registry"
    if candidate.found == FROM_LABELS and candidate.name is Scratch.SCRATCH:
        return "every image begins with scratch, so that an inherited label cannot be told from one of its own"
    return candidate.problem


def _is_local(candidate: Candidate) -> bool:
    name = candidate.name
    return isinstance(name, Reference) and name.repository.transport is not Transport.REGISTRY


def _look_up(
    gatherer: Gatherer, original: Original, child: Child, candidate: Candidate
) -> Base | Rejection | TransportError:
    """Return the base that a saying names, or why it is not the image's, or why that could not be found out."""
    where = candidate.found
    if candidate.problem:
        return Rejection(f"the {where} is not understood: {printable(candidate.problem)}")
    answer: Rejection | TransportError | None = None
    for place in _places(candidate, original):
        name = printable(str(place.value if isinstance(place, Scratch) else place))
        try:
            base = gatherer.base(place, child.image, where)
        except ImageNotFound:
            answer = answer or Rejection(f"the {where} names {name}, which is not there", gone=True)
        except ImageError as error:
            return Rejection(f"the {where} names {name}: {error.message}")
        except TransportError as error:
            answer = answer or error
        else:
            return _judged(base, candidate, child.image, f"the {where} names {name}")
    return answer or Rejection(f"the {where} names no base")


def _judged(base: Base, candidate: Candidate, image: Image, said: str) -> Base | Rejection:
    """Return the base if the image stands on it. A tag may have moved, so without a digest the config must fit too."""
    matching = common_prefix([layer.diff_id for layer in base.layers], image.diff_ids)
    if matching < len(base.layers):
        moved = "" if candidate.digest else "; its tag may have moved since the image was built"
        return Rejection(f"{said}, of whose {len(base.layers)} layers the image begins with {matching}{moved}")
    if candidate.digest is None and not stands_on(image, base):
        return Rejection(f"{said}, whose tag has moved since: the layers are there, but not the settings")
    return base


def _places(candidate: Candidate, original: Original) -> Iterable[Reference | Scratch]:
    """Yield where the base may be: where it is said to be and, by its digest, beside the image itself."""
    if isinstance(candidate.name, Scratch):
        yield candidate.name
        return
    if candidate.place:
        yield candidate.place
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
