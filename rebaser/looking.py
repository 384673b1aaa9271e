"""Looks into a platform's layers: the evidence for the checks, and the plan with what only layers could settle."""

from dataclasses import dataclass, replace

from rebaser.layer_reader import LayerReader
from rebaser.layers.limits import UnreadableError
from rebaser.oci.reference import Repository
from rebaser.plan.evidence import Evidence, gather_evidence
from rebaser.plan.model import PlatformPlan, Wishes
from rebaser.plan.settle import settle


@dataclass(frozen=True, slots=True)
class Looked:
    """A plan after its layers were looked into; no evidence where there is nothing to look into, or it can't be read."""

    plan: PlatformPlan
    evidence: Evidence | None = None


def look(plan: PlatformPlan, reader: LayerReader, home: Repository, wishes: Wishes) -> Looked:
    """Return the plan, settled, and the evidence; a plan whose layers can't be read says so in `unread`.

    Raises:
        ImageError, TransportError: a layer is broken or could not be had.
    """
    if plan.current or plan.draft is None:
        return Looked(plan)
    if plan.original.platform.os != "linux":
        return Looked(replace(plan, unread=f"layers of {plan.original.platform.os} images are not understood"))
    try:
        indexes = reader.indexes(plan.draft, home)
    except UnreadableError as error:
        return Looked(replace(plan, unread=str(error)))
    evidence = settle(gather_evidence(plan, plan.draft, indexes), wishes)
    return Looked(evidence.plan, evidence)
