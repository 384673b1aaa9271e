"""SARIF, held to the rules of its standard and of GitHub's code scanning."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from rebaser.checks.identifiers import ALL_CHECKS
from rebaser.report.build import report
from rebaser.report.model import ImageReport
from rebaser.report.sarif import MAX_RESULTS, MAX_TEXT, sarif
from tests.report.reports import (
    FAILED,
    FORCED,
    OLD,
    REBASED,
    REFUSED,
    UNCHANGED,
    WOULD_BE_REBASED,
    a_check,
    finding,
    image,
    platform,
)

ALL = (REBASED, WOULD_BE_REBASED, UNCHANGED, REFUSED, FAILED, FORCED)


def run_of(*images: ImageReport) -> dict[str, Any]:
    log = json.loads(json.dumps(sarif(report(images))))
    assert_sarif(log)
    run: dict[str, Any] = log["runs"][0]
    return run


def assert_sarif(log: dict[str, Any]) -> None:
    """Hold a log to what the standard requires of the members that we write (the numbers are its sections)."""
    assert log["version"] == "2.1.0"  # 3.13.2
    assert urlsplit(log["$schema"]).scheme == "https"  # 3.13.3
    assert len(log["runs"]) == 1
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    ids = [rule["id"] for rule in rules]
    assert len(set(ids)) == len(ids)  # 3.19.23
    assert run["tool"]["driver"]["name"]  # 3.19.8
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)  # 3.12.3
    assert all("helpUri" not in rule for rule in rules)  # 3.49.12: it would have to be absolute
    assert isinstance(run["invocations"][0]["executionSuccessful"], bool)  # 3.20.14
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]  # 3.27.6
        assert result["level"] in ("error", "warning", "note")  # 3.27.10
        assert 0 < len(result["message"]["text"].replace("{{", "{").replace("}}", "}")) <= MAX_TEXT
        assert re.fullmatch(r"(\{\{|\}\}|[^{}])*", result["message"]["text"])  # 3.11.5
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]  # 3.4.3
        assert not urlsplit(uri).scheme
        assert not uri.startswith("/")
        assert "region" not in location["physicalLocation"]
        assert all(isinstance(value, str) for value in result["partialFingerprints"].values())  # 3.27.17
        for suppression in result.get("suppressions", ()):
            assert suppression["kind"] in ("inSource", "external")  # 3.35.2
            assert suppression["status"] in ("accepted", "underReview", "rejected")  # 3.35.3
    for notification in run["invocations"][0]["toolExecutionNotifications"]:
        assert notification["message"]["text"]  # 3.58.5


@pytest.mark.parametrize("told", ALL, ids=lambda told: told.result)
def test_every_end_makes_a_log_with_all_checks_as_rules(told: ImageReport) -> None:
    run = run_of(told)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [check.id for check in ALL_CHECKS]
    assert len(run["results"]) == sum(len(platform.findings) for platform in told.platforms)


def test_a_finding_is_a_result_of_its_level_with_its_remedy() -> None:
    levels = {"blocker": "error", "warning": "warning", "note": "note"}
    run = run_of(image("refused", platforms=[platform(*(finding(severity, severity) for severity in levels))]))
    assert [(result["message"]["text"], result["level"]) for result in run["results"]] == [
        (f"{severity} What to do: Look at the value.", level) for severity, level in levels.items()
    ]
    assert run["results"][0]["properties"] == {
        "image": "ghcr.io/acme/shop:1",
        "platform": "linux/amd64",
        "subject": "/config/Env/LANG",
        "before": "LANG=de",
        "after": "LANG=de",
        "remedy": "Look at the value.",
        "blocks": True,
    }


def test_a_tolerated_finding_is_suppressed_with_the_reason() -> None:
    told = [finding("warning", "a", "agreed"), finding("warning", "b")]
    run = run_of(image("rebased", platforms=[platform(*told)]))
    assert run["results"][0]["suppressions"] == [{"kind": "external", "status": "accepted", "justification": "agreed"}]
    assert "suppressions" not in run["results"][1]


def test_results_have_the_fingerprint_that_code_scanning_looks_for() -> None:
    run = run_of(image("refused", platforms=[platform(finding("blocker", "a"), finding("blocker", "b"))]))
    told = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert [len(told), len(set(told))] == [2, 2]


def test_an_upload_replaces_that_of_the_same_image_only() -> None:
    assert run_of(REBASED)["automationDetails"]["id"] == "rebaser/ghcr.io/acme/shop:1/"
    pinned = image("rebased", original=f"ghcr.io/acme/shop:1@{OLD}")
    assert run_of(pinned)["automationDetails"] == run_of(REBASED)["automationDetails"]
    assert run_of(REBASED, FAILED)["automationDetails"]["id"] == "rebaser/"


def test_a_failure_and_a_crashed_check_are_no_successful_execution() -> None:
    (failed,) = run_of(FAILED)["invocations"]
    assert failed["executionSuccessful"] is False
    (notification,) = failed["toolExecutionNotifications"]
    assert notification["descriptor"] == {"id": "access-denied"}
    assert notification["message"]["text"] == "ghcr.io/acme/shop:1: ghcr.io said no What to do: Set `password`."
    crashed = platform().model_copy(update={"checks": [a_check("crashed", reason="KeyError: x"), a_check("passed")]})
    (told,) = run_of(image("refused", platforms=[crashed]))["invocations"]
    assert told["executionSuccessful"] is False
    assert [one["associatedRule"] for one in told["toolExecutionNotifications"]] == [{"id": "config-conflict"}]
    assert run_of(REFUSED)["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_no_more_results_than_are_stored_the_worst_of_them() -> None:
    many = [finding("warning", "w")] * MAX_RESULTS + [finding("blocker", "b")]
    run = run_of(image("refused", platforms=[platform(*many)]))
    assert len(run["results"]) == MAX_RESULTS
    assert run["results"][0]["level"] == "error"
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"].startswith("1 of 5001 findings are left out")
    assert run["invocations"][0]["executionSuccessful"] is True


def test_a_message_makes_no_link_and_takes_no_argument() -> None:
    (result,) = run_of(image("refused", platforms=[platform(finding("blocker", "[x](http://a.example) {0}"))]))[
        "results"
    ]
    assert result["message"]["text"] == "[x] (http://a.example) {{0}} What to do: Look at the value."


def test_long_values_and_messages_are_cut() -> None:
    long = finding("blocker", "\n" * 5000).model_copy(update={"before": ["x" * 50_000], "remedy": "y" * 50_000})
    (result,) = run_of(image("refused", platforms=[platform(long)]))["results"]
    assert result["properties"]["before"].startswith('["xxx')
    assert len(json.dumps(result)) < 10_000
