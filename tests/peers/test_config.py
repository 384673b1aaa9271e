"""Cases 38 to 41: each member of the config as a rebuild would give it. The rules one by one are in tests/plan."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import pytest

from rebaser.decide import Outcome
from rebaser.errors import ImageError
from rebaser.oci.digest import digest_of
from rebaser.oci.image import Image
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.request import Policy
from tests.builders import ALayer, AnImage, an_image, buildkit, compact
from tests.runs import NEW, OLD, OWN, World, built_on, env, found, labels, notices, outcome, refused, settings

Settings: TypeAlias = Mapping[str, Json]
WARN_PATH = ("config-conflict", "/config/Env/PATH")


def moved(world: World, old: Settings, app: Settings, new: Settings, *ran: str) -> Image:
    """Return the rebased image; `ran` are the instructions that the application's history tells of."""
    put(world, old, app, new, *ran)
    assert outcome(world.rebase("app:1", new="base:2", old="base:1")) is Outcome.REBASE
    return world.image("app:1")


def put(world: World, old: Settings, app: Settings, new: Settings, *ran: str) -> None:
    base = an_image(OLD, config=old)
    history = [buildkit("COPY a / "), *map(buildkit, ran)]
    world.put("base:1", base)
    world.put("base:2", an_image(NEW, config=new))
    world.put("app:1", an_image([*OLD, OWN[0]], config=app, history=[*history_of(OLD), *history]))


def history_of(layers: Sequence[ALayer]) -> list[JsonObject]:
    return [buildkit(f"RUN step {number}") for number, _ in enumerate(layers)]


@pytest.mark.parametrize(
    ("old", "app", "new", "wanted"),
    [
        (["A=1"], ["A=1"], ["A=2"], ["A=2"]),
        (["A=1", "B=1"], ["A=1", "B=1"], ["A=1"], ["A=1"]),
        (["A=1"], ["A=1"], ["B=1", "A=1", "C=1"], ["B=1", "A=1", "C=1"]),
        (["A=1"], ["A=mine"], ["A=2", "B=1"], ["A=mine", "B=1"]),
        (["A=1"], ["A=1", "Z=1", "Y=1"], ["B=1", "A=2"], ["B=1", "A=2", "Z=1", "Y=1"]),
        (["A="], ["A="], ["A=1"], ["A=1"]),
        (["A=1"], ["A="], ["A=2"], ["A="]),
        (["A"], ["A", "B"], ["A=1"], ["A=1", "B"]),
        (["A=1", "a=1"], ["A=1", "a=1"], ["A=2", "a=1"], ["A=2", "a=1"]),
        (["A=x=y"], ["A=x=y"], ["A=z=y"], ["A=z=y"]),
        (["PATH=/o:/bin"], ["PATH=/app:/o:/bin"], ["PATH=/n:/bin"], ["PATH=/app:/n:/bin"]),
        (["PATH=/o:/bin"], ["PATH=/o:/bin:/app"], ["PATH=/n:/bin"], ["PATH=/n:/bin:/app"]),
        (["PATH=/o:/bin"], ["PATH=/a:/o:/bin:/z"], ["PATH=/n:/bin:/m"], ["PATH=/a:/n:/bin:/m:/z"]),
        (["PATH=/o:/bin"], ["PATH=/only/mine"], ["PATH=/o:/bin:/n"], ["PATH=/only/mine"]),
    ],
)
def test_case_38_env(world: World, old: list[Json], app: list[Json], new: list[Json], wanted: list[str]) -> None:
    names = [str(entry).partition("=")[0] for entry in app if entry not in old]
    ran = [f"ENV {entry}" for entry in app if str(entry).partition("=")[0] in names]
    assert env(moved(world, {"Env": old}, {"Env": app}, {"Env": new}, *ran))[: len(wanted)] == wanted


@pytest.mark.parametrize("history", [True, False])
def test_case_38_a_path_that_was_taken_apart_is_told(world: World, history: bool) -> None:
    """An ENV of its own that holds no `$PATH` as it was: a rebuild gives it again. Without history, nobody knows."""
    old = an_image(OLD, env=["PATH=/o:/bin"])
    own = [buildkit("COPY a / "), buildkit("ENV PATH=/o:/app:/bin")]
    told = [*history_of(OLD), *own] if history else None
    world.put("base:1", old)
    world.put("base:2", an_image(NEW, env=["PATH=/n:/bin"]))
    world.put("app:1", an_image([*OLD, OWN[0]], env=["PATH=/o:/app:/bin"], history=told))
    run = world.rebase("app:1", new="base:2", old="base:1")
    assert WARN_PATH in found(run)
    (path,) = map(str, env(world.image("app:1")))
    assert sorted(path.removeprefix("PATH=").split(":")) == ["/app", "/bin", "/o" if history else "/n"]


def test_case_38_what_base_and_app_both_changed_is_told(world: World) -> None:
    put(world, {"Env": ["LANG=C"]}, {"Env": ["LANG=de"]}, {"Env": ["LANG=C.UTF-8"]}, "ENV LANG=de")
    assert ("config-conflict", "/config/Env/LANG") in found(world.rebase("app:1", new="base:2", old="base:1"))
    assert env(world.image("app:1")) == ["LANG=de"]


def test_case_38_a_variable_that_stands_twice_counts_as_its_last(world: World) -> None:
    app = moved(world, {"Env": ["A=0", "A=1"]}, {"Env": ["A=0", "A=1", "B=1"]}, {"Env": ["A=2"]}, "ENV B=1")
    assert env(app) == ["A=2", "B=1"]


def test_case_38_a_value_with_an_old_value_in_it_is_told(world: World) -> None:
    old, new = "JAVA_HOME=/opt/java-8", "JAVA_HOME=/opt/java-11"
    own = "TOOLS=/opt/java-8/lib/tools.jar"
    put(world, {"Env": [old]}, {"Env": [old, own]}, {"Env": [new]}, f"ENV {own}")
    run = world.rebase("app:1", new="base:2", old="base:1")
    assert ("config-conflict", "/config/Env/TOOLS") in found(run)


def test_case_39_labels(world: World) -> None:
    title = "org.opencontainers.image.title"
    old: Settings = {"Labels": {title: "base", "v": "1", "same": "1", "own": "1", "gone": "1"}}
    app: Settings = {"Labels": {title: "base", "v": "1", "same": "1", "own": "mine", "gone": "1", "app": "a"}}
    new: Settings = {"Labels": {title: "base 2", "v": "2", "same": "2", "own": "2", "came": "1"}}
    image = moved(world, old, app, new, "LABEL same=1", "LABEL own=mine", "LABEL app=a")
    assert labels(image) == {title: "base 2", "v": "2", "same": "1", "own": "mine", "app": "a", "came": "1"}


START = ("Entrypoint", "Cmd")


@pytest.mark.parametrize(
    ("old", "app", "new", "ran", "wanted"),
    [
        ([None, ["sh"]], [None, ["sh"]], [None, ["bash"]], [], [None, ["bash"]]),
        ([["e"], ["c"]], [["mine"], None], [["e"], ["c2"]], ['ENTRYPOINT ["mine"]'], [["mine"], None]),
        ([["e"], ["c"]], [["e"], ["mine"]], [["e2"], ["c2"]], ['CMD ["mine"]'], [["e2"], ["mine"]]),
        ([None, ["c"]], [None, []], [None, ["c2"]], ["CMD []"], [None, []]),
        (
            [None, ["c"]],
            [["/bin/sh", "-c", "run"], None],
            [None, ["d"]],
            ["ENTRYPOINT run"],
            [["/bin/sh", "-c", "run"], None],
        ),
    ],
    ids=["inherited", "entrypoint resets cmd", "cmd for the new entrypoint", "empty cmd", "shell form"],
)
def test_case_40_entrypoint_and_cmd(  # noqa: PLR0917  a table's columns
    world: World, old: list[Json], app: list[Json], new: list[Json], ran: list[str], wanted: list[Json]
) -> None:
    def told(pair: list[Json]) -> Settings:
        return {key: value for key, value in zip(START, pair, strict=True) if value is not None}

    image = moved(world, told(old), told(app), told(new), *ran)
    assert [settings(image).get(key) or None for key in START] == [value or None for value in wanted]


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("StopSignal", "SIGTERM", "SIGINT"),
        ("Shell", ["/bin/sh", "-c"], ["/bin/bash", "-c"]),
        ("StopTimeout", 10, 20),
        ("Healthcheck", {"Test": ["CMD", "a"]}, {"Test": ["NONE"]}),
        ("ExposedPorts", {"80/tcp": {}}, {"81/tcp": {}}),
        ("Volumes", {"/a": {}}, {"/b": {}}),
    ],
)
def test_case_40_what_is_inherited_follows_and_what_is_the_apps_stays(
    world: World, key: str, old: Json, new: Json
) -> None:
    assert settings(moved(world, {key: old}, {key: old}, {key: new}))[key] == new
    own: Json = "mine" if isinstance(old, str) else ["mine"] if isinstance(old, list) else old
    image = moved(world, {}, {key: own}, {}, "ENV x=y")
    assert settings(image)[key] == own


@pytest.mark.parametrize("key", ["Domainname", "x.vendor"])
def test_case_40_unknown_members_follow_where_no_builder_is_known_to_drop_them(world: World, key: str) -> None:
    world.put("base:1", an_image(OLD, config={key: "a"}))
    world.put("base:2", an_image(NEW, config={key: "b"}))
    world.put("app:1", an_image([*OLD, *OWN], config={key: "a", "mine": [1, 2]}, history=None))
    world.rebase("app:1", new="base:2", old="base:1")
    assert settings(world.image("app:1")) == {key: "b", "mine": [1, 2]}


@pytest.mark.parametrize(("key", "old", "new"), [("WorkingDir", "/a", "/b"), ("User", "1", "2"), ("User", "1", "root")])
def test_case_40_what_layers_were_built_under_blocks(world: World, key: str, old: str, new: str) -> None:
    put(world, {key: old}, {key: old}, {key: new})
    assert refused(world.rebase("app:1", new="base:2", old="base:1")) == ["inherited-value"]
    accepted = Policy(tolerate={"inherited-value": "the layers do not depend on it"})
    assert outcome(world.rebase("app:1", new="base:2", old="base:1", policy=accepted)) is Outcome.REBASE
    assert settings(world.image("app:1"))[key] == old


@pytest.mark.parametrize(("old", "new"), [("/", ""), ("", "/"), ("/srv", "/srv/")])
def test_case_40_two_ways_to_write_a_working_dir_are_one(world: World, old: str, new: str) -> None:
    put(world, {"WorkingDir": old}, {"WorkingDir": old}, {"WorkingDir": new})
    assert outcome(world.rebase("app:1", new="base:2", old="base:1")) is Outcome.REBASE


def test_case_40_triggers_of_the_base_block_and_the_apps_own_stay(world: World) -> None:
    put(world, {"OnBuild": ["RUN 1"]}, {}, {"OnBuild": ["RUN 2"]})
    assert refused(world.rebase("app:1", new="base:2", old="base:1")) == ["onbuild-changed"]
    image = moved(world, {}, {"OnBuild": ["RUN mine"]}, {}, "ONBUILD RUN mine")
    assert settings(image)["OnBuild"] == ["RUN mine"]


def without_config(image: AnImage, *, null: bool) -> AnImage:
    told = {key: value for key, value in json.loads(image.config).items() if key != "config"}
    config = compact(told | ({"config": None} if null else {}))
    manifest = json.loads(image.content)
    manifest["config"] |= {"digest": digest_of(config), "size": len(config)}
    return replace(image, content=compact(manifest), config=config)


@pytest.mark.parametrize("null", [True, False])
@pytest.mark.parametrize(("bare", "wanted"), [("base:1", ["A=1"]), ("base:2", None), ("app:1", None), ("all", None)])
def test_case_40_no_config_at_all(world: World, null: bool, bare: str, wanted: Json) -> None:
    """What the application has from nowhere is its own; what it has not, it got rid of."""
    images = {
        "base:1": an_image(OLD, env=["A=1"]),
        "base:2": an_image(NEW, env=["A=2"]),
        "app:1": an_image([*OLD, *OWN], env=["A=1"], history=None),
    }
    for name, image in images.items():
        world.put(name, without_config(image, null=null) if bare in (name, "all") else image)
    run = world.rebase("app:1", new="base:2", old="base:1")
    assert outcome(run) is Outcome.REBASE
    kept = settings(world.image("app:1")).get("Env")
    assert kept == wanted


@pytest.mark.parametrize("key", ["Cmd", "Entrypoint", "Env"])
def test_case_40_a_string_where_a_list_must_be_is_an_error(world: World, key: str) -> None:
    put(world, {}, {key: "/bin/sh"}, {})
    with pytest.raises(ImageError, match="is not a list of strings"):
        world.rebase("app:1", new="base:2", old="base:1")


def top_level(world: World, old: JsonObject, app: JsonObject, new: JsonObject) -> JsonObject:
    base = an_image(OLD, config_members=old)
    world.put("base:1", base)
    world.put("base:2", an_image(NEW, config_members=new))
    world.put("app:1", built_on(base, config_members=app))
    assert outcome(world.rebase("app:1", new="base:2", old="base:1")) is Outcome.REBASE
    return world.image("app:1").config.document.json


@pytest.mark.parametrize(
    ("key", "old", "app", "new", "wanted"),
    [
        ("author", None, "me", "them", "me"),
        ("os.features", ["win32k"], ["win32k"], ["x"], ["x"]),
        ("os.version", "1", "1", None, None),
        ("docker_version", "1", "20", "3", "20"),
        ("variant", "v2", "v2", "v2", "v2"),
        ("vendor.key", {"a": 1}, {"a": 1, "b": 2.50}, {"a": 1}, {"a": 1, "b": 2.5}),
        ("moby.buildkit.cache.v0", None, "e30=", None, None),
        ("container_config", None, {"Cmd": ["x"]}, {"Cmd": ["y"]}, None),
        ("container", None, "0123", None, None),
        ("created", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-02-02T02:02:02.123456789+02:00",
         "2024-02-02T02:02:02.123456789+02:00"),
        ("created", "2024-01-01T00:00:00Z", "2024-03-02T00:00:00Z", "2024-02-02T00:00:00Z", "2024-03-02T00:00:00Z"),
    ],
)  # fmt: skip
def test_case_41_top_level(  # noqa: PLR0917  a table's columns
    world: World, key: str, old: Json, app: Json, new: Json, wanted: Json
) -> None:
    def told(value: Json) -> JsonObject:
        return {} if value is None else {key: value}

    assert top_level(world, told(old), told(app), told(new)).get(key) == wanted


def test_case_41_created_is_absent_where_nobody_tells_it(world: World) -> None:
    nothing: JsonObject = {"created": None}
    assert top_level(world, nothing, nothing, nothing).get("created") is None


def test_case_41_numbers_keep_the_way_they_are_written(world: World) -> None:
    top_level(world, {}, {"vendor": [1.50, 12345678901234567890]}, {})
    assert b"12345678901234567890" in world.image("app:1").config.document.content


def test_docker_cannot_hold_annotations_and_it_is_said(world: World) -> None:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image(NEW))
    world.put("app:1", built_on(old, annotations={"mine": "1"}))
    run = world.rebase("app:1", new="base:2", old="base:1", manifest_format="docker")
    assert notices(run) == ("Docker's manifests have no annotations; dropped: mine",)
