from collections.abc import Callable
from typing import TypeAlias

import pytest

from rebaser.mergers.keyed import Side
from rebaser.plan.disputes import find_disputes
from tests.checks.evidence import Files, an_evidence
from tests.plan.merging import merged
from tests.plan.test_apk_moves import LINKED, record

STATUS, APK = "var/lib/dpkg/status", "lib/apk/db/installed"
Packages: TypeAlias = dict[str, str]
"""Versions by name; each package has a file that says which version it is of, and one that is named by its version."""


def of_dpkg(packages: Packages) -> Files:
    files = {STATUS: "".join(_stanza(name, version) for name, version in packages.items())}
    for name, version in packages.items():
        paths = [f"/usr/lib/{name}", f"/usr/lib/{name}-{version}", f"/etc/{name}"]
        files[f"var/lib/dpkg/info/{name}.list"] = "\n".join(("/.", "/usr", "/usr/lib", *paths, ""))
        files |= {path.strip("/"): "" if path.startswith("/etc") else version for path in paths}
    return files


def _stanza(name: str, version: str) -> str:
    return f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"


def of_apk(packages: Packages) -> Files:
    files = {APK: ""}
    for name, version in sorted(packages.items()):
        paths = [f"usr/lib/{name}", f"usr/lib/{name}-{version}", f"etc/{name}"]
        files[APK] += record(name, version, *paths)
        files |= {path: "" if path.startswith("etc") else version for path in paths}
    return files


Manager: TypeAlias = Callable[[Packages], Files]
both = pytest.mark.parametrize("manager", [of_dpkg, of_apk])


def layer(manager: Manager, before: Packages, after: Packages) -> Files:
    """What a step changes that brings the packages from one state to the other."""
    old, now = manager(before), manager(after)
    gone = (path.rpartition("/") for path in old if path not in now)
    changed = {path: file for path, file in now.items() if old.get(path) != file}
    return changed | {f"{directory}/.wh.{name}": "" for directory, _, name in gone}


def seen(files: Packages, manager: Manager, *, own: Packages, new: Packages) -> tuple[set[str], dict[str, str]]:
    """The files below usr/lib after the merge, and the versions that the database tells."""
    after = merged(manager(files), [layer(manager, files, own)], manager(new))
    assert after.conflicts == {}
    told = {package.name: package.version for package in after.evidence.rebased.packages.all()}
    return {path for path in after.files.nodes if path.startswith("usr/lib/")}, told


@both
def test_the_newer_version_of_the_new_base_stays_with_all_its_files(manager: Manager) -> None:
    files, told = seen({"ssl": "1.1"}, manager, own={"ssl": "1.2", "own": "1"}, new={"ssl": "1.3"})
    assert files == {"usr/lib/ssl", "usr/lib/ssl-1.3", "usr/lib/own", "usr/lib/own-1"}
    assert told == {"ssl": "1.3", "own": "1"}


@both
def test_the_newer_version_of_the_application_stays_with_all_its_files(manager: Manager) -> None:
    files, told = seen({"ssl": "1.1"}, manager, own={"ssl": "1.9"}, new={"ssl": "1.3"})
    assert files == {"usr/lib/ssl", "usr/lib/ssl-1.9"}
    assert told == {"ssl": "1.9"}


@both
def test_a_package_that_the_application_removed_is_gone_in_its_new_version_too(manager: Manager) -> None:
    files, told = seen({"ssl": "1.1", "a": "1"}, manager, own={"a": "1"}, new={"ssl": "1.3", "a": "1"})
    assert files == {"usr/lib/a", "usr/lib/a-1"}
    assert told == {"a": "1"}


@both
def test_a_package_that_the_application_put_back_is_for_a_person(manager: Manager) -> None:
    old, own, new = {"ssl": "1.2"}, {"ssl": "1.1"}, {"ssl": "1.3"}
    after = merged(manager(old), [layer(manager, old, own)], manager(new))
    database = STATUS if manager is of_dpkg else APK
    assert {one.path for one in after.merge.conflicts} == {database}
    assert after.merge.conflicts[0].why == ("the application put ssl back from 1.2 to 1.1, and the new base has 1.3")


@both
@pytest.mark.parametrize(
    ("own", "new", "side"),
    [
        ("2", "3", "new"),
        ("3", "2", "app"),
        ("2", "1", None),
        ("10", "9", "app"),
        ("", "2", "app"),
        ("2", "", "app"),
        ("0", "2", "undecided"),
    ],
)
def test_whose_version_it_is(manager: Manager, own: str, new: str, side: Side | None) -> None:
    old, app, base = ({"ssl": version, "a": "1"} if version else {"a": "1"} for version in ("1", own, new))
    evidence = an_evidence(manager(old), [layer(manager, old, app)], manager(base))
    disputes = find_disputes(evidence)
    assert [(one.name, one.side or "undecided") for one in disputes] == ([("ssl", side)] if side else [])


def test_packages_that_both_upgraded_alike_are_in_dispute_about_nothing() -> None:
    old, now = of_apk({"ssl": "1"}), of_apk({"ssl": "2"})
    assert find_disputes(an_evidence(old, [layer(of_apk, {"ssl": "1"}, {"ssl": "2"})], now)) == ()


@both
def test_a_database_that_cannot_be_read_has_no_disputes(manager: Manager) -> None:
    database = STATUS if manager is of_dpkg else APK
    broken = {**manager({"ssl": "3"}), database: "P:ssl\nno field\n\n"}
    assert find_disputes(an_evidence(manager({"ssl": "1"}), [manager({"ssl": "2"})], broken)) == ()


def test_an_edited_setting_of_a_package_that_the_new_base_upgraded_is_merged_by_itself() -> None:
    old = {**of_dpkg({"ssl": "1.1"}), "etc/ssl": "one\ntwo\nthree\nfour\nfive\n"}
    own = {**layer(of_dpkg, {"ssl": "1.1"}, {"ssl": "1.2"}), "etc/ssl": "one\ntwo\nthree\nfour\nmine\n"}
    after = merged(old, [own], {**of_dpkg({"ssl": "1.3"}), "etc/ssl": "1\ntwo\nthree\nfour\nfive\n"})
    assert after.text("etc/ssl") == "1\ntwo\nthree\nfour\nmine\n"


def test_files_of_the_application_s_version_that_the_new_base_only_leads_elsewhere_stay() -> None:
    old: Files = {APK: record("ssl", "1", "lib/libssl.so"), "lib/libssl.so": "1"}
    own: Files = {APK: record("ssl", "3", "lib/libssl.so"), "lib/libssl.so": "3"}
    moved: Files = {"usr/lib/apk/db/installed": record("ssl", "2", "usr/lib/libssl.so"), "usr/lib/libssl.so": "3"}
    after = merged(old, [own], {**LINKED, **moved})
    assert [package.version for package in after.evidence.rebased.packages.all()] == ["3"]
    assert "usr/lib/libssl.so" in after.files
    assert after.told == {}


UPGRADE = "RUN apt-get update && apt-get upgrade -y"
NAMED = "RUN apt-get upgrade -y && apt-get install -y ssl=2"


def _with(files: Files, manager: Manager, **needs: str) -> Files:
    """The files with packages that depend on others."""
    database = STATUS if manager is of_dpkg else APK
    text = str(files[database])
    for name, on in needs.items():
        before, after = (
            (f"Package: {name}\n", f"Depends: {on}\n") if manager is of_dpkg else (f"P:{name}\n", f"D:{on}\n")
        )
        text = text.replace(before, before + after)
    return {**files, database: text}


def left(manager: Manager, step: str, **needs: str) -> tuple[set[str], set[str]]:
    """Which packages are left, and which have files, of an upgraded `ssl` and `tls` that the new base dropped."""
    old, own = {"a": "1", "ssl": "1", "tls": "1"}, {"a": "1", "ssl": "2", "tls": "2", "own": "1"}
    files = {**layer(manager, old, own), **_with(manager(own), manager, **needs)}
    after = merged(manager(old), [files], manager({"a": "2"}), [step])
    assert after.conflicts == {}
    told = {package.name for package in after.evidence.rebased.packages.all()}
    return told, {path.split("/")[2] for path in after.files.nodes if path.startswith("usr/lib/") and "-" not in path}


@both
@pytest.mark.parametrize("step", [UPGRADE, "RUN apt-get install -y own && rm -rf /var/lib/apt/lists/*"])
def test_a_package_that_was_only_upgraded_and_that_the_new_base_dropped_is_gone(manager: Manager, step: str) -> None:
    assert left(manager, step) == ({"a", "own"}, {"a", "own"})


@both
def test_a_package_that_one_of_the_new_base_stands_for_is_gone_even_where_it_was_asked_for(manager: Manager) -> None:
    old, own, now = {"ssl": "1"}, {"ssl": "2", "own": "1"}, {"ssl3": "3"}
    provides = ("P:ssl3\n", "p:ssl=3\n") if manager is of_apk else ("Package: ssl3\n", "Provides: ssl (= 3)\n")
    new = manager(now)
    database = STATUS if manager is of_dpkg else APK
    new = {**new, database: str(new[database]).replace(provides[0], "".join(provides)), "usr/lib/ssl": "3"}
    files = {**layer(manager, old, own), **_with(manager(own), manager, own="ssl")}
    after = merged(manager(old), [files], new, [NAMED])
    assert {package.name for package in after.evidence.rebased.packages.all()} == {"ssl3", "own"}
    assert after.text("usr/lib/ssl") == "3"


@both
def test_nothing_is_left_of_what_the_new_base_dropped(manager: Manager) -> None:
    old, own = manager({"a": "1", "ssl": "1"}), layer(manager, {"a": "1", "ssl": "1"}, {"a": "1", "ssl": "2"})
    after = merged(old, [own], manager({"a": "2"}), [UPGRADE])
    assert [path for path in after.files.nodes if "ssl" in path] == []


@both
@pytest.mark.parametrize(
    "step", [NAMED, "RUN ./install", "RUN apk add $PACKAGES", "RUN apt install ./ssl_2_amd64.deb /x/*.deb", "COPY . /"]
)
def test_a_package_that_a_step_may_have_asked_for_stays(manager: Manager, step: str) -> None:
    told, files = left(manager, step)
    assert "ssl" in told
    assert told == files


@both
def test_what_a_package_of_the_application_needs_stays_with_what_that_needs(manager: Manager) -> None:
    assert left(manager, UPGRADE, own="tls") == ({"a", "own", "tls"}, {"a", "own", "tls"})
    everything = {"a", "own", "tls", "ssl"}
    assert left(manager, UPGRADE, own="tls", tls="ssl") == (everything, everything)


def test_a_setting_that_was_copied_over_one_of_a_package_that_is_gone_stays() -> None:
    old, own = {"a": "1", "ssl": "1"}, {"a": "1", "ssl": "2"}
    copied: Files = {"etc/ssl": "of the application"}
    steps = [UPGRADE, "COPY ssl /etc/ssl"]
    after = merged(of_dpkg(old), [layer(of_dpkg, old, own), copied], of_dpkg({"a": "2"}), steps)
    assert [path for path in after.files.nodes if "ssl" in path] == ["etc/ssl"]


@both
def test_a_database_that_was_copied_in_with_all_its_files_is_copied_in_again(manager: Manager) -> None:
    own = layer(manager, {"ssl": "1.1"}, {"ssl": "1.2"})
    after = merged(manager({"ssl": "1.1"}), [own], manager({"ssl": "1.3"}), ["COPY --from=built / /"])
    told = {package.version for package in after.evidence.rebased.packages.all()}
    assert (told, after.told) == ({"1.2"}, {})
