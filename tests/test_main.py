"""The program as it is run: exit codes, what is printed where, which files are written."""

import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from rebaser import demo
from rebaser.ci.local import Local
from rebaser.commands import job as program
from rebaser.commands.base import Surroundings
from rebaser.main import main
from rebaser.oci.reference import Repository, Transport
from rebaser.oci.strict_json import JsonObject
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.traffic import Traffic
from tests.builders import a_layer, an_image, an_index, store


class Terminal:
    """Runs the program as a process would, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.out, self.err = io.StringIO(), io.StringIO()
        self.environment: dict[str, str] = {"REBASE_REPORT_DIR": str(directory / "report")}

    def run(self, *argv: str) -> int:
        self.out, self.err = io.StringIO(), io.StringIO()
        return main(argv, Surroundings(self.environment, Local(self.out, self.err)))

    @property
    def report(self) -> JsonObject:
        image: JsonObject = json.loads((self.directory / "report" / "report.json").read_text())["images"][0]
        return image

    def digest(self, tag: str) -> str | None:
        return OciLayout(Repository(Transport.OCI_LAYOUT, "", str(self.directory / "images")), Traffic()).resolve(tag)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    layout = OciLayout(Repository(Transport.OCI_LAYOUT, "", str(tmp_path / "images")), Traffic())
    old, new, own = (a_layer({f"{name}/name": name}) for name in ("old", "new", "own"))
    store(an_image([old], env=["PATH=/bin", "V=1"]), layout, "old")
    store(an_image([new], env=["PATH=/bin", "V=2"]), layout, "new")
    store(an_image([old, own], env=["PATH=/bin", "V=1"]), layout, "app")
    store(an_image([own], env=["V=1"]), layout, "other")
    store(an_image([new], platform="linux/arm64"), layout, "arm")
    store(an_image([old], config={"WorkingDir": "/srv"}), layout, "moved")
    return Terminal(tmp_path)


def place(terminal: Terminal, tag: str) -> str:
    return f"oci:{terminal.directory / 'images'}:{tag}"


def rebase(terminal: Terminal, *more: str, image: str = "app", old: str = "old", new: str = "new") -> int:
    bases = ("--old-base", place(terminal, old), "--new-base", place(terminal, new))
    return terminal.run("rebase", place(terminal, image), *bases, *more)


def test_a_rebase_moves_the_tag_and_says_so(terminal: Terminal) -> None:
    before = terminal.digest("app")
    assert rebase(terminal) == 0
    after = terminal.digest("app")
    assert after != before
    assert f"digest: {after}" in terminal.out.getvalue()
    assert f"before: {before}" in terminal.out.getvalue()
    assert terminal.err.getvalue() == ""
    assert terminal.report["result"] == "rebased"
    assert terminal.report["digest"] == after
    assert terminal.report["originalDigest"] == before
    assert terminal.report["changed"] is True
    patches = json.loads((terminal.directory / "report" / "config-patch.json").read_text())
    assert {"op": "replace", "path": "/config/Env", "value": ["PATH=/bin", "V=2"]} in patches["linux/amd64"]


def test_a_second_run_is_unchanged_and_says_why(terminal: Terminal) -> None:
    rebase(terminal)
    digest = terminal.digest("app")
    assert rebase(terminal) == 0
    assert terminal.digest("app") == digest
    assert terminal.report["result"] == "unchanged"
    assert terminal.report["changed"] is False
    assert "its record names the new base" in terminal.out.getvalue()


def test_a_dry_run_tells_the_digest_and_writes_nothing(terminal: Terminal) -> None:
    before = terminal.digest("app")
    assert rebase(terminal, "--dry-run") == 0
    told = terminal.report
    assert terminal.digest("app") == before
    assert told["result"] == "rebased"
    assert told["changed"] is False
    assert told["dryRun"] is True
    rebase(terminal)
    assert terminal.digest("app") == told["digest"]


def test_json_is_all_that_stdout_gets(terminal: Terminal) -> None:
    assert rebase(terminal, "--json") == 0
    assert json.loads(terminal.out.getvalue())["images"][0]["result"] == "rebased"
    assert "Rebased" in terminal.err.getvalue()


def test_an_image_on_another_base_is_refused_with_exit_1(terminal: Terminal) -> None:
    before = terminal.digest("other")
    assert rebase(terminal, image="other") == 1
    assert terminal.digest("other") == before
    assert terminal.report["result"] == "refused"
    assert "not built on" in terminal.out.getvalue()
    assert "→ Name the exact image" in terminal.out.getvalue()


def test_a_refusal_can_be_skipped_with_exit_0(terminal: Terminal) -> None:
    assert rebase(terminal, "--on-incompatible", "skip", image="other") == 0
    assert terminal.report["result"] == "skipped"
    assert terminal.report["digest"] == terminal.digest("other")


def test_no_seam_cannot_be_forced(terminal: Terminal) -> None:
    assert rebase(terminal, "--on-incompatible", "force", image="other") == 1


def test_a_blocker_can_be_tolerated_with_a_reason_that_stands_in_the_report(terminal: Terminal) -> None:
    assert rebase(terminal, new="moved") == 1
    assert rebase(terminal, "--tolerate", "inherited-value: absolute paths only", new="moved") == 0
    assert "tolerated: absolute paths only" in terminal.out.getvalue()


def test_another_architecture_is_refused(terminal: Terminal) -> None:
    assert rebase(terminal, "--on-incompatible", "force", new="arm") == 1
    assert "linux/arm64" in terminal.out.getvalue()


def test_a_wrong_input_is_exit_2_and_no_traceback(terminal: Terminal) -> None:
    assert terminal.run("rebase", "UPPER", "--platforms", "x") == 2
    said = terminal.err.getvalue()
    assert "image:" in said
    assert "platforms:" in said
    assert "Traceback" not in said


def test_wrong_inputs_make_a_report_too(terminal: Terminal) -> None:
    assert terminal.run("rebase", "UP/per/Case") == 2
    assert terminal.report["result"] == "failed"
    assert terminal.report["original"] == "UP/per/Case"


def test_no_new_base_known_is_a_wrong_input_that_names_it(terminal: Terminal) -> None:
    assert terminal.run("rebase", place(terminal, "app"), "--old-base", place(terminal, "old")) == 2
    assert "`new-base`" in terminal.err.getvalue()


def test_a_missing_image_is_exit_3_and_stands_in_the_report(terminal: Terminal) -> None:
    assert rebase(terminal, image="nowhere") == 3
    assert terminal.report["result"] == "failed"
    error = terminal.report["error"]
    assert isinstance(error, dict)
    assert error["code"] == "image-not-found"
    assert "Traceback" not in terminal.err.getvalue()


def test_a_broken_image_is_exit_4(terminal: Terminal) -> None:
    layout = OciLayout(Repository(Transport.OCI_LAYOUT, "", str(terminal.directory / "images")), Traffic())
    lying = an_image([a_layer({"a": "a"})], config_members={"rootfs": {"type": "layers", "diff_ids": []}})
    store(lying, layout, "lying")
    assert rebase(terminal, image="lying") == 4
    assert "contradicts itself" in terminal.err.getvalue()


def test_an_index_that_lacks_a_wanted_platform_is_a_wrong_input(terminal: Terminal) -> None:
    layout = OciLayout(Repository(Transport.OCI_LAYOUT, "", str(terminal.directory / "images")), Traffic())
    store(an_index([an_image([a_layer({"a": "a"})])]), layout, "index")
    assert rebase(terminal, "--platforms", "linux/s390x", image="index") == 2
    assert "linux/s390x" in terminal.err.getvalue()


def test_a_bug_is_exit_70_and_asks_to_be_reported(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(program, "rebase", broken)
    assert rebase(terminal) == 70
    assert "ZeroDivisionError" in terminal.err.getvalue()
    assert terminal.report["result"] == "failed"


def test_a_report_directory_that_cannot_be_written_is_told_before_anything_is_done(terminal: Terminal) -> None:
    (terminal.directory / "file").write_text("")
    before = terminal.digest("app")
    assert rebase(terminal, "--report-dir", str(terminal.directory / "file"), "--json") == 2
    assert "report-dir" in terminal.err.getvalue()
    assert terminal.digest("app") == before
    assert json.loads(terminal.out.getvalue())["images"][0]["error"]["code"] == "input-invalid"


def test_a_report_that_cannot_be_written_after_all_does_not_hide_the_result(terminal: Terminal) -> None:
    (terminal.directory / "report" / "report.json").mkdir(parents=True)
    assert rebase(terminal, "--json") == 2
    assert json.loads(terminal.out.getvalue())["images"][0]["result"] == "rebased"
    assert str(terminal.digest("app")) in terminal.err.getvalue()


def test_a_report_that_cannot_be_written_after_all_does_not_hide_why_the_run_failed(terminal: Terminal) -> None:
    (terminal.directory / "report" / "report.json").mkdir(parents=True)
    assert rebase(terminal, "--json", image="nowhere") == 3
    assert json.loads(terminal.out.getvalue())["images"][0]["error"]["code"] == "image-not-found"
    assert "image-not-found" in terminal.err.getvalue()
    assert "cannot be written" in terminal.err.getvalue()


@pytest.mark.parametrize("argv", [["NOT A REF", "--json"], ["shop", "--json", "--nope"]])
def test_wrong_inputs_leave_json_on_stdout(terminal: Terminal, argv: list[str]) -> None:
    assert terminal.run("rebase", *argv) == 2
    assert json.loads(terminal.out.getvalue())["images"][0]["error"]["code"] == "input-invalid"


@pytest.mark.parametrize("more", [[], ["--json"]])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_stdout_that_cannot_encode_everything_is_no_bug(terminal: Terminal, encoding: str, more: list[str]) -> None:
    bases = ["--old-base", place(terminal, "old"), "--new-base", place(terminal, "new")]
    command = [sys.executable, "-m", "rebaser", "rebase", place(terminal, "app"), *bases, *more]
    variables = {**terminal.environment, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path(__file__).parent.parent)}
    ran = subprocess.run(command, env=variables, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert not more or json.loads(ran.stdout)["images"][0]["result"] == "rebased"


def test_variables_are_inputs_and_flags_win_over_them(terminal: Terminal) -> None:
    terminal.environment |= {"REBASE_NEW_BASE": place(terminal, "new"), "REBASE_OLD_BASE": place(terminal, "arm")}
    assert terminal.run("rebase", place(terminal, "app"), "--old-base", place(terminal, "old")) == 0


def test_inspect_tells_the_base_and_whether_it_is_stale(terminal: Terminal) -> None:
    bases = ("--old-base", place(terminal, "old"), "--new-base", place(terminal, "new"))
    assert terminal.run("inspect", place(terminal, "app"), *bases) == 0
    assert "1 of the base, 1 of the application" in terminal.out.getvalue()
    assert "stale: yes" in terminal.out.getvalue()
    assert terminal.run("inspect", place(terminal, "app"), *bases, "--json") == 0
    told = json.loads(terminal.out.getvalue())["platforms"][0]
    assert (told["baseLayers"], told["stale"]) == (1, True)


def test_inspect_of_an_image_that_says_nothing_is_no_broken_sentence(terminal: Terminal) -> None:
    assert terminal.run("inspect", place(terminal, "app")) == 0
    assert "stale: unknown, no name is known" in terminal.out.getvalue()


def test_the_demo_succeeds_and_keeps_its_images(terminal: Terminal) -> None:
    kept = terminal.directory / "demo"
    assert terminal.run("demo", str(kept)) == 0
    assert demo.EXPECTED_DIGEST in terminal.out.getvalue()
    assert (kept / "index.json").exists()
    assert terminal.run("demo", str(kept)) == 2


def test_the_demo_fails_when_the_result_is_another_one(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "EXPECTED_DIGEST", "sha256:" + "0" * 64)
    assert terminal.run("demo") == 70
    monkeypatch.undo()
    monkeypatch.setattr(demo, "EXPECTED_SETTINGS", [])
    assert terminal.run("demo") == 70


def test_the_report_follows_its_published_schema(terminal: Terminal) -> None:
    schema = json.loads((Path(__file__).parent.parent / "docs" / "report.schema.json").read_text())
    for image in ("app", "app", "other", "nowhere"):
        rebase(terminal, image=image)
        jsonschema.validate(json.loads((terminal.directory / "report" / "report.json").read_text()), schema)


def test_the_tag_of_a_layout_s_only_image_does_not_stay_stale_beside_latest(terminal: Terminal) -> None:
    solo = OciLayout(Repository(Transport.OCI_LAYOUT, "", str(terminal.directory / "solo")), Traffic())
    before = store(an_image([a_layer({"old/name": "old"}), a_layer({"a": "1"})]), solo, "1")
    bases = ("--old-base", place(terminal, "old"), "--new-base", place(terminal, "new"))
    assert terminal.run("rebase", f"oci:{terminal.directory / 'solo'}", *bases) == 0
    assert solo.resolve("1") not in (None, before)
    assert solo.resolve("latest") is None
    assert terminal.report["tags"] == [f"oci:{terminal.directory / 'solo'}:1"]


def test_an_input_that_is_not_utf_8_is_a_wrong_input_and_no_crash(terminal: Terminal) -> None:
    assert terminal.run("rebase", "\udcff", "--json") == 2
    assert terminal.report["original"] == r"\udcff"
    assert "Traceback" not in terminal.err.getvalue()


def test_a_rebuild_without_a_source_is_a_wrong_input(terminal: Terminal) -> None:
    assert rebase(terminal, "--on-incompatible", "rebuild") == 2
    assert "context: it is not given, and `on-incompatible` is rebuild" in terminal.err.getvalue()
    assert "Name the source in `context`" in terminal.err.getvalue()


def test_a_rebuild_that_cannot_be_is_exit_5_and_leaves_the_tag(terminal: Terminal) -> None:
    before = terminal.digest("other")
    (terminal.directory / "Dockerfile").write_text("FROM scratch\n")
    wanted = ("--on-incompatible=rebuild", f"--context={terminal.directory}", "--checks=config")
    terminal.environment["PATH"] = "/nowhere"
    assert rebase(terminal, *wanted, image="other") == 5
    assert "There is no builder" in terminal.err.getvalue()
    assert "a rebase would not do: " in terminal.err.getvalue()
    assert terminal.report["result"] == "failed"
    assert terminal.report["digest"] == before == terminal.digest("other")
    decision = terminal.report["decision"]
    assert isinstance(decision, dict)
    assert decision["outcome"] == "rebuild"


def test_a_dry_run_of_a_rebuild_is_a_success_without_a_digest(terminal: Terminal) -> None:
    wanted = ("--on-incompatible=rebuild", f"--context={terminal.directory}", "--checks=config", "--dry-run")
    assert rebase(terminal, *wanted, image="other") == 0
    assert terminal.out.getvalue().startswith("Would be rebuilt: ")
    assert (terminal.report["result"], terminal.report["digest"]) == ("rebuilt", None)
