import base64
import hashlib

import pytest

from rebaser.mergers.tar_members import members
from tests.builders import FileInTar, a_tar, symlink
from tests.checks.evidence import Files
from tests.plan.merging import merged


def record(name: str, version: str, *files: str) -> str:
    checksum = "Q1" + base64.b64encode(f"{name}-{version}".encode().ljust(20)).decode()
    owned = "".join(f"F:{file.rpartition('/')[0]}\nR:{file.rpartition('/')[2]}\n" for file in files)
    return f"C:{checksum}\nP:{name}\nV:{version}\nA:x86_64\nS:1\nI:1\nT:{name}\nU:\nL:MIT\n{owned}\n"


MUSL, MUSL_2, ZLIB = record("musl", "1.2-r0"), record("musl", "1.2-r1"), record("zlib", "1.3-r0")
LINKED: Files = {"usr/lib/": "", "lib": symlink("usr/lib")}
KEYS: Files = {"lib/apk/keys/a": ""}
OLD: Files = {**KEYS, "lib/apk/db/installed": MUSL, "lib/apk/db/scripts.tar": a_tar({}), "etc/apk/world": "musl\n"}
OWN: Files = {"lib/apk/db/installed": MUSL + ZLIB, "etc/apk/world": "musl\nzlib\n"}
MOVED: Files = {"usr/lib/apk/db/installed": MUSL_2, "usr/lib/apk/db/scripts.tar": a_tar({}), "etc/apk/world": "musl\n"}
NEW: Files = {**KEYS, **MOVED}


def test_packages_of_the_application_are_in_the_database_where_the_new_base_has_it() -> None:
    after = merged(OLD, [OWN], NEW)
    assert after.told == {"usr/lib/apk/db/installed": "merged", "lib/apk/db": "removed"}
    assert after.text("usr/lib/apk/db/installed") == MUSL_2 + ZLIB
    assert "lib/apk/db/installed" not in after.files
    assert [one.name for one in after.evidence.rebased.packages.all()] == ["musl", "zlib"]


def test_where_the_old_place_is_a_link_to_the_new_one_nothing_has_to_go() -> None:
    after = merged(OLD, [OWN], {**LINKED, **MOVED})
    assert after.told == {"usr/lib/apk/db/installed": "merged"}
    assert after.text("usr/lib/apk/db/installed") == MUSL_2 + ZLIB
    assert after.link("lib") == "usr/lib"


def test_scripts_go_where_the_new_base_has_them_packed_if_it_packs_them() -> None:
    script: dict[str, FileInTar] = {"zlib-1.3-r0.Q1IeYjT3LaVZ4P2x/I3mZhB8kEqVs=.post-install": "#!/bin/sh\n"}
    own = {**OWN, "lib/apk/db/scripts.tar": a_tar(script)}
    after = merged(OLD, [own], NEW)
    assert after.told["usr/lib/apk/db/scripts.tar"] == "merged"
    assert "lib/apk/db/scripts.tar" not in after.files
    (repair,) = (one for one in after.merge.repairs if one.path == "usr/lib/apk/db/scripts.tar")
    assert [member.name.decode() for member in members(repair.content)] == list(script)
    assert repair.digests.old == hashlib.sha256(a_tar({})).hexdigest()
    assert repair.digests.app == hashlib.sha256(a_tar(script)).hexdigest()


@pytest.mark.parametrize("new", [NEW, {**LINKED, **MOVED}])
def test_an_image_whose_application_installed_nothing_has_the_new_base_s_database(new: Files) -> None:
    assert merged(OLD, [{"app": "1"}], new).told == {}
    touched = merged(OLD, [{"lib/apk/db/installed": MUSL}], new)
    entry = touched.files.entry("usr/lib/apk/db/installed")
    assert entry is not None
    assert entry.whole == MUSL_2.encode()
    assert "lib/apk/db/installed" not in touched.files


def test_a_database_that_the_application_removed_does_not_come_back_elsewhere() -> None:
    after = merged(OLD, [{"lib/apk/db/.wh.installed": ""}], NEW)
    assert after.told == {"usr/lib/apk/db/installed": "removed"}


def test_a_package_that_both_changed_is_a_conflict_only_where_it_was_put_back() -> None:
    put_back = record("musl", "1.1-r0")
    after = merged(OLD, [{"lib/apk/db/installed": put_back}], NEW)
    assert "the application put musl back from 1.2-r0 to 1.1-r0, and the new base has 1.2-r1" in [
        one.why for one in after.merge.conflicts
    ]
