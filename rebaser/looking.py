"""Looks into the layers of every platform that is to be rebased: evidence for the checks, and what it settles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rebaser.checks.base import CheckResult
from rebaser.checks.layer_catalog import LAYER_CHECKS
from rebaser.checks.runner import run_layer_checks
from rebaser.layer_cache import LayerCache
from rebaser.layer_reader import LayerReader
from rebaser.layer_rewriter import adapt
from rebaser.layers.limits import UnreadableError
from rebaser.oci.reference import Repository
from rebaser.plan.disputes import find_disputes, settle_packages, wanted_lists
from rebaser.plan.evidence import Evidence, Indexes, gather_evidence
from rebaser.plan.inventory import Inventory, inventory
from rebaser.plan.merge_layer import merge_layer
from rebaser.plan.model import PlatformPlan, Wishes
from rebaser.plan.package_changes import package_changes
from rebaser.plan.packages import PackageChanges
from rebaser.plan.reconciling import reconcile
from rebaser.plan.repairing import repairs, too_large, wanted_bodies
from rebaser.plan.settle import settle, with_adapted, with_merge
from rebaser.transports.base import Transports


@dataclass(frozen=True, slots=True)
class Looked:
    """A platform's plan, settled; what checks found in its layers; and what becomes of packages, if that is known.

    `inventory` is what the result holds, if that was wished for.
    """

    plan: PlatformPlan
    results: tuple[CheckResult, ...] = ()
    packages: PackageChanges | None = None
    inventory: Inventory | None = None


def look(
    plans: Sequence[PlatformPlan], home: Repository, wishes: Wishes, transports: Transports, cache: Path | None
) -> tuple[Looked, ...]:
    """Return what the layers show of each plan; `home` is where the original lies.

    Platforms are looked at one by one, so that only one is in memory; layers that they share are read once.

    Raises:
        ImageError, TransportError: a layer is broken or could not be had.
    """
    reader = LayerReader(transports, LayerCache(cache) if cache else None)
    try:
        return tuple(_look(plan, reader, home, wishes) for plan in plans)
    finally:
        reader.close()


def _look(plan: PlatformPlan, reader: LayerReader, home: Repository, wishes: Wishes) -> Looked:
    plan, evidence = _evidence(plan, reader, home, wishes)
    results = run_layer_checks(LAYER_CHECKS, plan, evidence)
    changes = package_changes(evidence) if evidence else None
    listed = inventory(evidence, reader.indexes(evidence.draft, home).new) if evidence and wishes.sbom else None
    return Looked(plan, results, changes, listed)


def _evidence(
    plan: PlatformPlan, reader: LayerReader, home: Repository, wishes: Wishes
) -> tuple[PlatformPlan, Evidence | None]:
    if plan.current or plan.draft is None:
        return plan, None
    if plan.original.platform.os != "linux":
        return replace(plan, unread=f"layers of {plan.original.platform.os} images are not understood"), None
    try:
        indexes = reader.indexes(plan.draft, home)
    except UnreadableError as error:
        return replace(plan, unread=str(error)), None
    evidence = gather_evidence(plan, plan.draft, indexes)
    if not wishes.merge_layer:
        evidence = settle(evidence, wishes)
        return evidence.plan, evidence
    try:
        evidence = with_adapted(evidence, adapt(evidence, indexes, reader, home), wishes)
        evidence = _reconciled(settle(evidence, wishes), indexes, reader, home, wishes)
    except UnreadableError as error:
        return replace(plan, unread=str(error)), None
    return evidence.plan, evidence


def _reconciled(
    evidence: Evidence, indexes: Indexes, reader: LayerReader, home: Repository, wishes: Wishes
) -> Evidence:
    """Return the evidence with a layer on top that puts right what both sides changed."""
    disputes = find_disputes(evidence)
    lists = reader.bodies(evidence, indexes, home, wanted_lists(evidence, disputes))
    settlement = settle_packages(evidence, disputes, lists)
    desired = reconcile(evidence, settlement)
    excess = too_large(desired)
    if excess is not None:
        return replace(evidence, merge=merge_layer((), (excess,), evidence.rebased.files))
    bodies = reader.bodies(evidence, indexes, home, wanted_bodies(desired, evidence))
    merge = merge_layer(*repairs(desired, evidence, settlement, bodies), evidence.rebased.files)
    return with_merge(evidence, merge, wishes)
