"""The document around `config`: author, platform, what describes a build, times, the record of the base."""

import pytest

from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.config_merge import is_build_key
from rebaser.plan.model import Weight, Wishes
from tests.builders import an_image
from tests.plan.scene import APP_LAYER, NEW_LAYER, OLD_LAYER, Builder, Merged, merged, rebased, unproved

NAME = "org.opencontainers.image.base.name"
DIGEST = "org.opencontainers.image.base.digest"


def document(result: Merged, key: str) -> Json:
    return result.draft.config.get(key)


@pytest.mark.parametrize(
    ("builder", "ran", "sides", "expected"),
    [
        ("buildkit", "ENV A=1", ("Old", "Old", "New"), "New"),
        ("buildkit", "ENV A=1", ("Old", "Old", None), None),
        ("buildkit", "MAINTAINER Old", ("Old", "Old", "New"), "Old"),
        ("buildkit", "MAINTAINER App", ("Old", "App", "New"), "App"),
        ("classic", "ENV A=1", ("Old", None, "New"), None),
        ("classic", "ENV A=1", (None, None, "New"), None),
        ("classic", "MAINTAINER App", ("Old", "App", "New"), "App"),
    ],
)
def test_author(builder: Builder, ran: str, sides: tuple[Json, Json, Json], expected: Json) -> None:
    result = merged({}, {}, {}, [ran], builder=builder, members={"author": sides})
    assert document(result, "author") == expected


def test_an_author_of_a_base_that_nothing_ran_on_follows() -> None:
    assert document(merged({}, {}, {}, [], members={"author": ("Old", "Old", "New")}), "author") == "New"


@pytest.mark.parametrize(
    "key",
    ["container", "container_config", "id", "parent", "moby.buildkit.cache.v0", "moby.buildkit.buildinfo.v1"],
)
def test_what_describes_the_build_is_removed_and_told(key: str) -> None:
    assert is_build_key(key)
    result = merged({}, {}, {}, ["ENV A=1"], members={key: ("o", "a", "n")})
    assert (document(result, key), result.told) == (None, [("build-key-removed", f"/{key}")])
    assert {conflict.weight for conflict in result.draft.conflicts} == {Weight.NOTE}


def test_a_build_key_of_a_base_does_not_come() -> None:
    key = "moby.buildkit.cache.v0"
    assert document(merged({}, {}, {}, members={key: (None, None, "n")}), key) is None


@pytest.mark.parametrize(
    ("key", "sides", "expected"),
    [
        ("os.version", ("10.0.1", "10.0.1", "10.0.2"), "10.0.2"),
        ("os.version", ("10.0.1", "10.0.1", None), None),
        ("os.version", (None, None, "10.0.2"), "10.0.2"),
        ("os.features", (["a"], ["a"], ["b"]), ["b"]),
        ("variant", (None, "v2", "v3"), "v2"),
        ("docker_version", ("1", "2", "3"), "2"),
        ("docker_version", (None, None, "3"), None),
    ],
)
def test_platform_and_version(key: str, sides: tuple[Json, Json, Json], expected: Json) -> None:
    assert document(merged({}, {}, {}, ["ENV A=1"], members={key: sides}), key) == expected


def test_an_unknown_member_of_the_document_stays_the_application_s() -> None:
    assert document(merged({}, {}, {}, members={"x": (1, 2, 3)}), "x") == 2
    assert document(merged({}, {}, {}, members={"x": (None, None, 3)}), "x") is None


def test_without_history_an_unknown_member_merges_plainly() -> None:
    images = [
        an_image(layers, history=None, config_members={"x": value})
        for layers, value in (([OLD_LAYER], 1), ([OLD_LAYER, APP_LAYER], 1), ([NEW_LAYER], 3))
    ]
    assert document(rebased(images[0], images[1], images[2]), "x") == 3


@pytest.mark.parametrize(
    ("app", "new", "expected"),
    [
        ("2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"),
        ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-01-02T00:00:00Z"),
        ("2024-01-01T12:00:00.123456789Z", "2024-01-01T12:00:00.1Z", "2024-01-01T12:00:00.123456789Z"),
        ("2024-01-01T12:00:00Z", "2024-01-01T13:30:00.5+01:00", "2024-01-01T13:30:00.5+01:00"),
        ("2024-01-01T00:00:00Z", None, "2024-01-01T00:00:00Z"),
        (None, "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        (None, None, None),
        ("2024-01-01T00:00:00.123456788Z", "2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00.123456789Z"),
        ("2024-01-01T00:00:00.123456789Z", "2024-01-01T00:00:00.123456788Z", "2024-01-01T00:00:00.123456789Z"),
        ("yesterday", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("yesterday", "today", "yesterday"),
        ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", "2024-01-01T00:00:00Z"),
    ],
)
def test_created_is_the_later_instant_as_it_was_written(app: str | None, new: str | None, expected: str | None) -> None:
    result = merged({}, {}, {}, members={"created": (None, app, new)})
    assert document(result, "created") == expected


def test_source_date_epoch_decides() -> None:
    assert document(merged({}, {}, {}, wishes=Wishes(created=0)), "created") == "1970-01-01T00:00:00Z"


OLD_RECORD: JsonObject = {"Labels": {NAME: "registry.example/debian:11", DIGEST: "sha256:" + "0" * 64}}


def test_a_record_that_the_application_has_as_labels_is_renewed() -> None:
    result = merged({}, OLD_RECORD, {}, ["ENV A=1"])
    digest = result.draft.trio.new_base.digest
    assert result.config["Labels"] == {NAME: "registry.example/debian:12", DIGEST: digest}


def test_a_record_inherited_from_the_base_s_own_base_follows_the_base() -> None:
    newer: JsonObject = {"Labels": {NAME: "registry.example/scratchy:2", DIGEST: "sha256:" + "1" * 64}}
    assert merged(OLD_RECORD, OLD_RECORD, newer, ["ENV A=1"]).config == newer


def test_without_a_record_none_is_put_into_the_labels() -> None:
    assert merged({"Labels": {"a": "1"}}, {"Labels": {"a": "1"}}, {"Labels": {"a": "2"}}, ["ENV A=1"]).config == {
        "Labels": {"a": "2"}
    }


def test_unproved_history_is_told() -> None:
    result = unproved({}, {}, {})
    assert result.told == [("history-unproved", "/history")]


def test_keys_keep_their_order_and_new_ones_come_last() -> None:
    images = [
        an_image([layer], config_members=members)
        for layer, members in ((OLD_LAYER, {}), (OLD_LAYER, {}), (NEW_LAYER, {"os.version": "1", "author": "New"}))
    ]
    result = rebased(images[0], images[1], images[2])
    known = ["architecture", "os", "created", "config", "history", "rootfs"]
    assert list(result.draft.config) == [*known, "author", "os.version"]


def test_a_config_that_has_no_members_stays_without_any() -> None:
    images = [
        an_image(layers, config_members={"config": None})
        for layers in ([OLD_LAYER], [OLD_LAYER, APP_LAYER], [NEW_LAYER])
    ]
    assert rebased(images[0], images[1], images[2]).draft.config["config"] is None


def test_the_patch_says_what_changes() -> None:
    result = merged({"User": "o", "Cmd": ["x"]}, {"User": "o", "Cmd": ["x"]}, {"User": "o", "Cmd": ["y"]}, ["ENV A=1"])
    paths = [(operation["op"], operation["path"]) for operation in result.draft.patch]
    assert paths == [("replace", "/config/Cmd"), ("replace", "/rootfs/diff_ids")]
