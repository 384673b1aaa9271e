"""The program as the action runs it: a whole run under a model of GitHub's runner, on every kind of end."""

import io
import json
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from rebaser.ci.github import GitHub
from rebaser.commands import job
from rebaser.commands.base import Surroundings
from rebaser.errors import InputError, InputProblem
from rebaser.main import main
from rebaser.oci.reference import Repository, Transport
from rebaser.oci.strict_json import JsonObject
from rebaser.report import build
from rebaser.report.outputs import OUTPUTS
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.traffic import Traffic
from tests.builders import a_layer, an_image, store
from tests.ci.runner import Log, read_log, read_records


@dataclass
class Step:
    """One step of a job: its inputs, and what came of it."""

    directory: Path
    code: int = -1
    stream: io.StringIO = field(default_factory=io.StringIO)

    def run(self, **inputs: str) -> dict[str, str]:
        told = {f"INPUT_{name.upper().replace('_', '-')}": text for name, text in inputs.items()}
        files = {name: str(self.directory / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            Path(path).write_text("")
        environment = {"INPUT_REPORT-DIR": str(self.directory / "report"), **told, **files}
        numbers = count()
        service = GitHub(environment, self.stream, self.stream, lambda: f"{next(numbers):032x}")
        self.code = main(["rebase"], Surroundings(environment, service))
        return read_records((self.directory / "GITHUB_OUTPUT").read_text())

    def command(self, *argv: str) -> tuple[int, str, str]:
        """Run the program in a script of a job; return its exit code and both streams."""
        out, err = io.StringIO(), io.StringIO()
        output = self.directory / "GITHUB_OUTPUT"
        output.touch()
        service = GitHub({"GITHUB_OUTPUT": str(output)}, out, err, lambda: "0" * 32)
        return main(argv, Surroundings(service.environment, service)), out.getvalue(), err.getvalue()

    def place(self, tag: str) -> str:
        return f"oci:{self.directory / 'images'}:{tag}"

    @property
    def log(self) -> Log:
        return read_log(self.stream.getvalue())

    @property
    def summary(self) -> str:
        return (self.directory / "GITHUB_STEP_SUMMARY").read_text()


@pytest.fixture
def step(tmp_path: Path) -> Step:
    layout = OciLayout(Repository(Transport.OCI_LAYOUT, "", str(tmp_path / "images")), Traffic())
    old, new, own = (a_layer({f"{name}/name": name}) for name in ("old", "new", "own"))
    hostile: JsonObject = {"x": "\n::error::forged\n</details><script>", "y": "##[error]forged"}
    store(an_image([old], env=["V=1"]), layout, "old")
    store(an_image([new], env=["V=2"], config={"Labels": hostile}), layout, "new")
    store(an_image([old, own], env=["V=1"]), layout, "app")
    store(an_image([own]), layout, "other")
    return Step(tmp_path)


def test_a_rebase(step: Step) -> None:
    told = step.run(image=step.place("app"), old_base=step.place("old"), new_base=step.place("new"))
    assert (step.code, told["result"], told["changed"], told["compatible"]) == (0, "rebased", "true", "true")
    assert list(told) == list(OUTPUTS)
    report = json.loads((step.directory / "report" / "report.json").read_text())["images"][0]
    assert report["digest"] == told["digest"] != told["original-digest"] == report["originalDigest"]
    assert json.loads(told["config-patch"]) == report["platforms"][0]["configPatch"]
    assert step.log.commands == []
    assert step.summary.startswith("### ✅ Rebased: ")
    assert (step.directory / "report" / "summary.md").read_text() == step.summary


def test_an_unchanged_image(step: Step) -> None:
    again = {"image": step.place("app"), "old_base": step.place("new"), "new_base": step.place("new")}
    step.run(image=step.place("app"), old_base=step.place("old"), new_base=step.place("new"))
    told = step.run(**again)
    assert (step.code, told["result"], told["changed"], told["compatible"]) == (0, "unchanged", "false", "")
    assert told["digest"] == told["original-digest"] != ""
    assert step.summary.startswith("### 🟰 Nothing to do: ")


def test_a_refusal_is_exit_1_with_one_error_and_the_digest_that_stays(step: Step) -> None:
    told = step.run(image=step.place("app"), old_base=step.place("other"), new_base=step.place("new"))
    assert (step.code, told["result"], told["changed"], told["compatible"]) == (1, "refused", "false", "false")
    assert told["digest"] == told["original-digest"] != ""
    assert [name for name, _, _ in step.log.commands] == ["error"]
    assert json.loads(told["findings"])[0]["check"] == "not-descended"


def test_skip_is_a_warning_and_no_failure(step: Step) -> None:
    inputs = {"image": step.place("app"), "old_base": step.place("other"), "new_base": step.place("new")}
    told = step.run(**inputs, on_incompatible="skip")
    assert (step.code, told["result"]) == (0, "skipped")
    assert [name for name, _, _ in step.log.commands] == ["warning"]


def test_a_failure_sets_every_output(step: Step) -> None:
    told = step.run(image=step.place("absent"), old_base=step.place("old"), new_base=step.place("new"))
    assert (step.code, told["result"], told["digest"]) == (3, "failed", "")
    assert list(told) == list(OUTPUTS)
    assert [name for name, _, _ in step.log.commands] == ["error"]
    assert step.summary.startswith("### ❌ Failed: ")


def test_wrong_inputs_set_every_output_and_are_all_told(step: Step) -> None:
    told = step.run(image="x y", fail_on="never")
    assert (step.code, told["result"]) == (2, "failed")
    assert list(told) == list(OUTPUTS)
    ((name, _, message),) = step.log.commands
    assert name == "error"
    assert "image" in message
    assert "fail-on" in message


def test_a_dry_run_moves_nothing(step: Step) -> None:
    inputs = {"image": step.place("app"), "old_base": step.place("old"), "new_base": step.place("new")}
    told = step.run(**inputs, dry_run="true")
    assert (told["result"], told["changed"], told["dry-run"]) == ("rebased", "false", "true")
    assert step.run(**inputs)["digest"] == told["digest"]


def test_a_bug_sets_every_output(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("::add-mask::x")

    monkeypatch.setattr(job, "rebase", broken)
    told = step.run(image=step.place("app"), old_base=step.place("old"), new_base=step.place("new"))
    assert (step.code, told["result"], list(told)) == (70, "failed", list(OUTPUTS))
    assert [name for name, _, _ in step.log.commands] == ["error"]


def test_a_bug_in_telling_still_says_that_it_failed(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(build, "image_report", broken)
    told = step.run(image=step.place("app"), old_base=step.place("old"), new_base=step.place("new"))
    assert (step.code, told) == (70, {"result": "failed"})


def test_a_step_that_is_killed_has_failed(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody can catch leaves the output that was set first."""

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(job, "rebase", killed)
    with pytest.raises(Killed):
        step.run(image=step.place("app"), old_base=step.place("old"), new_base=step.place("new"))
    assert read_records((step.directory / "GITHUB_OUTPUT").read_text()) == {"result": "failed"}


def test_an_interruption_sets_every_output(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "rebase", stopped)
    told = step.run(image=step.place("app"), old_base=step.place("old"), new_base=step.place("new"))
    assert (step.code, told["result"], list(told)) == (130, "failed", list(OUTPUTS))


def test_secrets_are_masked_before_anything_is_said_and_are_nowhere_else(step: Step) -> None:
    canary = "canary-pass/word+1"
    bases = {"old_base": step.place("other"), "new_base": step.place("new")}
    step.run(image=step.place("app"), **bases, password=canary, username="me")
    names = [name for name, _, _ in step.log.commands]
    assert names == ["add-mask"] * (len(names) - 1) + ["error"]
    assert canary in [message for name, _, message in step.log.commands if name == "add-mask"]
    files = [path for path in step.directory.rglob("*") if path.is_file() and "images" not in path.parts]
    kept = "".join(path.read_text() for path in files)
    assert canary not in kept + "\n".join(step.log.lines)


def test_files_of_the_report_that_cannot_be_written_do_not_cost_the_outputs(step: Step) -> None:
    (step.directory / "file").write_text("")
    told = step.run(image=step.place("app"), report_dir=str(step.directory / "file" / "x"))
    assert (step.code, told["result"]) == (2, "failed")


def test_in_a_script_of_a_job_json_can_be_piped(step: Step) -> None:
    bases = ("--old-base", step.place("old"), "--new-base", step.place("new"))
    report = ("--report-dir", str(step.directory / "report"), "--password", "canary", "--username", "me")
    code, out, err = step.command("rebase", step.place("app"), *bases, *report, "--json")
    assert code == 0
    assert json.loads(out)["images"][0]["result"] == "rebased"
    assert "canary" not in out
    assert "::add-mask::canary" in err
    code, out, _ = step.command("inspect", step.place("app"), "--old-base", step.place("new"), "--json")
    assert (code, json.loads(out)["image"].startswith("oci:")) == (0, True)


def test_a_summary_that_cannot_be_written_does_not_cost_the_outputs(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unwritable(_self: object, _markdown: str) -> None:
        raise InputError(InputProblem("GITHUB_STEP_SUMMARY", "the file cannot be written", "Run as root."))

    monkeypatch.setattr(GitHub, "add_summary", unwritable)
    told = step.run(image=step.place("app"), old_base=step.place("other"), new_base=step.place("new"))
    assert (step.code, told["result"]) == (1, "refused")
    assert "GITHUB_STEP_SUMMARY" in step.stream.getvalue()
    assert [name for name, _, _ in step.log.commands] == ["error"]
