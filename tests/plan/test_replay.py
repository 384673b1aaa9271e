import time

import pytest

from rebaser.oci.strict_json import JsonObject
from rebaser.plan.replay import Instruction, Replay, read_replay
from tests.builders import buildkit, classic
from tests.plan.steps import entries

LABELS = {"a": "1", "b": "x", "C": "y", "two words": "z", "l1": "v"}


def read(*raw: JsonObject) -> Replay:
    replay = read_replay(entries(*raw))
    assert replay is not None
    return replay


def step(created_by: str, comment: str = "") -> Instruction:
    return read({"created_by": created_by, "comment": comment, "empty_layer": True}).instructions[0]


@pytest.mark.parametrize(
    ("created_by", "keyword", "arguments"),
    [
        ("/bin/sh -c #(nop)  ENV A=1 B=two words", "ENV", "A=1 B=two words"),
        ("/bin/sh -c #(nop) WORKDIR /app/sub", "WORKDIR", "/app/sub"),
        ("/bin/sh -c #(nop) COPY file:00 in /c.txt ", "COPY", "file:00 in /c.txt"),
        ("/bin/sh -c #(nop) COPY --chown=app:appfile:00 in /c.txt ", "COPY", "--chown=app:appfile:00 in /c.txt"),
        ('/bin/sh -e -c #(nop)  CMD ["/bin/sh" "-e" "-c" "x"]', "CMD", '["/bin/sh" "-e" "-c" "x"]'),
        ("/bin/bash -o pipefail -c #(nop)  USER ", "USER", ""),
        ("/bin/sh -c #(nop)  ENTRYPOINT []", "ENTRYPOINT", "[]"),
        ("/bin/sh -c #(nop)  ONBUILD RUN echo trigger", "ONBUILD", "RUN echo trigger"),
        ("/bin/sh -c #(nop)  MAINTAINER Jane <j@example.org>", "MAINTAINER", "Jane <j@example.org>"),
        ("ENV A=1", "ENV", "A=1"),
        ("USER ", "USER", ""),
        ("COPY a.txt /c.txt # buildkit", "COPY", "a.txt /c.txt # buildkit"),
        ("EXPOSE map[80/tcp:{}]", "EXPOSE", "map[80/tcp:{}]"),
        ("RUN |1 X=y /bin/sh -c make # buildkit", "RUN", "|1 X=y /bin/sh -c make # buildkit"),
        ("RUN /bin/sh -c echo a\necho b\n # buildkit", "RUN", "/bin/sh -c echo a\necho b\n # buildkit"),
        ("/bin/sh -c echo a &&     echo b", "RUN", "/bin/sh -c echo a &&     echo b"),
        ("|3 UNUSED=a b X=y Z=zed /bin/sh -c echo hi", "RUN", "|3 UNUSED=a b X=y Z=zed /bin/sh -c echo hi"),
        ("cmd /S /C dir", "RUN", "cmd /S /C dir"),
        ("powershell -Command dir", "RUN", "powershell -Command dir"),
    ],
)
def test_every_builder_s_way_to_write_an_instruction_is_read(created_by: str, keyword: str, arguments: str) -> None:
    assert step(created_by) == Instruction(keyword, arguments, made_layer=False)


@pytest.mark.parametrize(
    "created_by", ["bazel build ...", "", "jib-gradle-plugin:3.4", "ko build", "Buildpacks", "ENVY"]
)
def test_what_no_builder_of_dockerfiles_writes_proves_nothing(created_by: str) -> None:
    assert read_replay(entries(buildkit("ENV A=1"), {"created_by": created_by})) is None


@pytest.mark.parametrize(
    ("raw", "builder"),
    [
        ([classic("ENV A=1"), classic("RUN make")], "classic"),
        ([classic("RUN make")], "classic"),
        ([buildkit("ENV A=1")], "buildkit"),
        ([{"created_by": "ENV A=1"}], "other"),
        ([], "classic"),
    ],
)
def test_the_builder_is_known_by_its_comment_and_its_form(raw: list[JsonObject], builder: str) -> None:
    assert read(*raw).builder == builder


def test_names_are_read_with_the_names_that_there_are() -> None:
    replay = read(buildkit("LABEL a=1 b=x C=y two words=z"), buildkit("LABEL l1=v"))
    assert replay.assigned("LABEL", LABELS) == ("a", "b", "C", "two words", "l1")


def test_names_come_in_the_order_in_which_they_were_first_set() -> None:
    replay = read(buildkit("ENV B=1 A=1"), buildkit("ENV C=1"), buildkit("ENV A=2"))
    assert replay.assigned("ENV", {"A": "2", "B": "1", "C": "1", "D": ""}) == ("B", "A", "C")


def test_a_value_may_hold_an_equals_sign() -> None:
    assert read(buildkit("ENV A=x=y B=")).assigned("ENV", {"A": "x=y", "B": "", "y": ""}) == ("A", "B")


@pytest.mark.parametrize("text", ["OPTS=-Dx V=9 y", "OPTS=V=9", "OPTS=V=1x"])
def test_words_inside_a_quoted_value_set_nothing(text: str) -> None:
    values = {"V": "1", "OPTS": text.removeprefix("OPTS=")}
    assert read(buildkit(f"ENV {text}")).assigned("ENV", values) == ("OPTS",)


@pytest.mark.parametrize("text", ['V="1"', "V='1'", "V=$X", "V=a${X}b", "V=a\\ b"])
def test_a_value_as_it_was_written_is_not_taken_for_another(text: str) -> None:
    assert read(classic(f"ENV {text}")).assigned("ENV", {"V": "the value"}) == ("V",)


def test_a_value_that_ends_in_blanks_was_set() -> None:
    assert read(buildkit("ENV A=x  B=y ")).assigned("ENV", {"A": "x ", "B": "y "}) == ("A", "B")


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (classic("EXPOSE 1000-1002 53/udp 80"), {"1000/tcp", "1001/tcp", "1002/tcp", "53/udp", "80/tcp"}),
        (buildkit("EXPOSE map[1000/tcp:{} 53/udp:{} 80/tcp:{}]"), {"1000/tcp", "53/udp", "80/tcp"}),
        (classic("EXPOSE 81/TCP 82/UDP"), {"82/udp"}),
        (classic("EXPOSE 9/sctp"), set()),
    ],
)
def test_ports_are_read(entry: JsonObject, expected: set[str]) -> None:
    names = ["1000/tcp", "1001/tcp", "1002/tcp", "53/udp", "80/tcp", "82/udp", "odd"]
    assert read(entry).ports(names) == expected


@pytest.mark.parametrize("text", ["[/v1 /v 2]", "[/v1 /v 2 /v3]", "/v1 /v 2"])
def test_volumes_are_read(text: str) -> None:
    assert read(buildkit(f"VOLUME {text}")).volumes(["/v1", "/v 2", "/v"]) == {"/v1", "/v 2", "/v"}


@pytest.mark.parametrize(
    ("ran", "expected"),
    [
        (["RUN make", "WORKDIR /x"], True),
        (["COPY a .", "WORKDIR /x"], True),
        (["COPY a /a", "WORKDIR /x", "RUN make"], False),
        (["ENV A=1", "WORKDIR /x", "COPY a ."], False),
        (["RUN make"], True),
    ],
)
def test_steps_before_the_first_workdir_ran_under_the_base_s(ran: list[str], expected: bool) -> None:
    assert read(*map(buildkit, ran)).built_under_base("WORKDIR") is expected
    assert read(*map(classic, ran)).built_under_base("WORKDIR") is expected


def test_copied_files_are_root_s_whoever_the_user_is() -> None:
    assert not read(buildkit("COPY a ."), buildkit("USER me")).built_under_base("USER")
    assert read(buildkit("RUN make"), buildkit("USER me")).built_under_base("USER")


def test_a_step_that_made_no_layer_depends_on_nothing() -> None:
    assert not read(classic("RUN true", layer=False)).built_under_base("USER")


def test_one_instruction_before_another() -> None:
    replay = read(*map(buildkit, ["CMD a", "SHELL [/bin/bash]", "ENTRYPOINT b"]))
    assert replay.ran_before("SHELL", "ENTRYPOINT")
    assert not replay.ran_before("SHELL", "CMD")
    assert not replay.ran_before("USER", "CMD")


@pytest.mark.parametrize(
    ("member", "by_classic", "by_buildkit"),
    [
        ("StopTimeout", True, True),
        ("ArgsEscaped", True, True),
        ("Hostname", True, False),
        ("NetworkDisabled", True, False),
        ("OpenStdin", False, False),
        ("Memory", False, False),
        ("X-Unknown", False, False),
    ],
)
def test_what_a_builder_hands_down(member: str, by_classic: bool, by_buildkit: bool) -> None:
    assert read(classic("ENV A=1")).inherits(member) is by_classic
    assert read(buildkit("ENV A=1")).inherits(member) is by_buildkit
    assert read().inherits(member)
    assert read({"created_by": "ENV A=1"}).inherits(member)


def test_only_buildkit_hands_down_the_author() -> None:
    assert read(buildkit("ENV A=1")).inherits_at_top("author")
    assert not read(classic("ENV A=1")).inherits_at_top("author")
    assert not read(buildkit("ENV A=1")).inherits_at_top("comment")
    assert read().inherits_at_top("comment")


@pytest.mark.parametrize(
    "created_by",
    [
        "LABEL " + "a=" * 500_000,
        "LABEL " + "a " * 500_000 + "=b",
        "VOLUME [" + "/v " * 300_000 + "]",
        "EXPOSE " + " ".join(f"{number}-65535" for number in range(2_000)),
        "/bin/sh -c " + "#(nop" * 300_000,
        "|1 " + "a " * 500_000,
    ],
)
def test_no_text_keeps_it_busy(created_by: str) -> None:
    names = [f"{number}/tcp" for number in range(65_536)]
    started = time.process_time()
    replay = read_replay(entries({"created_by": created_by}))
    if replay is not None:
        replay.assigned("LABEL", dict.fromkeys(names, "a=" * 1_000) | {"a": "a=" * 400_000})
        replay.volumes(names)
        replay.ports(names)
    assert time.process_time() - started < 10
