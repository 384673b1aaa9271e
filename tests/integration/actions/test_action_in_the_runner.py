"""The action in a runner, on a real registry: every end of it, logins, a hostile image, a cancelled job."""

import base64
import json
import socket
import time
from contextlib import suppress
from pathlib import Path
from select import select

import pytest

from rebaser.report.outputs import OUTPUTS
from tests.images.engine import Builder, Engine
from tests.integration.actions.runner import Runner, owned_by
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.registries import Registry
from tests.integration.shelf import Shelf
from tests.report.plain import assert_plain

RUNNERS_USER = 1001


@pytest.fixture
def small(
    distribution: Registry, dockerfiles: Dockerfiles, request: pytest.FixtureRequest
) -> tuple[Registry, dict[str, str]]:
    """Two tiny bases and an application on the old one, in a repository of the test's own; and the inputs."""
    return distribution, put(distribution, dockerfiles, f"action/{request.node.originalname.replace('_', '-')}")


def put(registry: Registry, dockerfiles: Dockerfiles, repository: str) -> dict[str, str]:
    old, new = (dockerfiles.build(f"ENV BASE={age}\nRUN echo {age} > /base", Builder.CLASSIC) for age in ("old", "new"))
    app = dockerfiles.build('COPY a.txt /\nCMD ["cat", "/base", "/a.txt"]', Builder.CLASSIC, old)
    bases = {f"{name}_base": registry.copy(f"docker-daemon:{tag}", repository, name) for name, tag in _pairs(old, new)}
    return {"image": registry.copy(f"docker-daemon:{app}", repository, "1"), **bases}


def _pairs(old: str, new: str) -> list[tuple[str, str]]:
    return [("old", old), ("new", new)]


def report(runner: Runner, path: str = "rebase-report/report.json") -> dict[str, object]:
    (image,) = json.loads((runner.workspace / path).read_text())["images"]
    found: dict[str, object] = image
    return found


def test_a_real_application_is_rebased_and_the_next_step_runs_it_by_digest(
    runner: Runner, shelf: Shelf, distribution: Registry, engine: Engine
) -> None:
    old, new = shelf.bases(("debian-old", "debian-new"), Builder.CLASSIC, distribution)
    image = shelf.app("greeter", "debian-old", Builder.CLASSIC, distribution, "action/greeter")
    before = distribution.digest("action/greeter")
    step = runner.step(image=image, old_base=old, new_base=new)

    told = dict(step.outputs)
    assert (step.code, told["result"], told["changed"]) == (0, "rebased", "true"), step.log
    assert told["digest"] == distribution.digest("action/greeter") != before == told["original-digest"]
    assert told["image"] == f"{told['image-name']}@{told['digest']}" == f"{image.rpartition(':')[0]}@{told['digest']}"
    assert told["tags"] == image
    assert list(told) == list(OUTPUTS)
    assert step.job_outputs == told
    assert json.loads(told["config-patch"]) == json.loads(told["config-patches"])["linux/amd64"] != []
    assert report(runner, told["report"])["digest"] == told["digest"]
    assert step.summary.startswith("### ✅ Rebased: ")
    assert told["digest"] in step.summary.splitlines()[0]
    assert {level for level, _, _ in step.annotations} == {"warning"}  # it overrides what the base changed too
    assert step.other_commands == ()
    with distribution.pulled(told["image"]) as moved:
        said = engine.run("run", "--rm", "--network=none", moved)
    assert said == "greeter: good morning to you and you\n"


def test_an_image_that_is_current_is_left_alone(runner: Runner, small: tuple[Registry, dict[str, str]]) -> None:
    first = runner.step(**small[1]).outputs
    step = runner.step(image=small[1]["image"], new_base=small[1]["new_base"])
    assert (step.code, step.outputs["result"], step.outputs["changed"]) == (0, "unchanged", "false"), step.log
    assert step.outputs["digest"] == step.outputs["original-digest"] == first["digest"]
    assert step.annotations == ()
    assert step.summary.startswith("### 🟰 Nothing to do: ")


def test_a_refusal_fails_the_step_and_says_why(runner: Runner, small: tuple[Registry, dict[str, str]]) -> None:
    inputs = {**small[1], "old_base": small[1]["new_base"]}
    step = runner.step(**inputs)
    assert (step.code, step.outputs["result"], step.outputs["compatible"]) == (1, "refused", "false")
    assert step.outputs["digest"] == step.outputs["original-digest"] != ""
    ((level, properties, message),) = step.annotations
    assert (level, properties["title"]) == ("error", "not-descended")
    assert "layers" in message
    assert [entry["check"] for entry in json.loads(step.outputs["findings"])] == ["not-descended"]


def test_a_failure_fails_the_step_and_sets_every_output(runner: Runner, small: tuple[Registry, dict[str, str]]) -> None:
    step = runner.step(**{**small[1], "image": small[0].reference("action/nothing", "1")})
    assert (step.code, step.outputs["result"], list(step.outputs)) == (3, "failed", list(OUTPUTS))
    assert [level for level, _, _ in step.annotations] == ["error"]
    assert step.summary.startswith("### ❌ Failed: ")


def test_wrong_inputs_are_all_told_at_once(runner: Runner) -> None:
    step = runner.step(image="a b", dry_run="perhaps", tolerate="config-conflikt: x")
    assert (step.code, step.outputs["result"], list(step.outputs)) == (2, "failed", list(OUTPUTS))
    assert all(name in step.log for name in ("image:", "dry-run:", "tolerate:"))


def test_a_dry_run_tells_the_digest_and_moves_nothing(runner: Runner, small: tuple[Registry, dict[str, str]]) -> None:
    dry = runner.step(**small[1], dry_run="true").outputs
    assert (dry["result"], dry["changed"], dry["dry-run"]) == ("rebased", "false", "true")
    assert small[0].digest(small[1]["image"].partition("/")[2].rpartition(":")[0], "1") == dry["original-digest"]
    assert runner.step(**small[1]).outputs["digest"] == dry["digest"]


def test_the_report_belongs_to_whoever_owns_the_workspace(
    runner: Runner, small: tuple[Registry, dict[str, str]]
) -> None:
    owned_by(runner.workspace, RUNNERS_USER)
    runner.step(**small[1], report_dir="out/of/rebase")
    made = [runner.workspace / "out", *(runner.workspace / "out").rglob("*")]
    assert len(made) == 9
    assert {path.stat().st_uid for path in made} == {RUNNERS_USER}


# Logins


@pytest.fixture
def guarded(private: Registry, dockerfiles: Dockerfiles, request: pytest.FixtureRequest) -> dict[str, str]:
    return put(private, dockerfiles, f"action/{request.node.originalname.replace('_', '-')}")


def test_a_login_of_an_earlier_step_in_the_temporary_directory_is_found(
    runner: Runner, guarded: dict[str, str], private: Registry
) -> None:
    """What README says: DOCKER_CONFIG=$RUNNER_TEMP/docker for docker/login-action and for us."""
    directory = runner.temporary / "docker"
    _log_in(directory, private)
    step = runner.step({"DOCKER_CONFIG": str(directory)}, **guarded)
    assert (step.code, step.outputs["result"]) == (0, "rebased"), step.log
    _assert_discreet(step.log + step.summary + json.dumps(dict(step.outputs)), runner, private)


def test_a_login_that_was_copied_into_the_action_s_home_is_found(
    runner: Runner, guarded: dict[str, str], private: Registry
) -> None:
    _log_in(runner.home / ".docker", private)
    assert runner.step(**guarded).outputs["result"] == "rebased"


def test_a_login_by_inputs_is_masked_in_all_its_forms(
    runner: Runner, guarded: dict[str, str], private: Registry
) -> None:
    user, password = private.login or ("", "")
    step = runner.step(**guarded, username=user, password=password)
    assert step.outputs["result"] == "rebased"
    assert {password, base64.b64encode(f"{user}:{password}".encode()).decode()} <= set(step.masks)
    assert step.job_outputs == dict(step.outputs)
    _assert_discreet(step.log + step.summary, runner, private)


def test_several_logins_by_one_input(runner: Runner, guarded: dict[str, str], private: Registry) -> None:
    lines = f"registry.example nobody nothing\n{private.address} {' '.join(private.login or ())}\n"
    assert runner.step(**guarded, registry_auth=lines).outputs["result"] == "rebased"


def test_a_credential_helper_that_is_not_in_the_container_is_named(runner: Runner, guarded: dict[str, str]) -> None:
    directory = runner.temporary / "docker"
    directory.mkdir()
    (directory / "config.json").write_text(json.dumps({"credsStore": "desktop"}))
    step = runner.step({"DOCKER_CONFIG": str(directory)}, **guarded)
    assert (step.code, step.outputs["result"]) == (3, "failed")
    assert "the credential helper docker-credential-desktop cannot be run" in step.log


def test_no_login_is_told_with_the_inputs_that_would_help(runner: Runner, guarded: dict[str, str]) -> None:
    step = runner.step(**guarded)
    assert (step.code, step.outputs["result"]) == (3, "failed")
    assert "`username`" in step.annotations[0][2]


def _log_in(directory: Path, private: Registry) -> None:
    encoded = base64.b64encode(":".join(private.login or ()).encode()).decode()
    directory.mkdir(parents=True)
    (directory / "config.json").write_text(json.dumps({"auths": {private.address: {"auth": encoded}}}))


def _assert_discreet(shown: str, runner: Runner, private: Registry) -> None:
    user, password = private.login or ("", "")
    files = [path.read_text() for path in (runner.workspace / "rebase-report").iterdir()]
    for secret in (password, base64.b64encode(f"{user}:{password}".encode()).decode()):
        assert secret not in shown
        assert all(secret not in text for text in files)


# What must not happen

HOSTILE = """\
LABEL first="\\n::error::forged" second="##[error]forged" third="</details><script>alert(1)</script>"
LABEL fourth="::add-mask::docker" fifth="result<<EOF" sixth="| a | b |" seventh="[x](javascript:alert(1))"
ENV FORGED="::set-output name=digest::sha256:0" OTHER="digest=sha256:0"
"""


def test_a_hostile_image_says_nothing_to_the_runner(
    runner: Runner, small: tuple[Registry, dict[str, str]], dockerfiles: Dockerfiles
) -> None:
    registry, inputs = small
    repository = inputs["image"].partition("/")[2].rpartition(":")[0]
    base = dockerfiles.build(f"ENV BASE=newer\n{HOSTILE}", Builder.CLASSIC)
    newer = registry.copy(f"docker-daemon:{base}", repository, "newer")
    step = runner.step(**{**inputs, "new_base": newer})
    assert (step.code, list(step.outputs)) == (0, list(OUTPUTS)), step.log
    assert step.outputs["digest"] == registry.digest(repository, "1")
    assert (step.masks, step.other_commands) == ((), ())
    assert "forged" not in json.dumps(step.annotations)
    assert "&#60;script&#62;" in step.summary
    assert_plain(step.summary)


def test_a_hostile_checkout_is_not_run(runner: Runner, small: tuple[Registry, dict[str, str]]) -> None:
    for name in ("rebaser.py", "httpx.py", "json.py", "sitecustomize.py", "entrypoint.py", "action.yml"):
        (runner.workspace / name).write_text("raise SystemExit('taken over')\n")
    step = runner.step({"PYTHONPATH": str(runner.workspace)}, **small[1])
    assert step.outputs["result"] == "rebased", step.log


def test_a_cancelled_job_ends_soon_with_its_tag_where_it_was(
    runner: Runner, small: tuple[Registry, dict[str, str]]
) -> None:
    """The registry of the new base accepts connections, and never answers."""
    registry, inputs = small
    repository = inputs["image"].partition("/")[2].rpartition(":")[0]
    before = registry.digest(repository, "1")
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        step, seconds = runner.cancelled_step(
            lambda: _asked(silent, held), **{**inputs, "new_base": f"{address}/base:1"}
        )
    for connection in held:
        connection.close()
    assert (step.code, step.outputs["result"], list(step.outputs)) == (130, "failed", list(OUTPUTS)), step.log
    assert seconds < 5
    assert registry.digest(repository, "1") == before


def _asked(silent: socket.socket, held: list[socket.socket]) -> None:
    """Wait until somebody asks for something, and a little more, so that the run is in its midst."""
    while not select(held, [], [], 0.2)[0]:
        silent.settimeout(0.2 if held else 60)
        with suppress(TimeoutError):
            held.append(silent.accept()[0])
    time.sleep(2)
