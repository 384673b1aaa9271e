"""One corpus, every place where text comes out: log, outputs, annotations, summary, files of every format."""

import io
import json
from itertools import count
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebaser.ci.github import GitHub
from rebaser.ci.workflow_commands import harmless
from rebaser.commands.base import Surroundings
from rebaser.commands.publish import Publishing, publish
from rebaser.printable import printable
from rebaser.report import model
from rebaser.report.build import report
from rebaser.report.code_quality import code_quality
from rebaser.report.junit import junit
from rebaser.report.markdown import summary
from rebaser.report.outputs import OUTPUTS, outputs
from rebaser.report.sarif import sarif
from rebaser.report.text import render
from tests.ci.runner import read_log, read_records
from tests.injection import CORPUS
from tests.report.plain import assert_plain
from tests.report.reports import a_change, a_check, a_package, image, packages, platform
from tests.report.test_sarif import assert_sarif


def hostile(text: str) -> list[model.ImageReport]:
    """Return reports of each end, with `text` wherever an image, a registry or a build may have put it."""
    found = model.FindingEntry.model_validate(
        {"check": "config-conflict", "severity": "blocker", "message": text, "subject": text, "before": text}
        | {"after": [text], "remedy": f"Look at `{text}`.", "tolerated": text, "blocks": True}
    )
    conflict = model.ConflictEntry.model_validate(
        dict.fromkeys(("kind", "pointer", "key", "message", "oldBase", "kept"), text)
        | {"app": {text: text}, "newBase": [text], "severity": "note"}
    )
    changed = a_package(text, text, text).model_copy(update={"ecosystem": text, "architecture": text})
    own = {"layer": 1, "layerDigest": "sha256:" + "e" * 64}
    installed = dict.fromkeys(("ecosystem", "name", "architecture", "version"), text) | own
    one = platform(found).model_copy(
        update={
            "platform": f"linux/{text}",
            "conflicts": [conflict],
            "configChanges": [
                a_change("removed", "Env", text, text, None),
                a_change("changed", text, "", [text], {text: text}),
            ],
            "configPatch": [{"op": "add", "path": f"/config/Labels/{text}", "value": text}],
            "rejectedBases": [text],
            "oldBase": model.BaseUsed(name=text, digest=None, found=text),
            "checks": [a_check("found"), *(a_check(status, text, text) for status in ("skipped", "crashed"))],
            "packages": packages(
                **{kind: [changed] for kind in ("upgraded", "downgraded", "added", "removed", "outdated")},
                own=[installed],
            ),
        }
    )
    tried = model.SmokeTestEntry(platform=text, test=text, exitCode=1, failure=text, output=[text, text], seconds=0.1)
    told: dict[str, object] = {"change": text, "subject": text, "before": text, "after": {text: text}, "expected": ""}
    differs = model.VerifiedPlatform.model_validate(
        dict.fromkeys(("config", "packages", "files", "expected", "unexpected"), 1)
        | {"platform": text, "differences": [{"kind": "file", **told}, {"kind": "config", **told}]}
    )
    verify = model.VerifyEntry(rebased=text, platforms=[differs])
    decision = model.DecisionEntry(outcome="refuse", because=text)
    error = model.Problem(code="access-denied", message=text, remedy=text)
    build = model.RebuildEntry(source=text, commit=text, builder=text, base=text, log=[text, text])
    return [
        image("rebased", platforms=[one, one], notices=[text], decision=decision, verify=verify),
        image("refused", platforms=[one], notices=[text], decision=decision, smokeTests=[tried]),
        image("failed", platforms=[], original=text, error=error),
        image("rebuilt", platforms=[one], decision=decision, rebuild=build),
        image("failed", platforms=[], decision=decision, rebuild=build, error=error),
    ]


WHOLE = [text for text in CORPUS if text != "\ud800"]  # which no document can hold: reading it refuses them
CASES = [pytest.param(told, id=f"{told.result}-{ascii(text)[1:30]}") for text in WHOLE for told in hostile(text)]


@pytest.mark.parametrize("told", CASES)
def test_nothing_that_an_image_says_becomes_a_command_an_output_or_markup(
    told: model.ImageReport, tmp_path: Path
) -> None:
    stream, numbers = io.StringIO(), count()
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    service = GitHub(files, stream, stream, lambda: f"{next(numbers):032x}")
    publish(told, Publishing(tmp_path / "report", json=False), Surroundings(files, service), 0)

    records = read_records((tmp_path / "GITHUB_OUTPUT").read_bytes().decode())
    assert list(records) == list(OUTPUTS)
    assert records["result"] == told.result
    assert json.loads(records["config-patches"] or "{}").keys() <= {part.platform for part in told.platforms}

    commands = read_log(stream.getvalue()).commands
    assert [name for name, _, _ in commands if name not in ("error", "warning", "notice")] == []
    ours = {"failed": "error", "refused": "error", "rebased": "warning", "rebuilt": "warning"}[told.result]
    ((name, properties, _),) = (told for told in commands if told[0] != "notice")
    assert (name, list(properties)) == (ours, ["title"])
    if told.platforms:
        assert properties == {"title": "config-conflict"}

    assert_plain((tmp_path / "GITHUB_STEP_SUMMARY").read_bytes().decode())
    written = json.loads((tmp_path / "report" / "report.json").read_bytes().decode())
    assert model.Report.model_validate(written).images == [
        model.ImageReport.model_validate_json(told.model_dump_json())
    ]
    assert_formats_hold(told, {path.name: path.read_bytes().decode() for path in (tmp_path / "report").iterdir()})


def assert_formats_hold(told: model.ImageReport, files: dict[str, str]) -> None:
    """Hold the files for other programs to our own members and elements, around the texts as they were."""
    findings = [finding for part in told.platforms for finding in part.findings]
    log = json.loads(files["report.sarif"])
    assert_sarif(log)
    for result, finding in zip(log["runs"][0]["results"], findings, strict=True):
        properties = result["properties"]
        assert properties["subject"][:999] == finding.subject[:999]
        if len(finding.subject) < 1000:
            assert (properties["subject"], properties["remedy"]) == (finding.subject, finding.remedy)
            assert (properties["before"], properties["after"]) == (finding.before, finding.after)
            shown = result["message"]["text"].replace("{{", "{").replace("}}", "}")
            assert shown.startswith(printable(finding.message, 700).replace("](", "] ("))
        assert "](" not in result["message"]["text"]
    assert json.loads(files["gl-code-quality.json"]) == []  # they are tolerated
    untolerated = [finding.model_copy(update={"tolerated": None}) for finding in findings]
    defects = code_quality(report([told.model_copy(update={"platforms": [platform(*untolerated)]})]))
    for entry, finding in zip(json.loads(json.dumps(defects)), findings, strict=True):
        assert entry["description"].endswith(printable(finding.message, 1000))
    root = ET.fromstring(files["junit.xml"])  # noqa: S314  it is ours
    assert {element.tag for element in root.iter()} <= ELEMENTS
    assert len([*root.iter("testcase")]) == 1 + sum(len(part.checks) for part in told.platforms)


ELEMENTS = {"testsuites", "testsuite", "testcase", "failure", "error", "skipped", "system-out"}


@settings(deadline=None)  # the first example imports a parser
@given(st.text(max_size=60))
def test_no_text_at_all_becomes_markup_or_a_command(text: str) -> None:
    for told in hostile(text):
        assert_plain(summary(told))
        assert read_log(harmless(render(told))).commands == []
        values = outputs(told, "r.json").values
        assert all(values[name].isascii() for name in ("config-patch", "config-patches", "findings", "packages"))
        run = report([told])
        assert_sarif(json.loads(json.dumps(sarif(run))))
        assert {element.tag for element in ET.fromstring(junit(run)).iter()} <= ELEMENTS  # noqa: S314  it is ours


def test_a_summary_of_a_hostile_image_is_no_longer_than_it_may_be() -> None:
    for told in hostile("``" * 50_000):
        assert len(summary(told, 10_000).encode()) <= 10_000
