"""What a rebase leaves beside its result: a statement of what was done, the new base for the next time, and SBOMs.

All of it is known before anything is written. `offered` goes where referrers are listed, `wanted` wherever the result
goes; `files` are for the directory of the report.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rebaser.oci import media_types
from rebaser.oci.annotations import IN_TOTO_PREDICATE_TYPE
from rebaser.oci.digest import Digest
from rebaser.oci.document import Document
from rebaser.plan.artifact import Artifact, Leaf, artifact
from rebaser.plan.model import Plan, PlatformPlan
from rebaser.plan.saved_base import saved
from rebaser.plan.statement import PREDICATE
from rebaser.request import Provenance

STATEMENT_FILE, FINDINGS_FILE = "provenance.json", "findings.json"
SBOM_FILE = "sbom.cdx.json"  # of the first platform; the others' are numbered from 2, `sbom-2.cdx.json`


@dataclass(frozen=True, slots=True)
class Trail:
    """Artifacts about the new manifests, and files by name."""

    offered: tuple[Artifact, ...] = ()
    wanted: tuple[Artifact, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


NO_TRAIL = Trail()
TRAIL_FILES = (STATEMENT_FILE, FINDINGS_FILE, SBOM_FILE)
"""What must not be left of another run; SBOMs of further platforms only stand beside that of the first."""


def moved(plan: Plan, plans: Iterable[PlatformPlan]) -> tuple[tuple[PlatformPlan, Document], ...]:
    """Return the platforms that are rebased, each with its new manifest."""
    rebased = sorted((one for one in plans if one.draft), key=lambda one: one.path)
    manifests = (document for document in plan.documents if document.media_type in media_types.MANIFESTS)
    return tuple(zip(rebased, manifests, strict=True))


def results(plan: Plan) -> tuple[Digest, ...]:
    """Return the digests of what is new, what the tags will name first."""
    return tuple(dict.fromkeys(document.digest for document in reversed(plan.documents)))


def provenance_trail(
    plan: Plan, plans: Iterable[PlatformPlan], stated: Document, findings: Document, how: Provenance
) -> Trail:
    """Return the statement about each new document, and the new base beside each new manifest that stands on it."""
    about = {document.digest: document for document in reversed(plan.documents)}
    notes = {IN_TOTO_PREDICATE_TYPE: PREDICATE}
    told = [artifact(media_types.IN_TOTO, document, (Leaf(stated, notes),), notes) for document in about.values()]
    kept = {document.digest: saved(one.new_base, document) for one, document in moved(plan, plans)}
    found = (*told, *(one for one in kept.values() if one is not None))
    files = {STATEMENT_FILE: stated.content, FINDINGS_FILE: findings.content}
    return Trail((), found, files) if how == "push" else Trail(found, (), files)


def sbom_trail(boms: Sequence[tuple[Document, Document]]) -> Trail:
    """Return the SBOMs, each after the manifest that it is about, to be pushed wherever that goes."""
    told = tuple(artifact(media_types.CYCLONE_DX, about, (Leaf(bom),), {}) for about, bom in boms)
    names = [SBOM_FILE, *(f"sbom-{number}.cdx.json" for number in range(2, len(boms) + 1))]
    return Trail((), told, {name: bom.content for name, (_, bom) in zip(names, boms, strict=False)})


def joined(trails: Iterable[Trail]) -> Trail:
    """Return several trails as one."""
    listed = tuple(trails)
    return Trail(
        tuple(one for trail in listed for one in trail.offered),
        tuple(one for trail in listed for one in trail.wanted),
        {name: content for trail in listed for name, content in trail.files.items()},
    )
