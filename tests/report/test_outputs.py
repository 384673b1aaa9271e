"""What later steps read."""

import json

import pytest

from rebaser.report import model
from rebaser.report.outputs import MAX_FINDINGS, MAX_PACKAGES, MAX_PATCH, OUTPUTS, compatible, outputs
from tests.report.reports import (
    BASE_NEW,
    BASE_OLD,
    FAILED,
    FORCED,
    NEW,
    OLD,
    PACKAGES,
    REBASED,
    REBUILT,
    REFUSED,
    UNCHANGED,
    WOULD_BE_REBASED,
    WOULD_BE_REBUILT,
    a_check,
    a_package,
    an_own_package,
    finding,
    image,
    packages,
    platform,
)

ALL = (REBASED, WOULD_BE_REBASED, UNCHANGED, REFUSED, FAILED, FORCED, REBUILT, WOULD_BE_REBUILT)
CHECKED = a_check("passed")


def values(told: model.ImageReport) -> dict[str, str]:
    return dict(outputs(told, "rebase-report/report.json").values)


@pytest.mark.parametrize("told", ALL, ids=lambda told: f"{told.result}")
def test_every_output_is_set_on_every_end(told: model.ImageReport) -> None:
    assert list(values(told)) == list(OUTPUTS)
    assert all(text.isascii() for text in values(told).values())


def test_a_rebase_tells_all() -> None:
    told = values(REBASED)
    assert told["result"] == "rebased"
    assert (told["digest"], told["original-digest"]) == (NEW, OLD)
    assert (told["image"], told["image-name"]) == (f"ghcr.io/acme/shop@{NEW}", "ghcr.io/acme/shop")
    assert (told["changed"], told["dry-run"], told["tags"]) == ("true", "false", "ghcr.io/acme/shop:1")
    assert json.loads(told["config-patch"]) == [{"op": "replace", "path": "/config/Env", "value": ["A=1"]}]
    assert json.loads(told["config-patches"]) == {"linux/amd64": json.loads(told["config-patch"])}
    assert told["old-base"] == f"docker.io/library/debian:12@{BASE_OLD}"
    assert told["new-base"] == f"docker.io/library/debian:12@{BASE_NEW}"
    assert [entry["check"] for entry in json.loads(told["findings"])] == ["config-conflict"]
    assert told["report"] == "rebase-report/report.json"


def test_a_failure_leaves_empty_what_is_not_known() -> None:
    told = values(FAILED)
    assert (told["result"], told["digest"], told["compatible"], told["old-base"]) == ("failed", "", "", "")
    assert (told["config-patch"], told["config-patches"], told["findings"]) == ("[]", "{}", "[]")


def test_the_patch_is_that_of_the_usual_platform_or_else_of_the_first() -> None:
    arm = platform().model_copy(update={"platform": "linux/arm64", "configPatch": []})
    assert json.loads(values(image("rebased", platforms=[arm, platform()]))["config-patch"]) != []
    assert json.loads(values(image("rebased", platforms=[arm]))["config-patch"]) == []


def test_a_patch_that_no_variable_could_hold_is_left_to_the_report() -> None:
    large = [{"op": "add", "path": "/config/Env", "value": "x" * MAX_PATCH}]
    told = outputs(image("rebased", platforms=[platform().model_copy(update={"configPatch": large})]), "r.json")
    assert (told.values["config-patch"], told.values["config-patches"]) == ("", "")
    assert len(told.notices) == 2
    assert "r.json" in told.notices[0]


def test_findings_that_do_not_fit_are_left_to_the_report_the_blocking_ones_last() -> None:
    many = [finding("warning", "x" * 1000) for _ in range(100)]
    told = outputs(image("refused", platforms=[platform(*many, finding("blocker", "y"))]), "r.json")
    fitting = json.loads(told.values["findings"])
    assert len(told.values["findings"]) <= MAX_FINDINGS
    assert fitting[0]["message"] == "y"
    assert 40 < len(fitting) < 101
    assert told.notices == (f"The output findings holds {len(fitting)} of 101 findings; all are in r.json",)


def test_a_finding_that_is_too_large_does_not_keep_out_the_others() -> None:
    told = outputs(image("refused", platforms=[platform(finding("blocker", "x" * 70_000), finding("note", "y"))]), "r")
    assert [entry["message"] for entry in json.loads(told.values["findings"])] == ["y"]
    assert told.notices == ("The output findings holds 1 of 2 findings; all are in r",)


def test_compatible_is_told_only_where_something_looked() -> None:
    def with_checks(*findings: model.FindingEntry) -> model.ImageReport:
        return image("rebased", platforms=[platform(*findings).model_copy(update={"checks": [CHECKED]})])

    assert compatible(UNCHANGED) == ""
    assert compatible(with_checks()) == "true"
    assert compatible(with_checks(finding("warning", "x"))) == "true"
    assert compatible(with_checks(finding("blocker", "x"))) == "false"
    skipped = CHECKED.model_copy(update={"status": "skipped"})
    assert compatible(image("unchanged", platforms=[platform().model_copy(update={"checks": [skipped]})])) == ""


def with_packages(told: model.PackagesEntry) -> model.ImageReport:
    return image("rebased", platforms=[platform().model_copy(update={"packages": told})])


def test_packages_are_empty_where_layers_were_not_read() -> None:
    assert values(REBASED)["packages"] == ""
    assert values(FAILED)["packages"] == ""


def test_packages_are_told_with_their_counts() -> None:
    told = json.loads(values(with_packages(PACKAGES))["packages"])
    assert told["platform"] == "linux/amd64"
    assert told["counts"] == {"upgraded": 1, "downgraded": 0, "added": 1, "removed": 0, "own": 1, "outdated": 1}
    openssl = {"ecosystem": "deb", "name": "openssl", "architecture": "amd64"}
    assert told["upgraded"] == [openssl | {"before": "3.0.11-1", "after": "3.0.15-1"}]
    assert [entry["name"] for entry in told["own"]] == ["curl"]


def test_of_too_many_packages_the_application_s_own_are_only_counted_first() -> None:
    many = packages(own=[an_own_package(f"own-{number}") for number in range(2000)], upgraded=[a_package("1", "2")])
    told = outputs(with_packages(many), "r.json")
    kept = json.loads(told.values["packages"])
    assert (kept["counts"]["own"], "own" in kept, len(kept["upgraded"])) == (2000, False, 1)
    assert told.notices == ("The output packages only counts what is own; all of it is in r.json",)


def test_no_packages_output_is_longer_than_it_may_be() -> None:
    lists: dict[str, object] = {
        kind: [a_package("1" * 400, "2" * 400, f"n{number}" * 100) for number in range(900)]
        for kind in ("upgraded", "added", "removed", "outdated", "downgraded")
    }
    told = outputs(with_packages(packages(**lists, own=[an_own_package()])), "r.json")
    assert len(told.values["packages"]) <= MAX_PACKAGES
    assert json.loads(told.values["packages"])["counts"]["upgraded"] == 900
    (notice,) = told.notices
    assert "only counts what is own, added, removed, downgraded, outdated, upgraded; all of it is in r.json" in notice


def test_what_was_rebuilt_changed_and_was_not_compatible() -> None:
    looked = platform(finding("blocker", "gone")).model_copy(update={"checks": [a_check("found")]})
    told = outputs(REBUILT.model_copy(update={"platforms": [looked]}), "r.json").values
    assert (told["result"], told["changed"], told["compatible"], told["digest"]) == ("rebuilt", "true", "false", NEW)


def test_the_digest_of_what_a_dry_run_would_build_is_empty() -> None:
    told = outputs(WOULD_BE_REBUILT, "r.json").values
    assert (told["result"], told["changed"], told["digest"], told["image"]) == ("rebuilt", "false", "", "")
