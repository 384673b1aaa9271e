from pathlib import Path

from rebaser.commands.cache import cache_directory


def test_indexes_are_kept_where_that_is_told_else_in_the_user_s_cache() -> None:
    home = {"HOME": "/home/me"}
    assert cache_directory("here", home) == Path("here")
    assert cache_directory("", home) == Path("/home/me/.cache/rebaser")
    assert cache_directory("", {**home, "XDG_CACHE_HOME": "/caches"}) == Path("/caches/rebaser")


def test_without_a_home_nothing_is_kept_where_others_could_write() -> None:
    assert cache_directory("", {}) is None
