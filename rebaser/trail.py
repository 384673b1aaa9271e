"""Makes the trail of a rebase, and stores it beside the result: after everything else, and before the tags move."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from rebaser.apply import Receipt, Writer, given
from rebaser.checks.base import CheckResult
from rebaser.errors import ImageError, TransportError
from rebaser.gather import Original
from rebaser.oci.descriptor import Descriptor, describe
from rebaser.oci.digest import Digest
from rebaser.oci.document import Document
from rebaser.oci.media_types import IN_TOTO
from rebaser.oci.reference import Repository
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.artifact import Artifact
from rebaser.plan.model import Branch, Node, Plan, PlatformPlan
from rebaser.plan.referring import keeps_referrers
from rebaser.plan.statement import Made, findings_listed, statement
from rebaser.plan.trail import NO_TRAIL, Trail, joined, moved, provenance_trail, results, sbom_trail
from rebaser.request import Maker, Policy, Request
from rebaser.transports.base import ImageStore, Transports
from rebaser.transports.referrers import subject_of

if TYPE_CHECKING:  # start-up: layers are not looked into before there is something to compare
    from rebaser.plan.inventory import Inventory

MAX_EARLIER = 16  # attestations of the original that are named


@dataclass(frozen=True, slots=True)
class Told:
    """A rebase that was decided on, as far as it is told of; `inventories` by the path of the platform."""

    original: Original
    request: Request
    policy: Policy
    plans: Sequence[PlatformPlan]
    results: Sequence[CheckResult]
    plan: Plan
    places: Sequence[Repository]
    inventories: Mapping[tuple[int, ...], "Inventory"]


def earlier(original: Original, request: Request, transports: Transports) -> tuple[Digest, ...]:
    """Return the attestations of the original: BuildKit's entries of its index, and statements that refer to it.

    What a place cannot tell is not known: nothing but the statement depends on it.
    """
    if request.provenance == "none":
        return ()
    entries = [entry.digest for entry in _attestations(original.root)]
    try:
        listed = transports.open(original.reference.repository).referrers(original.digest)
    except (ImageError, TransportError):
        listed = ()
    referring = [one.digest for one in listed if one.artifact_type == IN_TOTO]
    return tuple(sorted(dict.fromkeys((*entries, *referring)))[:MAX_EARLIER])


def make_trail(told: Told, before: "Future[tuple[Digest, ...]]", maker: Maker) -> Trail:
    """Return the trail of what was decided; `before` gives the attestations of the original."""
    return joined((_provenance(told, before, maker), _sboms(told)))


def _provenance(told: Told, before: "Future[tuple[Digest, ...]]", maker: Maker) -> Trail:
    if told.request.provenance == "none":
        return NO_TRAIL
    findings = findings_listed(_findings(told.results))
    made = Made(told.original.reference, results(told.plan), told.places, told.plans, findings.digest, before.result())
    stated = statement(made, told.request, told.policy, maker)
    return provenance_trail(told.plan, told.plans, stated, findings, told.request.provenance)


def _sboms(told: Told) -> Trail:
    if not told.inventories:
        return NO_TRAIL
    from rebaser.plan.sbom import sbom

    known = ((about, told.inventories.get(one.path)) for one, about in moved(told.plan, told.plans))
    name = str(told.places[0])
    return sbom_trail([(about, sbom(name, about.digest, found)) for about, found in known if found is not None])


def store_trail(trail: Trail, places: Sequence[Repository], writer: Writer, receipt: Receipt) -> None:
    """Store what is wanted in each of `places`, and what is offered where referrers are listed.

    Raises:
        TransportError: a place refused what is wanted. What is only offered and refused becomes a notice.
    """
    for place in places:
        store = writer.transports.open(place)
        if trail.wanted and keeps_referrers(place):
            _put_blobs(trail.wanted, store, writer)
            for one in trail.wanted:  # one by one: where nothing lists them, each changes the same tag
                store.put_referrer(one.manifest)
        elif trail.wanted:
            receipt.notices.append(f"{place} keeps nothing but images: what is said of this one is beside the report")
        if trail.offered:
            _offer(trail.offered, store, writer, receipt)


def _offer(offered: Sequence[Artifact], store: ImageStore, writer: Writer, receipt: Receipt) -> None:
    try:
        if store.lists_referrers(subject_of(offered[0].manifest)):
            _put_blobs(offered, store, writer)
            _all(writer, store.put_manifest, [one.manifest for one in offered])
    except (ImageError, TransportError) as error:
        receipt.notices.append(f"What is said of the image is beside the report, not beside the image: {error.message}")


def _put_blobs(artifacts: Iterable[Artifact], store: ImageStore, writer: Writer) -> None:
    blobs = {blob.digest: blob for one in artifacts for blob in one.blobs}
    _all(writer, lambda blob: store.put_blob(describe(blob), given(blob.content)), blobs.values())


def _all(writer: Writer, work: Callable[[Document], None], documents: Iterable[Document]) -> None:
    for _ in writer.pool.map(work, documents):
        pass


def _attestations(node: Node) -> Iterator[Descriptor]:
    if node.descriptor is not None and node.descriptor.is_attestation:
        yield node.descriptor
    for entry in node.entries if isinstance(node, Branch) else ():
        yield from _attestations(entry)


def _findings(results: Iterable[CheckResult]) -> Iterator[JsonObject]:
    """Yield the findings as the report has them; the list stays beside it, for only its digest is stated."""
    for result in results:
        for found in result.findings:
            told: JsonObject = {"check": found.check, "place": list[Json](result.place)}
            told |= {"severity": found.severity.word, "message": found.message, "subject": found.subject}
            yield told | {"before": cast("Json", found.before), "after": cast("Json", found.after)}
