import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.dotnet import (
    FrameworkReference,
    RollForward,
    RuntimeConfig,
    SharedFramework,
    read_runtimeconfig,
    resolve,
    shared_framework_of,
)
from rebaser.contents.malformed import MalformedError
from tests.contents.hostile import answer

PRERELEASES = {"DOTNET_ROLL_FORWARD_TO_PRERELEASE": "1"}
DISABLE, LATEST_PATCH, MINOR, LATEST_MINOR, MAJOR, LATEST_MAJOR = RollForward
MANY = ["2.1.0", "3.0.0", "3.0.1", "3.0.3", "3.1.0", "3.1.2", "3.2.0", "4.0.0", "4.1.1", "5.0.0"]

# (asked for, policy, apply patches, available, taken); docs/design/features/framework-version-resolution.md
DOCUMENTED = [
    ("3.0.0", LATEST_PATCH, True, MANY, "3.0.3"),
    ("3.0.0", MINOR, True, MANY, "3.0.3"),
    ("3.0.0", MAJOR, True, MANY, "3.0.3"),
    ("3.0.0", LATEST_MINOR, True, MANY, "3.2.0"),
    ("3.0.0", LATEST_MAJOR, True, MANY, "5.0.0"),
    ("3.0.0", DISABLE, True, MANY, "3.0.0"),
    ("3.0.2", DISABLE, True, MANY, None),
    ("3.0.2", LATEST_PATCH, True, MANY, "3.0.3"),
    ("3.0.4", LATEST_PATCH, True, MANY, None),
    ("3.0.4", MINOR, True, MANY, "3.1.2"),
    ("3.1.3", MINOR, True, MANY, "3.2.0"),
    ("3.3.0", MINOR, True, MANY, None),
    ("3.3.0", LATEST_MINOR, True, MANY, None),
    ("3.3.0", MAJOR, True, MANY, "4.0.0"),
    ("4.0.1", MAJOR, True, MANY, "4.1.1"),
    ("3.3.0", LATEST_MAJOR, True, MANY, "5.0.0"),
    ("5.0.1", LATEST_MAJOR, True, MANY, None),
    ("2.1.0", LATEST_MINOR, True, MANY, "2.1.0"),
    # a release prefers releases, and takes a pre-release only where there is no release
    ("2.1.0", MINOR, True, ["2.1.1-preview", "2.2.0"], "2.2.0"),
    ("2.1.0", MINOR, True, ["2.0.0", "2.2.0-preview"], "2.2.0-preview"),
    ("2.1.0", MAJOR, True, ["3.0.0-preview"], "3.0.0-preview"),
    ("3.0.0", MINOR, True, ["3.0.0", "3.0.1-preview"], "3.0.0"),
    ("3.0.0", MINOR, True, ["3.0.1-preview", "3.1.0"], "3.1.0"),
    ("2.0.0", LATEST_MAJOR, True, ["3.0.0", "3.0.1-preview"], "3.0.0"),
    ("3.0.0", MINOR, True, ["3.0.1-preview"], "3.0.1-preview"),
    ("3.0.0", LATEST_PATCH, True, ["3.0.1-preview.1"], "3.0.1-preview.1"),
    ("3.0.0", MINOR, True, ["3.0.0-preview"], None),
    ("3.0.0", MINOR, True, ["3.0.1-preview1", "3.0.1-preview2"], "3.0.1-preview1"),
    # a pre-release takes the nearest, whatever it is, and rolls on only from a release
    ("2.1.0-preview.2", MINOR, True, ["2.1.0-preview.2", "2.1.0-preview.3", "2.1.1-preview.1"], "2.1.0-preview.2"),
    ("2.1.0-preview.1", MINOR, True, ["2.1.0-preview.2", "2.1.0-preview.3"], "2.1.0-preview.2"),
    ("2.1.0-preview.1", LATEST_PATCH, False, ["2.1.0-preview.2", "2.1.0-preview.3"], "2.1.0-preview.2"),
    ("2.1.0-preview.1", MINOR, True, ["2.1.0"], "2.1.0"),
    ("2.1.0-preview.1", MINOR, True, ["2.1.0", "2.1.4"], "2.1.4"),
    ("2.1.0-preview.1", MINOR, True, ["2.1.1-preview.1"], "2.1.1-preview.1"),
    ("2.1.0-preview.1", MINOR, True, ["2.2.0-preview.1"], "2.2.0-preview.1"),
    ("2.1.0-preview.1", MAJOR, True, ["3.0.0"], "3.0.0"),
    # without patches
    ("3.0.0", LATEST_PATCH, False, ["3.0.1"], None),
    ("3.0.0", LATEST_PATCH, False, ["3.0.0", "3.0.1"], "3.0.0"),
    ("3.0.0", MINOR, False, ["3.0.1", "3.0.3"], "3.0.1"),
    ("3.0.0", MINOR, False, ["3.1.1", "3.1.2"], "3.1.1"),
    ("3.0.0", MINOR, True, [], None),
    ("3.0.0", MINOR, True, ["latest", "3.0", "03.0.0"], None),
]


@pytest.mark.parametrize(("asked", "policy", "patches", "available", "taken"), DOCUMENTED)
def test_the_documented_rules(
    asked: str, policy: RollForward, patches: bool, available: list[str], taken: str | None
) -> None:
    wanted = FrameworkReference("Microsoft.NETCore.App", asked, policy, patches)
    assert resolve(wanted, available, {}) == taken
    assert resolve(wanted, reversed(available), {}) == taken


@pytest.mark.parametrize(
    ("asked", "policy", "available", "taken"),
    [
        ("3.0.0", MINOR, ["3.0.0", "3.0.1-preview"], "3.0.1-preview"),
        ("3.0.0", MINOR, ["3.0.1-preview", "3.1.0"], "3.0.1-preview"),
        ("3.0.0", MINOR, ["3.0.0-preview"], None),
        ("3.0.0", LATEST_MAJOR, ["3.1.0", "4.0.0-rc.1"], "4.0.0-rc.1"),
    ],
)
def test_rolling_to_prereleases(asked: str, policy: RollForward, available: list[str], taken: str | None) -> None:
    assert resolve(FrameworkReference("x", asked, policy), available, PRERELEASES) == taken


@pytest.mark.parametrize(
    ("policy", "environment", "taken"),
    [
        (None, {}, None),
        (None, {"DOTNET_ROLL_FORWARD": "Major"}, "4.0.0"),
        (MINOR, {"DOTNET_ROLL_FORWARD": "latestMAJOR"}, "5.0.0"),
        (MAJOR, {"DOTNET_ROLL_FORWARD": "Disable"}, None),
        (MAJOR, {"DOTNET_ROLL_FORWARD": ""}, "4.0.0"),
        (MAJOR, {"DOTNET_ROLL_FORWARD": "everything"}, None),
        (None, {"DOTNET_ROLL_FORWARD_ON_NO_CANDIDATE_FX": "2"}, "4.0.0"),
        (MINOR, {"DOTNET_ROLL_FORWARD_ON_NO_CANDIDATE_FX": "2"}, None),
        (None, {"DOTNET_ROLL_FORWARD_ON_NO_CANDIDATE_FX": "2", "DOTNET_ROLL_FORWARD": "Minor"}, None),
    ],
)
def test_the_environment(policy: RollForward | None, environment: dict[str, str], taken: str | None) -> None:
    assert resolve(FrameworkReference("x", "3.3.0", policy), MANY, environment) == taken


def test_versions_are_ordered_as_numbers_and_words() -> None:
    available = ["8.0.10", "8.0.9", "8.0.2"]
    assert resolve(FrameworkReference("x", "8.0.0"), available, {}) == "8.0.10"
    previews = ["8.0.0-rc.1", "8.0.0-preview.7.2", "8.0.0-preview.10", "8.0.0-preview"]
    assert resolve(FrameworkReference("x", "8.0.0-preview.2"), previews, {}) == "8.0.0-preview.7.2"
    assert resolve(FrameworkReference("x", "8.0.0-preview.8"), previews, {}) == "8.0.0-preview.10"
    assert resolve(FrameworkReference("x", "8.0.0-q"), previews, {}) == "8.0.0-rc.1"


versions = st.builds("{}.{}.{}{}".format, *[st.integers(0, 4)] * 3, st.sampled_from(["", "-a", "-rc.2"]))


@given(versions, st.sampled_from(RollForward), st.booleans(), st.lists(versions, max_size=8), st.sampled_from([0, 1]))
def test_what_is_taken_is_there_and_no_older(
    asked: str, policy: RollForward, patches: bool, available: list[str], mode: int
) -> None:
    environment = [{}, PRERELEASES][mode]
    taken = resolve(FrameworkReference("x", asked, policy, patches), available, environment)
    assert taken is None or taken in available
    if taken is not None:
        assert list(map(int, taken.partition("-")[0].split("."))) >= list(map(int, asked.partition("-")[0].split(".")))
    if asked in available and "-" not in asked:
        assert taken is not None


@pytest.mark.parametrize(
    ("path", "framework"),
    [
        (
            "usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.11/System.dll",
            SharedFramework("usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.11", "Microsoft.NETCore.App", "8.0.11"),
        ),
        (
            "usr/lib/dotnet/shared/Microsoft.AspNetCore.App/9.0.0-rc.2.24474.3/x/y.dll",
            SharedFramework(
                "usr/lib/dotnet/shared/Microsoft.AspNetCore.App/9.0.0-rc.2.24474.3",
                "Microsoft.AspNetCore.App",
                "9.0.0-rc.2.24474.3",
            ),
        ),
        ("usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.11", None),
        ("app/shared/Thing/8.0/x", None),
        ("usr/share/dotnet/host/fxr/8.0.11/libhostfxr.so", None),
        ("", None),
    ],
)
def test_where_frameworks_are(path: str, framework: SharedFramework | None) -> None:
    assert shared_framework_of(path) == framework


def config(**options: object) -> bytes:
    return json.dumps({"runtimeOptions": options}).encode()


CORE = {"name": "Microsoft.NETCore.App", "version": "8.0.0"}
WEB = {"name": "Microsoft.AspNetCore.App", "version": "8.0.0"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            config(tfm="net8.0", framework=CORE),
            RuntimeConfig((FrameworkReference("Microsoft.NETCore.App", "8.0.0"),), ()),
        ),
        (
            b"\xef\xbb\xbf" + config(frameworks=[CORE, WEB | {"rollForward": "latestMinor"}], rollForward="Major"),
            RuntimeConfig(
                (
                    FrameworkReference("Microsoft.NETCore.App", "8.0.0", MAJOR),
                    FrameworkReference("Microsoft.AspNetCore.App", "8.0.0", LATEST_MINOR),
                ),
                (),
            ),
        ),
        (
            config(framework=CORE | {"applyPatches": False}, rollForwardOnNoCandidateFx=0),
            RuntimeConfig(
                (FrameworkReference("Microsoft.NETCore.App", "8.0.0", LATEST_PATCH, apply_patches=False),), ()
            ),
        ),
        (
            config(framework=CORE | {"rollForwardOnNoCandidateFx": 2}, applyPatches=True),
            RuntimeConfig((FrameworkReference("Microsoft.NETCore.App", "8.0.0", MAJOR),), ()),
        ),
        (
            config(includedFrameworks=[CORE]),
            RuntimeConfig((), (FrameworkReference("Microsoft.NETCore.App", "8.0.0"),)),
        ),
        (b"{}", RuntimeConfig((), ())),
    ],
)
def test_a_configuration(body: bytes, expected: RuntimeConfig) -> None:
    assert read_runtimeconfig(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"runtimeOptions": 1}',
        config(framework=1),
        config(framework={"name": "x"}),
        config(framework={"name": "x", "version": "8"}),
        config(frameworks={}),
        config(framework=CORE, frameworks=[CORE]),
        config(framework=CORE, includedFrameworks=[WEB]),
        config(framework=CORE, rollForward="Sideways"),
        config(framework=CORE, rollForwardOnNoCandidateFx=3),
        config(framework=CORE, rollForwardOnNoCandidateFx=True),
        config(framework=CORE | {"applyPatches": True}, rollForward="Major"),
        config(frameworks=[CORE] * 101),
    ],
)
def test_what_the_host_refuses(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_runtimeconfig(body)


values = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["Major", "8.0.0", "x"]) | st.just([CORE])
keys = st.sampled_from(
    ["framework", "frameworks", "includedFrameworks", "rollForward", "applyPatches", "rollForwardOnNoCandidateFx"]
)


@given(st.binary(max_size=100) | st.dictionaries(keys, values | st.just(CORE)).map(lambda said: config(**said)))
def test_any_bytes_have_an_answer_or_the_named_error(body: bytes) -> None:
    assert isinstance(answer(read_runtimeconfig, body), RuntimeConfig | str)
