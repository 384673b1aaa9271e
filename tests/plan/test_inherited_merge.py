import pytest

from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.model import Wishes
from tests.builders import an_image, buildkit
from tests.plan.scene import NEW_LAYER, OLD_LAYER, merged, rebased, unproved


def only_config(old: JsonObject, app: JsonObject, new: JsonObject) -> tuple[JsonObject, list[str]]:
    """The application has no layer of its own."""
    base = buildkit("RUN base")
    result = rebased(
        an_image([OLD_LAYER], config=old, history=[base]),
        an_image([OLD_LAYER], config=app, history=[base, buildkit("ENV A=1")]),
        an_image([NEW_LAYER], config=new, history=[base]),
    )
    return result.config, result.kinds


@pytest.mark.parametrize(
    ("key", "old", "new", "kind"),
    [
        ("WorkingDir", "/o", "/n", "inherited-workingdir"),
        ("WorkingDir", None, "/n", "inherited-workingdir"),
        ("User", "app", "other", "inherited-user"),
        ("User", "app", None, "inherited-user"),
    ],
)
def test_layers_that_were_built_under_it_block(key: str, old: Json, new: Json, kind: str) -> None:
    before: JsonObject = {key: old} if old else {}
    result = merged(before, before, {key: new} if new else {}, ["COPY a /a"])
    assert (result.config, result.told) == (before, [(kind, f"/config/{key}")])


def test_without_layers_of_its_own_it_follows() -> None:
    old, new = {"WorkingDir": "/o", "User": "a"}, {"WorkingDir": "/n", "User": "b"}
    assert only_config({**old}, {**old}, {**new}) == (new, [])


@pytest.mark.parametrize("root", [None, "root", "0", "0:0"])
def test_nobody_becomes_root_silently(root: Json) -> None:
    old: JsonObject = {"User": "app"}
    assert only_config(old, old, {"User": root}) == (old, ["user-becomes-root"])


@pytest.mark.parametrize(
    ("key", "old", "new"),
    [
        ("User", "", "root"),
        ("User", "0", None),
        ("User", "root:root", "0"),
        ("WorkingDir", "/", None),
        ("WorkingDir", "/srv/", "/srv"),
    ],
)
def test_another_spelling_of_the_same_follows_silently(key: str, old: Json, new: Json) -> None:
    result = merged({key: old}, {key: old}, {key: new} if new else {})
    assert (result.config.get(key), result.kinds) == (new, [])


@pytest.mark.parametrize(("ran", "key"), [("WORKDIR /app", "WorkingDir"), ("USER app", "User")])
def test_the_application_s_own_stays(ran: str, key: str) -> None:
    value = ran.partition(" ")[2]
    result = merged({key: "/o"}, {key: value}, {key: "/n"}, [ran, "RUN make"])
    assert (result.config, result.told) == ({key: value}, [("both-changed", f"/config/{key}")])


def test_both_changed_it_and_the_base_is_to_win() -> None:
    sides: list[JsonObject] = [{"User": "o"}, {"User": "a"}, {"User": "n"}]
    assert merged(sides[0], sides[1], sides[2], ["USER a"], wishes=Wishes("base")).config == {"User": "n"}


def test_one_that_repeats_the_base_s_stays() -> None:
    result = merged({"User": "o"}, {"User": "o"}, {"User": "n"}, ["USER o", "RUN make"])
    assert (result.config, result.kinds) == ({"User": "o"}, ["set-again"])


@pytest.mark.parametrize(
    ("ran", "key", "kind"),
    [
        (["RUN make", "WORKDIR /app"], "WorkingDir", "built-under-workingdir"),
        (["COPY a .", "WORKDIR /app"], "WorkingDir", "built-under-workingdir"),
        (["RUN make", "USER /app"], "User", "built-under-user"),
    ],
)
def test_steps_before_its_own_ran_under_the_base_s(ran: list[str], key: str, kind: str) -> None:
    result = merged({key: "/o"}, {key: "/app"}, {key: "/n"}, ran)
    assert (result.config, result.kinds) == ({key: "/app"}, [kind])


@pytest.mark.parametrize(
    ("old", "ran", "expected"),
    [
        ("/o", ["WORKDIR /o/sub"], True),
        ("/", ["WORKDIR /sub"], True),
        ("/o", ["WORKDIR /other"], False),
        ("/o", ["WORKDIR /abs", "WORKDIR /o/sub"], False),
        ("/o", ["WORKDIR /o/sub", "WORKDIR /abs"], False),
        ("/o", ["WORKDIR /old"], False),
    ],
)
def test_a_directory_below_the_base_s_may_have_been_relative(old: str, ran: list[str], expected: bool) -> None:
    app = ran[-1].partition(" ")[2]
    result = merged({"WorkingDir": old}, {"WorkingDir": app}, {"WorkingDir": "/n"}, ran)
    assert result.config == {"WorkingDir": app}
    assert ("workdir-relative" in result.kinds) is expected


def test_without_history_both_sides_merge_plainly() -> None:
    assert unproved({"User": "o"}, {"User": "a"}, {"User": "o"}).config == {"User": "a"}
    result = unproved({"WorkingDir": "/o"}, {"WorkingDir": "/o/sub"}, {"WorkingDir": "/n"})
    assert (result.config, result.kinds[:2]) == ({"WorkingDir": "/o/sub"}, ["both-changed", "workdir-relative"])
