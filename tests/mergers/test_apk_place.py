from rebaser.mergers.apk_place import Place, places

ALPINE = {"lib/apk/db/installed", "lib/apk/db/triggers", "lib/apk/db/scripts.tar", "etc/apk/world"}
WOLFI = {f"usr/{path}" if path.startswith("lib") else path for path in ALPINE}
APK_3 = ALPINE - {"lib/apk/db/scripts.tar"} | {"lib/apk/db/scripts.tar.gz"}


def test_a_database_that_did_not_move_is_written_where_it_is_and_nothing_goes() -> None:
    found = places(ALPINE, ALPINE, ALPINE)
    assert [place.part for place in found] == ["installed", "triggers", "scripts", "world"]
    path = "lib/apk/db/installed"
    assert found[0] == Place("installed", path, path, path, path, ())
    assert not any(place.stale for place in found)


def test_a_database_that_moved_is_written_where_the_new_base_has_it_and_the_old_place_is_emptied() -> None:
    installed, triggers, scripts, world = places(ALPINE, ALPINE, WOLFI)
    assert (installed.target, installed.stale) == ("usr/lib/apk/db/installed", ("lib/apk/db/installed",))
    assert (triggers.target, triggers.stale) == ("usr/lib/apk/db/triggers", ("lib/apk/db/triggers",))
    assert (scripts.target, scripts.stale) == ("usr/lib/apk/db/scripts.tar", ("lib/apk/db/scripts.tar",))
    assert (world.target, world.stale) == ("etc/apk/world", ())


def test_scripts_that_are_packed_now_must_not_stand_behind_those_that_are_not() -> None:
    scripts = places(ALPINE, ALPINE, APK_3)[2]
    assert (scripts.app, scripts.target) == ("lib/apk/db/scripts.tar", "lib/apk/db/scripts.tar.gz")
    assert scripts.stale == ("lib/apk/db/scripts.tar",)


def test_a_file_that_only_the_application_has_goes_to_the_new_base_s_database() -> None:
    old, new = {"lib/apk/db/installed"}, {"usr/lib/apk/db/installed"}
    _, triggers, scripts, world = places(old, ALPINE, new)
    assert (triggers.target, triggers.stale) == ("usr/lib/apk/db/triggers", ("lib/apk/db/triggers",))
    assert (scripts.target, scripts.new) == ("usr/lib/apk/db/scripts.tar", None)
    assert (world.target, world.new) == ("etc/apk/world", None)


def test_a_database_on_a_base_without_one_stays_where_the_application_has_it() -> None:
    assert [(place.target, place.stale) for place in places(set(), {"lib/apk/db/installed"}, set())] == [
        ("lib/apk/db/installed", ())
    ]


def test_a_database_that_the_application_removed_has_a_place_on_the_new_base() -> None:
    (installed,) = places({"lib/apk/db/installed"}, set(), {"usr/lib/apk/db/installed"})
    assert (installed.app, installed.target, installed.stale) == (None, "usr/lib/apk/db/installed", ())


def test_an_image_that_is_not_apk_s_has_no_places() -> None:
    assert places(set(), {"etc/passwd"}, set()) == ()
