"""A rebased image against one that was built instead: what differs, and what any two builds differ in."""

import json
from pathlib import Path

import pytest

from rebaser.errors import InputError, InternalError
from rebaser.oci.platform import Platform, parse_platform
from rebaser.plan.deviation import Deviation, Verification, expected_of_file, expected_of_member
from rebaser.report.verified import SHOWN, verify_entry
from rebaser.verification import verified
from tests.builders import AFile, ALayer, AnImage, a_layer, an_image, an_index
from tests.runs import World

AMD64, ARM64 = parse_platform("linux/amd64"), parse_platform("linux/arm64")
STATUS = "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: {}\n"


def an_app(version: str = "1", log: str = "monday", created: str = "2024-01-02T03:04:05Z", **files: str) -> AnImage:
    layer = a_layer(
        {
            "var/lib/dpkg/status": STATUS.format(version),
            "var/log/dpkg.log": log,
            **{name.replace("__", "/"): content for name, content in files.items()},
        }
    )
    return an_image([layer], env=["A=1"], config_members={"created": created})


def compared(directory: Path, rebased: AnImage, rebuilt: AnImage) -> Verification:
    world = World(directory)
    digest = world.put("rebased:1", rebased)
    world.put("rebuilt:1", rebuilt)
    reference = world.reference("rebased:1").with_digest(digest)
    return verified(reference, {AMD64: world.reference("rebuilt:1")}, world.places, None)


def deviations(found: Verification) -> dict[str, Deviation]:
    (platform,) = found.platforms
    return {one.subject: one for one in platform.deviations}


def test_the_same_differs_in_nothing(tmp_path: Path) -> None:
    found = compared(tmp_path, an_app(), an_app())
    assert deviations(found) == {}
    (platform,) = verify_entry(found).platforms
    assert (platform.config, platform.packages, platform.files, platform.unexpected) == (0, 0, 0, 0)


def test_what_two_builds_differ_in_anyway_is_told_and_marked(tmp_path: Path) -> None:
    found = compared(tmp_path, an_app(), an_app(log="tuesday", created="2025-01-01T00:00:00Z"))
    assert {subject: one.expected for subject, one in deviations(found).items()} == {
        "created": "it is the time of the build",
        "/var/log/dpkg.log": "a log tells when its lines were written",
    }
    (platform,) = verify_entry(found).platforms
    assert (platform.config, platform.files, platform.expected, platform.unexpected) == (1, 1, 2, 0)
    assert len(platform.differences) == 2


def test_what_a_rebuild_would_have_newer_is_not_expected_and_comes_first(tmp_path: Path) -> None:
    found = compared(tmp_path, an_app(srv__old="x"), an_app(version="2", log="tuesday", srv__app="new"))
    (platform,) = verify_entry(found).platforms
    assert [(one.kind, one.change, one.subject, bool(one.expected)) for one in platform.differences] == [
        ("package", "upgraded", "deb:a:amd64", False),
        ("file", "added", "/srv/app", False),
        ("file", "removed", "/srv/old", False),
        ("file", "content", "/var/lib/dpkg/status", False),
        ("file", "content", "/var/log/dpkg.log", True),
    ]
    package, added = platform.differences[:2]
    assert (package.before, package.after) == ("1", "2")
    assert (added.before, added.after) == (None, "file of 3 bytes, mode 0644, owner 0:0")


def test_a_log_that_only_one_of_them_has_is_not_expected() -> None:
    assert expected_of_file("/var/log/x", "content")
    assert not expected_of_file("/var/log/x", "added")
    assert not expected_of_file("/var/log/x", "access")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/lib/python3/__pycache__/a.cpython-311.pyc", True),
        ("/usr/lib/python3/a.pyc", False),
        ("/srv/var/log/x", False),
        ("/var/lib/dpkg/status", False),
        ("/etc/shadow", False),
        ("/var/cache/apt/pkgcache.bin", True),
    ],
)
def test_only_what_has_a_reason_is_expected(path: str, expected: bool) -> None:
    assert bool(expected_of_file(path, "content")) is expected


def test_members_that_tell_of_the_build_are_expected_and_no_others() -> None:
    assert expected_of_member("Labels org.opencontainers.image.created")
    assert not expected_of_member("Labels org.opencontainers.image.version")
    assert not expected_of_member("Env PATH")


def test_of_many_differences_the_first_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    # and the directory that they are in
    found = compared(tmp_path, an_app(), an_app(**{f"srv__{number:04}": "x" for number in range(SHOWN + 6)}))
    (platform,) = verify_entry(found).platforms
    assert (platform.files, platform.unexpected, len(platform.differences)) == (SHOWN + 7, SHOWN + 7, SHOWN)


def test_each_platform_is_held_against_what_was_built_for_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    layers: dict[Platform, ALayer] = {one: a_layer({"srv/app": AFile(str(one), 0o755)}) for one in (AMD64, ARM64)}
    images = [an_image([layer], platform=str(one)) for one, layer in layers.items()]
    digest = world.put("rebased:1", an_index(images))
    world.put("amd64:1", images[0])
    world.put("arm64:1", an_image([layers[AMD64]], platform="linux/arm64"))
    reference = world.reference("rebased:1").with_digest(digest)
    rebuilt = {AMD64: world.reference("amd64:1"), ARM64: world.reference("arm64:1")}
    first, second = verified(reference, rebuilt, world.places, None).platforms
    assert (first.platform, list(first.deviations)) == ("linux/amd64", [])
    assert [(one.subject, one.change) for one in second.deviations] == [("/srv/app", "content")]


def test_a_platform_that_was_not_rebased_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    digest = world.put("rebased:1", an_index([an_app(), an_image(platform="linux/arm64")]))
    reference = world.reference("rebased:1").with_digest(digest)
    with pytest.raises(InputError, match="s390x"):
        verified(reference, {parse_platform("linux/s390x"): reference}, world.places, None)


def test_a_rebased_image_without_a_digest_is_a_bug(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(InternalError):
        verified(world.reference("rebased:1"), {}, world.places, None)


def test_hostile_paths_and_values_are_safe_in_the_report(tmp_path: Path) -> None:
    found = compared(tmp_path, an_app(), an_app(**{"srv__a\x1b[31m\n::error::x": "x"}))
    shown = json.dumps(verify_entry(found).model_dump(), ensure_ascii=False)
    assert "\x1b" not in shown
    assert "\\\\x1b[31m\\\\x0a::error" in shown
