"""From the stages' values to the report. Text that comes from images is made printable on its way in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rebaser import __version__
from rebaser.checks.base import CheckResult, Finding
from rebaser.checks.identifiers import ALL_CHECKS
from rebaser.decide import Decision, Outcome, effective_severity
from rebaser.errors import RebaserError
from rebaser.oci.digest import Digest
from rebaser.oci.image import Layer
from rebaser.oci.reference import Reference
from rebaser.plan.deviation import Verification
from rebaser.plan.model import Base, Conflict, Draft, Made, PlatformPlan, Seam
from rebaser.plan.packages import OwnPackage, PackageChange, PackageChanges
from rebaser.printable import printable
from rebaser.recipe import Work
from rebaser.report import model
from rebaser.report.config_changes import config_changes
from rebaser.report.verified import verify_entry
from rebaser.request import Policy, Severity
from rebaser.trial.model import Trial

if TYPE_CHECKING:  # start-up: layers are not looked into before there is something to compare
    from rebaser.plan.merge_layer import Repair


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened to one image, as far as it came; `image` is None where `name` could not be read as a reference.

    `packages` has an entry for each platform whose layers were read, by the platform's path.
    """

    name: str
    image: Reference | None
    original: Digest | None
    digest: Digest | None
    policy: Policy
    dry_run: bool
    plans: Sequence[PlatformPlan] = ()
    results: Sequence[CheckResult] = ()
    decision: Decision | None = None
    notices: Sequence[str] = ()
    targets: Sequence[Reference] = ()
    tags: Sequence[Reference] = ()
    not_moved: Sequence[Reference] = ()
    kept: Sequence[Reference] = ()
    blobs: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    requests: int = 0
    bytes_down: int = 0
    bytes_up: int = 0
    error: RebaserError | None = None
    packages: Mapping[tuple[int, ...], PackageChanges] = field(default_factory=dict)
    work: Work | None = None
    trial: Trial | None = None
    verification: Verification | None = None


_RESULTS: dict[Outcome, model.Result] = {
    Outcome.UNCHANGED: "unchanged",
    Outcome.REBASE: "rebased",
    Outcome.REBUILD: "rebuilt",
    Outcome.SKIP: "skipped",
    Outcome.REFUSE: "refused",
}
_TITLES = {check.id: check.title for check in ALL_CHECKS}


def report(images: Sequence[model.ImageReport]) -> model.Report:
    """Return the report of a run."""
    return model.Report(tool=model.Tool(name="rebaser", version=__version__), images=list(images))


def image_report(facts: Facts) -> model.ImageReport:
    """Return the report of one image."""
    decision = facts.decision
    digest = facts.digest or (None if _would_be_rebuilt(facts) else facts.original)
    return model.ImageReport(
        original=_encodable(facts.name),
        originalDigest=facts.original,
        result=result_of(facts),
        digest=digest,
        image=f"{facts.image.repository}@{digest}" if facts.image and digest else None,
        imageName=str(facts.image.repository) if facts.image else None,
        changed=bool(facts.tags),
        dryRun=facts.dry_run,
        targets=[str(tag) for tag in facts.targets],
        tags=[str(tag) for tag in facts.tags],
        tagsNotMoved=[str(tag) for tag in facts.not_moved],
        tagsKept=[str(tag) for tag in facts.kept],
        platforms=[_platform(plan, facts) for plan in facts.plans],
        notices=[printable(notice) for notice in facts.notices],
        smokeTests=list(_smoke_tests(facts.trial)) if facts.trial else [],
        verify=verify_entry(facts.verification) if facts.verification else None,
        decision=model.DecisionEntry(outcome=decision.outcome.value, because=decision.because) if decision else None,
        rebuild=_rebuild(facts.work) if facts.work else None,
        error=_problem(facts.error) if facts.error else None,
        traffic=model.TrafficEntry(
            requests=facts.requests,
            bytesDown=facts.bytes_down,
            bytesUp=facts.bytes_up,
            blobs=facts.blobs,
            seconds={stage: round(seconds, 3) for stage, seconds in facts.seconds.items()},
        ),
    )


def result_of(facts: Facts) -> model.Result:
    """Return the word for what a run came to."""
    if facts.error is not None or facts.decision is None:
        return "failed"
    return _RESULTS[facts.decision.outcome]


def _would_be_rebuilt(facts: Facts) -> bool:
    """Answer whether only a build, which a dry run does not make, would tell the digest."""
    return facts.dry_run and result_of(facts) == "rebuilt"


def _rebuild(work: Work) -> model.RebuildEntry:
    return model.RebuildEntry(
        source=work.source, commit=work.commit or None, builder=work.builder, base=work.base, log=list(work.log)
    )


def _platform(plan: PlatformPlan, facts: Facts) -> model.PlatformReport:
    results = [result for result in facts.results if result.place == plan.path]
    draft, made = plan.draft, plan.built or plan.draft
    return model.PlatformReport(
        place=list(plan.path),
        platform=printable(str(plan.original.platform)),
        current=plan.current,
        oldBase=_base(plan.old_base) if plan.old_base else None,
        newBase=_base(plan.new_base),
        rejectedBases=[rejection.what for rejection in plan.rejected],
        seam=_seam(plan.seam) if isinstance(plan.seam, Seam) else None,
        layersBefore=_layers(plan.original.layers, plan.seam, "old base"),
        layersAfter=_layers_after(plan),
        configChanges=_changes(plan),
        configPatch=[dict(operation) for operation in made.patch] if made else [],
        conflicts=[_conflict(conflict) for conflict in draft.conflicts] if draft else [],
        findings=[_finding(finding, facts) for result in results for finding in result.findings],
        checks=[_check(result) for result in results],
        packages=_packages(facts.packages[plan.path]) if plan.path in facts.packages and not plan.built else None,
        mergeLayer=_merge_layer(draft.top) if draft and draft.top else None,
        rewrittenLayers=list(_rewritten(draft)) if draft else [],
    )


def _check(result: CheckResult) -> model.CheckEntry:
    return model.CheckEntry(
        check=result.check,
        title=_TITLES.get(result.check, ""),
        status=result.status.value,
        reason=printable(result.reason),
    )


def _base(base: Base) -> model.BaseUsed:
    name = str(replace(base.reference, digest=None)) if base.reference else "scratch"
    return model.BaseUsed(name=name, digest=base.digest, found=base.found)


def _seam(seam: Seam) -> model.SeamEntry:
    return model.SeamEntry(layers=seam.layers, appHistory=None if seam.app_history is None else len(seam.app_history))


def _layers(layers: Sequence[Layer], seam: object, base_origin: str) -> list[model.LayerEntry]:
    known = seam if isinstance(seam, Seam) else Seam(0, None)
    return [
        model.LayerEntry.model_validate(
            {
                "digest": layer.descriptor.digest,
                "diffId": layer.diff_id,
                "size": layer.descriptor.size,
                "origin": _origin(position, known, base_origin),
            }
        )
        for position, layer in enumerate(layers)
    ]


def _origin(position: int, seam: Seam, base_origin: str) -> str:
    if position in seam.merge_layers:
        return "merge layer"
    return base_origin if position < seam.layers else "application"


def _layers_after(plan: PlatformPlan) -> list[model.LayerEntry]:
    draft, made = plan.draft, plan.built or plan.draft
    if made is None:
        return []
    on_top = frozenset({len(made.layers) - 1}) if draft and draft.top else frozenset[int]()
    return _layers(made.layers, Seam(len(plan.new_base.layers), None, on_top), "new base")


def _merge_layer(made: Made) -> model.MergeLayerEntry:
    descriptor = made.layer.descriptor
    return model.MergeLayerEntry(
        digest=descriptor.digest,
        diffId=made.layer.diff_id,
        size=descriptor.size,
        files=[_repair(repair) for repair in made.repairs],
    )


def _rewritten(draft: Draft) -> Iterator[model.RewrittenLayerEntry]:
    for position, one in enumerate(draft.app, len(draft.trio.new_base.layers) + 1):
        if one.original is not None:
            yield model.RewrittenLayerEntry(
                layer=position,
                digest=one.layer.descriptor.digest,
                diffId=one.layer.diff_id,
                original=one.original.descriptor.digest,
                originalDiffId=one.original.diff_id,
                changes=[
                    model.LayerChangeEntry(path=printable(f"/{reason.path}"), why=printable(reason.message))
                    for reason in one.reasons
                ],
            )


def _repair(repair: "Repair") -> model.RepairEntry:
    return model.RepairEntry(
        path=printable(f"/{repair.path}"),
        action=repair.action.value,
        why=repair.why,
        oldBase=repair.digests.old,
        app=repair.digests.app,
        newBase=repair.digests.new,
        result=repair.result,
    )


def _changes(plan: PlatformPlan) -> list[model.ConfigChangeEntry]:
    config = plan.built.config.json if plan.built else plan.draft.config if plan.draft else None
    found = config_changes(plan.original.config.document.json, config) if config is not None else ()
    return [
        model.ConfigChangeEntry(
            change=change.change, member=change.member, key=change.key, before=change.before, after=change.after
        )
        for change in found
    ]


def _conflict(conflict: Conflict) -> model.ConflictEntry:
    return model.ConflictEntry(
        kind=conflict.kind,
        pointer=conflict.pointer,
        key=conflict.key,
        message=printable(conflict.message),
        oldBase=conflict.values.old,
        app=conflict.values.app,
        newBase=conflict.values.new,
        kept=conflict.kept,
        severity=conflict.weight.value,
    )


def _finding(finding: Finding, facts: Facts) -> model.FindingEntry:
    policy = facts.policy
    severity: Severity = effective_severity(finding, policy)
    return model.FindingEntry.model_validate(
        {
            "check": finding.check,
            "severity": severity.word,
            "message": finding.message,
            "subject": finding.subject,
            "before": finding.before,
            "after": finding.after,
            "remedy": finding.remedy,
            "tolerated": None if finding.absolute else policy.tolerate.get(finding.check),
            "blocks": facts.decision is not None and finding in facts.decision.blocking,
        }
    )


def _smoke_tests(trial: Trial) -> Iterator[model.SmokeTestEntry]:
    for result in trial.results:
        yield model.SmokeTestEntry(
            platform=str(trial.platform),
            test=result.test,
            exitCode=result.exit_code,
            failure=result.failure,
            output=[*result.output],
            seconds=round(result.seconds, 3),
        )


def _packages(changes: PackageChanges) -> model.PackagesEntry:
    return model.PackagesEntry(
        upgraded=[_package(change) for change in changes.upgraded],
        downgraded=[_package(change) for change in changes.downgraded],
        added=[_package(change) for change in changes.added],
        removed=[_package(change) for change in changes.removed],
        own=[_own(package) for package in changes.own],
        outdated=[_package(change) for change in changes.outdated],
    )


def _package(change: PackageChange) -> model.PackageChangeEntry:
    return model.PackageChangeEntry(
        ecosystem=printable(change.ecosystem),
        name=printable(change.name),
        architecture=printable(change.architecture),
        before=None if change.before is None else printable(change.before),
        after=None if change.after is None else printable(change.after),
    )


def _own(package: OwnPackage) -> model.OwnPackageEntry:
    return model.OwnPackageEntry(
        ecosystem=printable(package.ecosystem),
        name=printable(package.name),
        architecture=printable(package.architecture),
        version=printable(package.version),
        layer=package.layer,
        layerDigest=package.digest,
    )


def _problem(error: RebaserError) -> model.Problem:
    return model.Problem(code=error.code, message=_encodable(error.message), remedy=_encodable(error.remedy))


def _encodable(text: str) -> str:
    """Return `text` with what is not UTF-8 escaped; it may come from a command line or the environment."""
    return text.encode("utf-8", "backslashreplace").decode()
