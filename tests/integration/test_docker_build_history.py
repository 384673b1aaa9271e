"""What `docker build` notes about itself in an image: the only witness of what an application's owner wrote."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.images.engine import Builder
from tests.images.images import PREFIX
from tests.integration.by_hand import load
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.rules.history import ARGUMENTS, TRACES

BUILDKIT = "buildkit.dockerfile.v0"
PADDING = "buildkit.exporter.image.v0"


@pytest.mark.parametrize("builder", Builder)
def test_each_instruction_leaves_its_trace(builder: Builder, dockerfiles: Dockerfiles) -> None:
    instructions = "\n".join(trace.instruction for trace in TRACES)
    history = _history_above_import(dockerfiles.build(instructions, builder, options=ARGUMENTS), dockerfiles)
    expected = [trace for trace in TRACES if trace.text(builder)]
    assert [_without_digests(entry["created_by"]) for entry in history] == [trace.text(builder) for trace in expected]
    assert [not entry.get("empty_layer") for entry in history] == [trace.has_layer(builder) for trace in expected]
    assert {entry.get("comment") for entry in history} == {BUILDKIT if builder is Builder.BUILDKIT else None}


def test_the_classic_builder_names_the_shell_that_is_set(dockerfiles: Dockerfiles) -> None:
    image = dockerfiles.build('SHELL ["/bin/sh", "-e", "-c"]\nCMD x\nRUN touch /y', Builder.CLASSIC)
    assert [entry["created_by"] for entry in _history_above_import(image, dockerfiles)] == [
        "/bin/sh -e -c #(nop)  SHELL [/bin/sh -e -c]",
        '/bin/sh -e -c #(nop)  CMD ["/bin/sh" "-e" "-c" "x"]',
        "/bin/sh -e -c touch /y",
    ]


def test_buildkit_notes_no_label_of_the_command_line(dockerfiles: Dockerfiles) -> None:
    image = dockerfiles.build("ENV A=1", Builder.BUILDKIT, options=("--label=a=b",))
    assert [entry["created_by"] for entry in _history_above_import(image, dockerfiles)] == ["ENV A=1"]
    assert dockerfiles.config(image)["config"]["Labels"] == {"a": "b"}


@pytest.mark.parametrize("builder", Builder)
def test_triggers_of_the_base_look_like_the_apps_own(builder: Builder, dockerfiles: Dockerfiles) -> None:
    base = dockerfiles.build("ONBUILD ENV T=1", builder)
    entry = dockerfiles.config(dockerfiles.build("ENV A=1", builder, base))["history"][-2]
    assert entry["created_by"].endswith("ENV T=1")


@pytest.mark.parametrize("builder", Builder)
def test_a_second_stage_shows_nothing_of_the_first(builder: Builder, dockerfiles: Dockerfiles) -> None:
    stages = f"RUN touch /made\nFROM {dockerfiles.images.tiny()}\nCOPY --from=0 /made /kept"
    (entry,) = _history_above_import(dockerfiles.build(stages, builder), dockerfiles)
    copied = "COPY /made /kept # buildkit" if builder is Builder.BUILDKIT else "/bin/sh -c #(nop) COPY file:* in /kept "
    assert _without_digests(entry["created_by"]) == copied


@pytest.mark.parametrize("history", [[], [{"created_by": "one of two"}]], ids=["none", "one of two"])
def test_buildkit_pads_a_short_history_at_its_end(
    history: list[dict[str, str]], dockerfiles: Dockerfiles, tmp_path: Path
) -> None:
    base = f"{PREFIX}/by-hand:{len(history)}-of-2"
    load(dockerfiles.images.engine, base, tmp_path, {"history": history, "config": {}}, further_layers=1)
    config = dockerfiles.config(dockerfiles.build("ENV A=1\nRUN touch /x", Builder.BUILDKIT, base))
    own, padding = [BUILDKIT] * 2, [PADDING] * (2 - len(history))
    assert [entry.get("comment") for entry in config["history"][len(history) :]] == own + padding
    assert _with_layer(config) == len(config["rootfs"]["diff_ids"])


def test_the_classic_builder_leaves_a_short_history_short(dockerfiles: Dockerfiles, tmp_path: Path) -> None:
    base = f"{PREFIX}/by-hand:none-of-2"
    load(dockerfiles.images.engine, base, tmp_path, {"config": {}}, further_layers=1)
    config = dockerfiles.config(dockerfiles.build("RUN touch /x", Builder.CLASSIC, base))
    assert (_with_layer(config), len(config["rootfs"]["diff_ids"])) == (1, 3)


@pytest.mark.parametrize("builder", Builder)
def test_of_settings_that_no_instruction_makes_few_are_inherited(
    builder: Builder, dockerfiles: Dockerfiles, tmp_path: Path
) -> None:
    base = f"{PREFIX}/by-hand:odd"
    odd = {"StopTimeout": 7, "Hostname": "h", "NetworkDisabled": True, "MacAddress": "02:42:ac:11:00:02", "Unknown": 1}
    above = {"os.version": "1", "comment": "hello", "unknown": 1}
    load(dockerfiles.images.engine, base, tmp_path, {"config": odd, "history": [{"created_by": "x"}], **above})
    document = dockerfiles.config(dockerfiles.build("ENV A=1", builder, base))
    kept = {"StopTimeout"} if builder is Builder.BUILDKIT else odd.keys() - {"Unknown"}
    assert {name for name in odd if document["config"].get(name) == odd[name]} == kept
    assert {name for name in above if document.get(name) == above[name]} == {"os.version"}


def test_from_scratch_gets_a_path_and_with_buildkit_a_directory(dockerfiles: Dockerfiles) -> None:
    settings = {}
    for builder in Builder:
        config = dockerfiles.config(dockerfiles.build("FROM scratch\nCOPY a.txt /", builder))["config"]
        settings[builder] = (config["Env"], config["WorkingDir"])
    path = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    assert settings == {Builder.CLASSIC: (path, ""), Builder.BUILDKIT: (path, "/")}


def test_the_classic_builder_makes_nothing_of_a_mere_from(dockerfiles: Dockerfiles) -> None:
    base = dockerfiles.build("ENV A=1", Builder.CLASSIC)
    assert dockerfiles.config(dockerfiles.build("", Builder.CLASSIC, base)) == dockerfiles.config(base)


def _history_above_import(image: str, dockerfiles: Dockerfiles) -> list[dict[str, Any]]:
    history: list[dict[str, Any]] = dockerfiles.config(image)["history"]
    return history[1:]


def _with_layer(config: dict[str, Any]) -> int:
    return sum(not entry.get("empty_layer") for entry in config["history"])


def _without_digests(text: str) -> str:
    return re.sub(r"(file|multi|dir):[0-9a-f]{64}", r"\1:*", text)
