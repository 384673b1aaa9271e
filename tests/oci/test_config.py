import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebaser.errors import ImageError
from rebaser.oci.config import MAX_HISTORY, HistoryEntry, ImageConfig, instant, parse_config
from rebaser.oci.document import MAX_CONFIG, parse_document
from rebaser.oci.manifest import MAX_LAYERS_READ
from rebaser.oci.platform import Platform
from tests.builders import a_layer, an_image, as_config, buildkit, classic, compact

KIND = "application/vnd.oci.image.config.v1+json"
DIFF_ID = "sha256:" + "0123456789abcdef" * 4
PLAIN: dict[str, Any] = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [DIFF_ID]}}


def read(**members: Any) -> ImageConfig:  # noqa: ANN401  JSON
    return parse_config(parse_document(KIND, compact(PLAIN | members), MAX_CONFIG))


def refused(**members: Any) -> str:  # noqa: ANN401  JSON
    with pytest.raises(ImageError) as refusal:
        read(**members)
    assert refusal.value.code == "document-invalid"
    return refusal.value.message


def test_a_config_says_what_rebasing_must_know() -> None:
    layer = a_layer({"a": "b"})
    config = as_config(
        an_image([layer], env=["A=b"], labels={"c": "d"}, platform="linux/arm/v6", history=[buildkit("RUN make")])
    )
    assert config.view.platform == Platform("linux", "arm", "v6")
    assert config.diff_ids == (layer.diff_id,)
    assert config.settings == {"Env": ["A=b"], "Labels": {"c": "d"}}
    assert [entry.created_by for entry in config.history] == ["RUN /bin/sh -c make # buildkit"]
    assert config.view.created == "2024-01-02T03:04:05Z"


@pytest.mark.parametrize("missing", ["architecture", "os", "rootfs"])
def test_a_config_has_three_members(missing: str) -> None:
    content = compact({key: value for key, value in PLAIN.items() if key != missing})
    with pytest.raises(ImageError, match=missing):
        parse_config(parse_document(KIND, content, MAX_CONFIG))


def test_the_empty_config_of_artifacts_is_no_image_s() -> None:
    with pytest.raises(ImageError):
        parse_config(parse_document("application/vnd.oci.empty.v1+json", b"{}", 2))


@pytest.mark.parametrize("key", ["variant", "os.version", "created", "history", "config", "author"])
def test_null_is_as_good_as_absent(key: str) -> None:
    config = read(**{key: None})
    assert (config.history, config.settings, config.view.platform) == ((), {}, Platform("linux", "amd64"))


@pytest.mark.parametrize(
    "key",
    ["Env", "Cmd", "Entrypoint", "OnBuild", "Shell", "Labels", "ExposedPorts", "Volumes", "Healthcheck", "WorkingDir"],
)
def test_a_setting_may_be_null(key: str) -> None:
    assert read(config={key: None}).settings == {key: None}


@pytest.mark.parametrize("key", ["Env", "Cmd", "Entrypoint", "OnBuild", "Shell"])
@pytest.mark.parametrize("value", ["text", {}, 1, True, [1], [None], ["a", ["b"]]])
def test_a_setting_that_is_not_a_list_of_texts_is_refused(key: str, value: object) -> None:
    assert f"config.{key}" in refused(config={key: value})


@pytest.mark.parametrize("key", ["Labels", "ExposedPorts", "Volumes", "Healthcheck"])
@pytest.mark.parametrize("value", ["text", [], 1, False])
def test_a_setting_that_is_not_an_object_is_refused(key: str, value: object) -> None:
    assert f"config.{key}" in refused(config={key: value})


@pytest.mark.parametrize("key", ["WorkingDir", "User", "StopSignal"])
@pytest.mark.parametrize("value", [1, [], {}, True])
def test_a_setting_that_is_not_a_text_is_refused(key: str, value: object) -> None:
    assert f"config.{key}" in refused(config={key: value})


@pytest.mark.parametrize("value", [1, None, [], {}])
def test_a_label_that_is_not_a_text_is_refused(value: object) -> None:
    assert "config.Labels" in refused(config={"Labels": {"a": value}})


@pytest.mark.parametrize("config", [[], "text", 1, True])
def test_settings_that_are_not_an_object_are_refused(config: object) -> None:
    assert "config is not an object" in refused(config=config)


@pytest.mark.parametrize(
    "members",
    [
        {"Config": {}},
        {"RootFS": {}},
        {"OS": "windows"},
        {"config": {"cmd": ["sh"]}},
        {"config": {"Cmd": ["a"], "CMD": ["b"]}},
        {"config": {"workingdir": "/"}},
        {"history": [{"Empty_Layer": True}]},
        {"rootfs": {"type": "layers", "diff_ids": [DIFF_ID], "Diff_IDs": []}},
    ],
)
def test_a_key_that_go_reads_as_another_is_refused(members: dict[str, Any]) -> None:
    assert "some tools would read" in refused(**members)


def test_labels_and_unknown_settings_may_be_spelled_as_they_like() -> None:
    settings = {"Labels": {"A": "1", "a": "2"}, "ArgsEscaped": True, "MacAddress": "", "StopTimeout": 3}
    assert read(config=settings, docker_version="1", container_config={"cmd": 1}).settings == settings


@pytest.mark.parametrize(
    "rootfs",
    [
        {"type": "layers", "diff_ids": ["sha256:x"]},
        {"type": "layers", "diff_ids": [None]},
        {"type": "layers", "diff_ids": {}},
        {"type": "layers", "diff_ids": DIFF_ID},
        {"type": "other", "diff_ids": []},
        {"diff_ids": []},
        [],
        None,
        "layers",
    ],
)
def test_a_rootfs_of_another_form_is_refused(rootfs: object) -> None:
    assert "rootfs" in refused(rootfs=rootfs)


@pytest.mark.parametrize(
    "rootfs", [{"type": "layers"}, {"type": "layers", "diff_ids": None}, {"type": "layers", "diff_ids": []}]
)
def test_no_layers_may_be_written_in_three_ways(rootfs: object) -> None:
    assert read(rootfs=rootfs).diff_ids == ()


def test_lists_are_read_to_the_limit_and_not_beyond() -> None:
    assert len(read(rootfs={"type": "layers", "diff_ids": [DIFF_ID] * MAX_LAYERS_READ}).diff_ids) == 1000
    assert "1001 members" in refused(rootfs={"type": "layers", "diff_ids": [DIFF_ID] * 1001})
    assert len(read(history=[{}] * MAX_HISTORY).history) == 4000
    assert "4001 members" in refused(history=[{}] * 4001)


@pytest.mark.parametrize(
    "history",
    [
        {},
        "x",
        [None],
        ["x"],
        [{"created_by": 1}],
        [{"created": 1}],
        [{"comment": []}],
        [{"empty_layer": "true"}],
        [{"empty_layer": 1}],
    ],
)
def test_a_history_of_another_form_is_refused(history: object) -> None:
    assert "history" in refused(history=history)


def test_unknown_members_survive() -> None:
    config = read(history=[{"vendor": 1, "created_by": "x", "author": None}], **{"moby.buildkit.cache.v0": "bytes"})
    assert list(config.view.raw) == ["architecture", "os", "rootfs", "history", "moby.buildkit.cache.v0"]
    assert config.history[0].raw == {"vendor": 1, "created_by": "x", "author": None}


def entry(**members: Any) -> HistoryEntry:  # noqa: ANN401  JSON
    return HistoryEntry.model_validate(members)


def test_a_step_is_the_same_whenever_it_ran() -> None:
    step = entry(created="2020-01-01T00:00:00Z", created_by="RUN make", comment="buildkit.dockerfile.v0")
    assert step.same_step(entry(created="2024-01-01T00:00:00Z", created_by="RUN make", empty_layer=False))
    assert step.same_step(entry(created_by="RUN make", author="", comment=None))
    assert not step.same_step(entry(created_by="RUN make", empty_layer=True))
    assert not step.same_step(entry(created_by="RUN make all"))
    assert not step.same_step(entry(created_by="RUN make", author="me"))
    assert step.same_step(entry(created_by="RUN make", vendor=1))


def test_only_true_makes_a_step_empty() -> None:
    steps = [entry(), entry(empty_layer=None), entry(empty_layer=False), entry(empty_layer=True)]
    assert [step.is_empty for step in steps] == [False, False, False, True]


def test_history_as_the_classic_builder_writes_it() -> None:
    assert [(step["created_by"], step.get("empty_layer")) for step in map(classic, ["ENV A=b", "RUN make"])] == [
        ("/bin/sh -c #(nop)  ENV A=b", True),
        ("/bin/sh -c make", None),
    ]


def test_history_as_buildkit_writes_it() -> None:
    assert [(step["created_by"], step.get("empty_layer")) for step in map(buildkit, ["ENV A=b", "COPY . /"])] == [
        ("ENV A=b", True),
        ("COPY . / # buildkit", None),
    ]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:06Z"),
        ("2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05+01:00"),
        ("2024-01-02T03:04:05.1Z", "2024-01-02T03:04:05.11Z"),
        ("2024-01-02T03:04:05.123456789Z", "2024-01-02T03:04:05.123457Z"),
        ("0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("2024-01-02T23:04:05.999999999-01:00", "2024-01-03T00:04:06Z"),
    ],
)
def test_moments_are_compared_as_instants(earlier: str, later: str) -> None:
    before, after = instant(earlier), instant(later)
    assert before is not None
    assert after is not None
    assert before < after


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "now",
        "2024-01-02",
        "2024-01-02T03:04:05",
        "2024-13-02T03:04:05Z",
        "1704164645",
        "2024-01-02T03:04:05.Z5",
    ],
)
def test_what_is_no_moment_is_none(text: str | None) -> None:
    assert instant(text) is None


_odd: st.SearchStrategy[object] = st.sampled_from(
    [None, True, 0, 1.5, "", "x", [], {}, ["x"], [1], [{}], [[]], {"a": 1}, {"a": {}}, 10**400]
)
_keys = ["architecture", "os", "variant", "os.version", "created", "rootfs", "history", "config", "Config"]
_settings = ["Env", "Cmd", "Entrypoint", "Labels", "Volumes", "Healthcheck", "WorkingDir", "User", "StopTimeout"]


@given(st.dictionaries(st.sampled_from(_keys), _odd), st.dictionaries(st.sampled_from(_settings), _odd))
@settings(deadline=None)
def test_any_change_is_read_or_refused(members: dict[str, Any], started: dict[str, Any]) -> None:
    for change in (members, {"config": started} | members):
        try:
            config = read(**change)
        except ImageError:
            continue
        assert config.document.content == compact(PLAIN | change)


def test_a_config_that_is_not_compact_keeps_its_bytes() -> None:
    content = json.dumps(PLAIN, indent=2).encode()
    assert parse_config(parse_document(KIND, content, MAX_CONFIG)).document.content is content
