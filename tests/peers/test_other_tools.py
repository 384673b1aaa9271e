"""Cases 1 to 5 and 14 to 19: what the tests of other tools expect."""

import pytest

from rebaser.decide import Outcome
from rebaser.errors import ImageError, ImageNotFound, InputError
from rebaser.inspection import inspect
from rebaser.oci import annotations
from rebaser.oci.strict_json import JsonObject
from tests.builders import a_layer, an_image, an_index, buildkit
from tests.runs import (
    NEW,
    OLD,
    OWN,
    World,
    blobs,
    built_on,
    env,
    layers_of,
    outcome,
    recorded,
    refused,
    settings,
    steps,
)


def test_case_01_new_layers_come_first_and_history_and_os_version_follow(world: World) -> None:
    old = an_image(
        layers_of("1", "2", "3", "4", "5"), platform="windows/amd64", config_members={"os.version": "10.0.1"}
    )
    new = an_image(NEW, platform="windows/amd64", config_members={"os.version": "10.0.1.2"})
    own = [buildkit("ENV A=1"), buildkit("COPY a / ")]
    world.put("base:1", old)
    world.put("base:2", new)
    world.put("app:1", built_on(old, OWN[:1], history=own, config={"Env": ["A=1"]}, config_members={"os.version": "1"}))
    world.rebase("app:1", new="base:2", old="base:1")
    app = world.image("app:1")
    assert blobs(app) == [layer.digest for layer in (*NEW, OWN[0])]
    assert steps(app)[3:] == ["ENV A=1", "COPY a /  # buildkit"]
    assert len(steps(app)) == 5
    assert app.config.view.os_version == "10.0.1.2"


@pytest.mark.parametrize("platform", ["linux/arm", "windows/amd64"])
def test_case_01_another_architecture_or_system_is_refused(world: World, platform: str) -> None:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image(NEW, platform=platform))
    world.put("app:1", built_on(old))
    assert refused(world.rebase("app:1", new="base:2", old="base:1")) == ["platform-changed"]


def test_case_02_a_new_base_whose_history_claims_layers_that_are_not_there_is_an_error(world: World) -> None:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image([], history=[buildkit("RUN make")]))
    world.put("app:1", built_on(old))
    with pytest.raises(ImageError, match="its history tells of 1 layers, but it has 0") as caught:
        world.rebase("app:1", new="base:2", old="base:1")
    assert caught.value.code == "image-inconsistent"


def test_case_03_a_new_base_without_history_under_an_app_on_an_empty_one(world: World) -> None:
    old = an_image([], history=None)
    world.put("base:1", old)
    world.put("base:2", an_image(NEW, history=None))
    world.put("app:1", built_on(old, OWN[:1]))
    world.rebase("app:1", new="base:2", old="base:1")
    app = world.image("app:1")
    assert blobs(app) == [layer.digest for layer in (*NEW, OWN[0])]
    assert len(app.config.history) == 4
    assert steps(app)[3] == "COPY own-0 /  # buildkit"


def test_case_04_the_base_is_found_by_annotations_alone(registry: World) -> None:
    old, new = an_image(OLD), an_image(NEW)
    registry.put("base:12", old)
    registry.put("app:1", built_on(old, annotations=recorded("registry.test/base:12", old.digest)))
    registry.put("base:12", new)
    registry.rebase("app:1")
    app = registry.image("app:1")
    assert blobs(app) == [layer.digest for layer in (*NEW, *OWN)]
    assert app.manifest.view.notes == recorded("registry.test/base:12", new.digest)


def test_case_05_missing_annotations_ask_for_the_inputs(registry: World) -> None:
    old = an_image(OLD)
    registry.put("base:2", an_image(NEW))
    registry.put("app:1", built_on(old))
    with pytest.raises(InputError, match="new-base: it is not given, and cannot be derived"):
        registry.rebase("app:1")
    assert refused(registry.rebase("app:1", new="base:2")) == ["base-unknown"]


def test_case_05_a_wrong_old_base_is_refused(world: World) -> None:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image(NEW))
    world.put("base:3", an_image([OLD[1], OLD[0]]))
    world.put("app:1", built_on(old))
    assert refused(world.rebase("app:1", new="base:2", old="base:3")) == ["not-descended"]
    assert refused(world.rebase("app:1", new="base:3", old="base:2")) == ["not-descended"]


def test_case_05_old_and_new_base_mixed_up_is_nothing_to_do(world: World) -> None:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image(NEW))
    world.put("app:1", built_on(old))
    assert outcome(world.rebase("app:1", new="base:1", old="base:2")) is Outcome.UNCHANGED


def test_case_05_explicit_references_into_a_third_repository(world: World) -> None:
    old = an_image(OLD)
    world.put("old/base:1", old)
    world.put("new/base:1", an_image(NEW))
    before = world.put("app:1", built_on(old))
    world.rebase("app:1", new="new/base:1", old="old/base:1", tags=["third:1"], created=1_700_000_000)
    assert world.digest("app:1") == before
    assert world.image("third:1").config.view.created == "2023-11-14T22:13:20Z"


def test_case_05_check_base_is_inspect(registry: World) -> None:
    old = an_image(OLD)
    registry.put("base:12", old)
    registry.put("app:1", built_on(old, annotations=recorded("registry.test/base:12", old.digest)))
    (current,) = inspect(registry.request("app:1"), registry.places).platforms
    assert current.stale is False
    assert current.seam is not None
    assert current.seam.layers == 2
    registry.put("base:12", an_image(NEW))
    (stale,) = inspect(registry.request("app:1"), registry.connect()).platforms
    assert stale.stale is True
    assert stale.base is not None
    assert stale.base.digest == old.digest


def test_case_14_another_output_name_leaves_the_input_untouched(world: World) -> None:
    old = an_image(OLD)
    world.put("base:1", old)
    world.put("base:2", an_image(NEW))
    before = world.put("app:1", built_on(old))
    run = world.rebase("app:1", new="base:2", old="base:1", tags=["app:2"])
    assert world.digest("app:1") == before
    assert world.digest("app:2") != before
    assert [str(tag) for tag in run.receipt.moved] == [world.name("app:2")]


def test_case_16_an_app_without_the_old_base_is_refused(world: World) -> None:
    world.put("base:1", an_image(OLD))
    world.put("base:2", an_image(NEW))
    before = world.put("app:1", an_image(OWN))
    run = world.rebase("app:1", new="base:2", old="base:1")
    assert refused(run) == ["not-descended"]
    assert run.decision is not None
    assert "only 0 of that base's 2 layers" in run.decision.because
    assert world.digest("app:1") == before


def test_case_17_the_swappers_demo_path_and_java_home_follow_the_new_jdk(world: World) -> None:
    system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    def jdk(version: str) -> list[str]:
        home = f"/usr/local/openjdk-{version}"
        return [f"PATH={home}/bin:{system}", f"JAVA_HOME={home}", "LANG=C.UTF-8"]

    old = an_image(OLD, config={"Cmd": ["jshell"]}, env=jdk("8"))
    world.put("openjdk:8-slim", old)
    world.put("openjdk:11-slim", an_image(NEW, config={"Cmd": ["jshell"]}, env=jdk("11")))
    path = f"PATH=/scripts/:/usr/local/openjdk-8/bin:{system}"
    own: JsonObject = {"Env": [path, *jdk("8")[1:]], "Cmd": ["script.sh"]}
    history = [buildkit("COPY scripts /scripts/ "), buildkit(f"ENV {path}"), buildkit('CMD ["script.sh"]')]
    world.put("app:1", built_on(old, OWN[:1], config=own, history=history))
    world.rebase("app:1", new="openjdk:11-slim", old="openjdk:8-slim")
    app = world.image("app:1")
    assert env(app) == [
        f"PATH=/scripts/:/usr/local/openjdk-11/bin:{system}",
        "JAVA_HOME=/usr/local/openjdk-11",
        "LANG=C.UTF-8",
    ]
    assert settings(app)["Cmd"] == ["script.sh"]
    assert blobs(app) == [layer.digest for layer in (*NEW, OWN[0])]


def test_case_18_already_on_the_base_writes_nothing(registry: World) -> None:
    new = an_image(NEW)
    registry.put("base:1", an_image(OLD))
    registry.put("base:2", new)
    registry.put("app:1", built_on(new))
    written = registry.writes
    assert outcome(registry.rebase("app:1", new="base:2", old="base:1")) is Outcome.UNCHANGED
    assert registry.writes == written


def test_case_18_a_target_with_the_same_result_is_not_written_again(registry: World) -> None:
    old = an_image(OLD)
    registry.put("base:1", old)
    registry.put("base:2", an_image(NEW))
    registry.put("app:1", built_on(old))
    registry.rebase("app:1", new="base:2", old="base:1", tags=["app:next"])
    registry.fake.wire.forget()
    again = registry.rebase("app:1", new="base:2", old="base:1", tags=["app:next"])
    assert again.receipt.moved == []
    assert not [line for line in registry.writes if "manifests/next" in line]


def test_case_18_in_a_chain_the_lowest_image_is_replaced(world: World) -> None:
    lowest = an_image(OLD, env=["V=1"])
    middle = built_on(lowest, layers_of("middle"))
    world.put("a:1", lowest)
    world.put("a:2", an_image(NEW, env=["V=2"]))
    world.put("b:1", middle)
    world.put("c:1", built_on(middle, OWN))
    world.rebase("c:1", new="a:2", old="a:1")
    app = world.image("c:1")
    assert blobs(app) == [layer.digest for layer in (*NEW, *layers_of("middle"), *OWN)]
    assert env(app) == ["V=2"]


def test_case_19_arm64_is_arm64_v8(world: World) -> None:
    old = an_image(OLD, platform="linux/arm64")
    world.put("base:1", an_index([old, an_image(OLD)]))
    new = an_image(NEW, platform="linux/arm64/v8")
    world.put("base:2", an_index([an_image([a_layer({"x": "amd64"})]), new]))
    world.put("app:1", built_on(old))
    world.rebase("app:1", new="base:2", old="base:1")
    assert blobs(world.image("app:1"))[:3] == [layer.digest for layer in NEW]


def test_case_19_an_app_that_is_not_there_is_told_as_that(world: World) -> None:
    world.put("app:1", an_image())
    with pytest.raises(ImageNotFound) as caught:
        world.rebase("app:2", new="base:2", old="base:1")
    assert caught.value.exit_code == 3
    assert "app" in caught.value.message


def test_case_19_a_registry_with_a_port(registry: World) -> None:
    registry.fake.wire.sites["registry.test:5000"] = registry.fake.handle
    old, new = an_image(OLD), an_image(NEW)
    registry.put("registry.test:5000/base:12", old)
    named = recorded("registry.test:5000/base:12", old.digest)
    registry.put("registry.test:5000/app:1", built_on(old, annotations=named))
    registry.put("registry.test:5000/base:12", new)
    registry.rebase("registry.test:5000/app:1")
    told = registry.image("registry.test:5000/app:1").manifest.view.notes
    assert told[annotations.BASE_NAME] == "registry.test:5000/base:12"
