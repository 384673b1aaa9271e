import pytest

from rebaser.oci.strict_json import Json
from rebaser.plan.env_merge import Entries, MergedEnv, merge_env
from rebaser.plan.model import Sides, Weight
from rebaser.plan.replay import Replay, read_replay
from tests.builders import buildkit
from tests.plan.scene import DEFAULT_PATH, merged, unproved
from tests.plan.steps import entries


def replay(*ran: str) -> Replay | None:
    return read_replay(entries(*(buildkit(line) for line in ran)))


def env(old: str, app: str, new: str, *ran: str, windows: bool = False) -> MergedEnv:
    listed: Sides[Entries] = Sides(old.split(), app.split(), new.split())
    return merge_env(listed, replay(*ran) if ran else None, windows=windows, on_conflict="app")


def kinds(result: MergedEnv) -> list[str]:
    return [conflict.kind for conflict in result.conflicts]


def test_overrides_stand_in_place_and_the_rest_as_they_were_first_set() -> None:
    result = env(
        "PATH=/bin A=1 B=2 GONE=old C=3 SAME=s",
        "PATH=/bin A=1 B=app GONE=app C=3 SAME=s X=2 Y=1-3 NEW=app LATE=l",
        "PATH=/bin C=33 NEW=n A=11 B=2 LATE=l",
        "ENV B=app X=1 GONE=app SAME=s A=1 Y=1-3",
        "ENV NEW=app LATE=l",
        "ENV X=2",
    )
    assert " ".join(result.entries) == "PATH=/bin C=33 NEW=app A=1 B=app LATE=l X=2 GONE=app SAME=s Y=1-3"


def test_without_history_the_rest_stands_in_the_application_s_order() -> None:
    result = env("A=1 GONE=old", "A=1 GONE=app X=1", "NEW=n A=2")
    assert result.entries == ("NEW=n", "A=2", "GONE=app", "X=1")


def test_a_variable_that_the_application_set_to_the_old_value_stays() -> None:
    result = env("A=1", "A=1", "A=2", "ENV A=1")
    assert result.entries == ("A=1",)
    assert [(c.kind, c.weight) for c in result.conflicts] == [("env-set-again", Weight.NOTE)]


def test_a_variable_that_it_did_not_set_follows_the_base() -> None:
    assert env("A=1 B=1", "A=1 B=1 X=1", "A=2 C=3", "ENV X=1").entries == ("A=2", "C=3", "X=1")


def test_both_changed_it() -> None:
    result = env("A=1", "A=2", "A=3", "ENV A=2")
    assert (result.entries, kinds(result)) == (("A=2",), ["env-both-changed"])


def test_both_changed_it_and_the_base_is_to_win() -> None:
    result = merge_env(Sides(["A=1"], ["A=2"], ["A=3"]), replay("ENV A=2"), windows=False, on_conflict="base")
    assert (result.entries, kinds(result)) == (("A=3",), ["env-both-changed"])


@pytest.mark.parametrize(
    ("old", "app", "new", "expected"),
    [
        ("PATH=/bin", "PATH=/app:/bin", "PATH=/new:/bin", "PATH=/app:/new:/bin"),
        ("PATH=/a:/b", "PATH=/a:/b:/app", "PATH=/c", "PATH=/c:/app"),
        ("LD_LIBRARY_PATH=/l", "LD_LIBRARY_PATH=/app:/l", "LD_LIBRARY_PATH=", "LD_LIBRARY_PATH=/app:"),
    ],
)
def test_a_path_list_follows_the_base_s(old: str, app: str, new: str, expected: str) -> None:
    result = env(old, app, new, f"ENV {app}")
    assert (result.entries, kinds(result)) == ((expected,), [])


def test_a_list_that_repeats_the_old_base_s_stays_with_a_warning() -> None:
    result = env("PATH=/bin", "PATH=/bin", "PATH=/new", "ENV PATH=/bin")
    assert result.entries == ("PATH=/bin",)
    assert [(c.kind, c.weight) for c in result.conflicts] == [("env-set-again", Weight.WARNING)]


def test_a_list_without_the_base_s_in_it_is_what_the_instruction_says() -> None:
    result = env("PATH=/bin", "PATH=/only/mine", "PATH=/new", "ENV PATH=/only/mine")
    assert (result.entries, kinds(result)) == (("PATH=/only/mine",), ["env-both-changed"])


def test_without_history_such_a_list_is_followed_element_by_element() -> None:
    result = env("PATH=/a:/b:/c", "PATH=/a:/app:/c", "PATH=/a:/b:/c:/new")
    assert (result.entries, kinds(result)) == (("PATH=/a:/app:/c:/new",), ["env-path-list"])


def test_a_list_that_stands_twice_is_told() -> None:
    result = env("PATH=/b", "PATH=/b:/app:/b", "PATH=/n", "ENV PATH=/b:/app:/b")
    assert (result.entries, kinds(result)) == (("PATH=/b:/app:/n",), ["env-path-list"])


def test_a_list_that_only_the_old_base_has_leaves_its_place_empty() -> None:
    result = env("MANPATH=/m", "MANPATH=/app:/m", "A=1", "ENV MANPATH=/app:/m")
    assert (result.entries, kinds(result)) == (("A=1", "MANPATH=/app:"), ["env-path-list"])


def test_an_unset_list_stood_empty_in_the_application_s() -> None:
    result = env("A=1", "A=1 LD_LIBRARY_PATH=/app:", "A=1 LD_LIBRARY_PATH=/n", "ENV LD_LIBRARY_PATH=/app:")
    assert (result.entries, kinds(result)) == (("A=1", "LD_LIBRARY_PATH=/app:/n"), ["env-path-list"])


def test_a_list_of_the_application_s_own_is_no_list_of_the_base() -> None:
    result = env("A=1", "A=1 PYTHONPATH=/app", "A=1 PYTHONPATH=/n", "ENV PYTHONPATH=/app")
    assert (result.entries, kinds(result)) == (("A=1", "PYTHONPATH=/app"), ["env-both-changed"])


@pytest.mark.parametrize("old", ["", "A=1"])
def test_a_default_path_that_the_builder_added_gives_way_to_the_new_base_s(old: str) -> None:
    result = env(old, f"{old} {DEFAULT_PATH} X=1", f"PATH=/new {old}", "ENV X=1")
    assert (result.entries, kinds(result)) == (tuple(f"PATH=/new {old} X=1".split()), [])


@pytest.mark.parametrize("new", ["", "B=1"])
def test_a_builder_adds_the_default_path_behind_a_base_without_one(new: str) -> None:
    result = env("PATH=/old", "PATH=/old", new, "LABEL a=b")
    assert result.entries == (*new.split(), DEFAULT_PATH)


def test_nothing_that_ran_adds_no_default_path() -> None:
    assert merged({"Env": ["PATH=/old"]}, {"Env": ["PATH=/old"]}, {"Env": ["A=1"]}, ran=[]).env == ["A=1"]


def test_the_default_path_is_where_a_list_was_built_on_it() -> None:
    result = env("", f"PATH=/app:{DEFAULT_PATH.removeprefix('PATH=')}", "PATH=/new", "ENV PATH=/app:...")
    assert result.entries == ("PATH=/app:/new",)


def test_a_value_with_an_old_value_in_it_is_told() -> None:
    result = env("J=/opt/j17", "J=/opt/j17 CP=/opt/j17/lib:.", "J=/opt/j21", "ENV CP=/opt/j17/lib:.")
    assert result.entries == ("J=/opt/j21", "CP=/opt/j17/lib:.")
    assert [(c.kind, c.key) for c in result.conflicts] == [("env-derived", "CP")]


def test_a_variable_that_extends_itself_is_told() -> None:
    result = env("OPTS=-Xmx1g", "OPTS=-Xmx1g,-Da", "OPTS=-Xmx2g", "ENV OPTS=-Xmx1g,-Da")
    assert (result.entries, kinds(result)) == (("OPTS=-Xmx1g,-Da",), ["env-both-changed", "env-derived"])


def test_an_old_value_counts_even_if_the_application_overrides_it_later() -> None:
    result = env("J=/opt/j17", "J=/app CP=/opt/j17/lib", "J=/opt/j21", "ENV CP=/opt/j17/lib", "ENV J=/app")
    assert ("env-derived", "CP") in [(c.kind, c.key) for c in result.conflicts]


@pytest.mark.parametrize("value", ["1", "17", "yes"])
def test_a_short_value_may_stand_there_by_chance_and_is_a_note(value: str) -> None:
    result = env(f"V={value}", f"V={value} X=a-{value}-b", "V=other", "ENV X=...")
    assert [(conflict.kind, conflict.weight) for conflict in result.conflicts] == [("env-derived", Weight.NOTE)]


def test_a_short_value_within_a_longer_number_is_none() -> None:
    assert not kinds(env("V=1", "V=1 X=a-17-b", "V=other", "ENV X=..."))


def test_doublets_are_told_and_the_last_one_counts() -> None:
    result = env("A=1 A=2", "A=1 A=2 X=1", "A=3", "ENV X=1")
    assert (result.entries, kinds(result)) == (("A=3", "X=1"), ["env-duplicate"])


def test_untouched_the_new_base_s_doublets_stay_as_docker_leaves_them() -> None:
    assert env("A=1", "A=1", "A=3 B=1 A=4", "LABEL a=b").entries == ("A=3", "B=1", "A=4")


def test_an_order_that_no_builder_writes_is_told() -> None:
    assert kinds(env("A=1 B=1", "B=1 A=1", "A=1 B=2")) == ["env-order"]


def test_an_entry_without_a_value_is_a_variable_like_another() -> None:
    assert env("A B=1", "A B=1 X=1", "A=2 B=2", "ENV X=1").entries == ("A=2", "B=2", "X=1")


def test_windows_does_not_look_at_letter_case() -> None:
    result = env("Path=C:\\a;C:\\b", "Path=C:\\app;C:\\a;C:\\b", "PATH=C:\\n", "ENV Path=...", windows=True)
    assert (result.entries, kinds(result)) == (("Path=C:\\app;C:\\n",), [])


def test_the_new_base_has_no_environment() -> None:
    assert unproved({"Env": ["A=1"]}, {"Env": ["A=1"]}, {}).config == {}


@pytest.mark.parametrize("empty", [None, []])
def test_an_empty_environment_is_written_as_the_application_writes_it(empty: Json) -> None:
    result = unproved({"Env": empty}, {"Env": empty}, {"Env": None})
    assert result.config == {"Env": empty}
