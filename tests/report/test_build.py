"""From the stages' values to the report."""

from rebaser.checks import config_conflict
from rebaser.checks.base import CheckResult, Finding, Status
from rebaser.decide import Decision, Outcome
from rebaser.errors import TransportError
from rebaser.oci.reference import parse_reference
from rebaser.plan.draft import plan_platform
from rebaser.plan.model import Base, PlatformPlan, Rejection, Trio, Wishes
from rebaser.plan.packages import OwnPackage, PackageChange, PackageChanges
from rebaser.report.build import Facts, image_report, report
from rebaser.request import Policy, Severity
from tests.builders import AnImage, a_layer, an_image, as_image

OLD, NEW, OWN = (a_layer({"name": name}) for name in ("old", "new", "own"))
IMAGE = parse_reference("r.example/shop:1")


def a_base(image: AnImage, tag: str, found: str = "input") -> Base:
    reference = parse_reference(f"r.example/base:{tag}").with_digest(image.digest)
    return Base(reference, image.digest, as_image(image), found)


def a_plan(app_env: str = "V=1") -> PlatformPlan:
    original = as_image(an_image([OLD, OWN], env=[app_env]))
    old, new = an_image([OLD], env=["V=1"]), an_image([NEW], env=["V=2"])
    return plan_platform((), Trio(original, a_base(old, "1", "annotation"), a_base(new, "2")), (), Wishes())


def facts(plan: PlatformPlan, **more: object) -> Facts:
    usual: dict[str, object] = {
        "name": str(IMAGE),
        "image": IMAGE,
        "original": plan.original.manifest.document.digest,
        "digest": plan.original.manifest.document.digest,
        "policy": Policy(),
        "dry_run": False,
        "plans": (plan,),
    }
    return Facts(**(usual | more))  # type: ignore[arg-type]


def test_layers_are_told_base_first_with_where_they_come_from() -> None:
    told = image_report(facts(a_plan(), decision=Decision(Outcome.REBASE, "yes"))).platforms[0]
    assert [(layer.diffId, layer.origin) for layer in told.layersBefore] == [
        (OLD.diff_id, "old base"),
        (OWN.diff_id, "application"),
    ]
    assert [(layer.diffId, layer.origin) for layer in told.layersAfter] == [
        (NEW.diff_id, "new base"),
        (OWN.diff_id, "application"),
    ]
    assert told.seam is not None
    assert (told.seam.layers, told.seam.appHistory) == (1, 1)


def test_bases_are_told_by_name_and_digest_apart() -> None:
    told = image_report(facts(a_plan(), decision=Decision(Outcome.REBASE, "yes"))).platforms[0]
    assert told.oldBase is not None
    assert told.oldBase.name == "r.example/base:1"
    assert told.oldBase.found == "annotation"
    assert told.oldBase.digest == an_image([OLD], env=["V=1"]).digest


def test_conflicts_are_told_with_all_three_values_and_what_was_kept() -> None:
    told = image_report(facts(a_plan("V=3"), decision=Decision(Outcome.REBASE, "yes"))).platforms[0]
    conflict = next(conflict for conflict in told.conflicts if conflict.key == "V")
    assert (conflict.oldBase, conflict.app, conflict.newBase, conflict.kept) == ("V=1", "V=3", "V=2", "V=3")
    assert conflict.severity == "warning"


def test_what_happened_before_a_failure_is_told_too() -> None:
    error = TransportError("access-denied", "no", "Set `password`.")
    moved = (parse_reference("r.example/shop:1"),)
    told = image_report(facts(a_plan(), error=error, tags=moved, decision=Decision(Outcome.REBASE, "yes")))
    assert told.result == "failed"
    assert told.error is not None
    assert told.error.code == "access-denied"
    assert told.tags == ["r.example/shop:1"]
    assert told.changed is True


def test_a_failure_before_anything_is_known_still_makes_a_report() -> None:
    told = image_report(
        Facts("r.example/shop:1", IMAGE, None, None, Policy(), dry_run=False, error=TransportError("x", "y", "z"))
    )
    assert (told.result, told.digest, told.image, told.platforms) == ("failed", None, None, [])
    assert report([told]).schemaVersion == "1.5"


def test_a_tolerated_finding_stays_in_the_report_with_its_reason() -> None:
    finding = Finding("config-conflict", Severity.WARNING, "m", "r")
    absolute = Finding("config-conflict", Severity.BLOCKER, "m", "r", absolute=True)
    results = (CheckResult("config-conflict", (), Status.FOUND, (finding, absolute)),)
    policy = Policy(tolerate={"config-conflict": "agreed"})
    decision = Decision(Outcome.REFUSE, "m", (absolute,))
    told = image_report(facts(a_plan(), policy=policy, results=results, decision=decision)).platforms[0]
    assert [finding.blocks for finding in told.findings] == [False, True]
    assert [finding.tolerated for finding in told.findings] == ["agreed", None]
    assert [(check.check, check.status) for check in told.checks] == [("config-conflict", "found")]
    assert [check.title for check in told.checks] == [config_conflict.CHECK.title]


def test_rejected_bases_are_told() -> None:
    plan = a_plan()
    unknown = PlatformPlan((), plan.original, plan.new_base, None, (Rejection("the label names x", gone=True),))
    assert image_report(facts(unknown)).platforms[0].rejectedBases == ["the label names x"]


def test_text_from_an_image_is_made_printable_on_its_way_in() -> None:
    told = image_report(facts(a_plan(), notices=("dropped \x1b[2J\nx",)))
    assert told.notices == [r"dropped \x1b[2J\x0ax"]


def test_packages_are_told_of_the_platforms_whose_layers_were_read() -> None:
    plan = a_plan()
    changes = PackageChanges(
        upgraded=(PackageChange("deb", "a\x1b[2J", "amd64", "1", "2"),),
        added=(PackageChange("deb", "b", "", None, "1"),),
        own=(OwnPackage("deb", "c", "amd64", "1\n2", 2, plan.original.layers[1].descriptor.digest),),
    )
    assert image_report(facts(plan)).platforms[0].packages is None
    assert image_report(facts(plan, packages={(1,): changes})).platforms[0].packages is None
    told = image_report(facts(plan, packages={(): changes})).platforms[0].packages
    assert told is not None
    assert [(change.name, change.before, change.after) for change in told.upgraded] == [(r"a\x1b[2J", "1", "2")]
    assert [(change.name, change.before, change.after) for change in told.added] == [("b", None, "1")]
    assert [(package.version, package.layer) for package in told.own] == [(r"1\x0a2", 2)]
    assert told.own[0].layerDigest == plan.original.layers[1].descriptor.digest
    assert (told.downgraded, told.removed, told.outdated) == ([], [], [])
