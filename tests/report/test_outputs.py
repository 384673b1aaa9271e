"""What later steps read."""

import json

import pytest

from rebaser.report import model
from rebaser.report.outputs import MAX_FINDINGS, MAX_PATCH, OUTPUTS, compatible, outputs
from tests.report.reports import (
    BASE_NEW,
    BASE_OLD,
    FAILED,
    FORCED,
    NEW,
    OLD,
    REBASED,
    REFUSED,
    UNCHANGED,
    WOULD_BE_REBASED,
    finding,
    image,
    platform,
)

ALL = (REBASED, WOULD_BE_REBASED, UNCHANGED, REFUSED, FAILED, FORCED)
CHECKED = model.CheckEntry(check="config-conflict", status="passed", reason="")


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
