import pytest

from rebaser.plan.path_list import Followed, follow, is_path_list


@pytest.mark.parametrize("name", ["PATH", "Path", "PSModulePath", "XDG_DATA_DIRS", "XDG_CONFIG_DIRS", "CLASSPATH"])
def test_a_list_is_known_by_its_name(name: str) -> None:
    assert is_path_list(name)


@pytest.mark.parametrize("name", ["MYPATH", "HOME", "XDG_RUNTIME_DIR", "JAVA_HOME", "PATHS", ""])
def test_other_names_are_no_lists(name: str) -> None:
    assert not is_path_list(name)


@pytest.mark.parametrize(
    ("old", "app", "new", "expected"),
    [
        ("/b", "/x:/b", "/n", "/x:/n"),
        ("/b", "/b:/x", "/n", "/n:/x"),
        ("/a:/b", "/x:/a:/b:/y", "/n:/m", "/x:/n:/m:/y"),
        ("/b", "/b", "/n", "/n"),
        ("", "/x:", "/n", "/x:/n"),
        ("/b", "/x::/b:", "/n", "/x::/n:"),
        ("/b", "/x:/b", "", "/x:"),
    ],
)
def test_the_new_base_s_list_stands_where_the_old_one_stood(old: str, app: str, new: str, expected: str) -> None:
    assert follow(old, app, new, ":") == Followed(expected, 1)


def test_a_list_ends_at_an_element_s_end() -> None:
    assert follow("/b", "/x:/bin", "/n", ":") == Followed("/x:/bin:/n", 0)


def test_of_several_places_the_last_one_is_taken() -> None:
    assert follow("/b", "/b:/x:/b", "/n", ":") == Followed("/b:/x:/n", 2)


@pytest.mark.parametrize(
    ("old", "app", "new", "expected"),
    [
        ("/a:/b:/c", "/a:/x:/c", "/a:/b:/c:/n", "/a:/x:/c:/n"),
        ("/a:/b", "/b:/a", "/a", "/a"),
        ("/a:/b", "/b:/x:/a", "/n:/a:/b", "/b:/x:/n:/a"),
        ("/a", "/x", "/a:/n", "/x:/n"),
        ("/a", "/x", "/n", "/x:/n"),
    ],
)
def test_elements_are_followed_one_by_one_otherwise(old: str, app: str, new: str, expected: str) -> None:
    assert follow(old, app, new, ":") == Followed(expected, 0)


def test_windows_separates_otherwise() -> None:
    assert follow("C:\\a", "D:\\x;C:\\a", "C:\\n", ";") == Followed("D:\\x;C:\\n", 1)
