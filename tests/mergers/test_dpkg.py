from hypothesis import given
from hypothesis import strategies as st

from rebaser.mergers.conflict import Conflict
from rebaser.mergers.dpkg import Settled, merge_diversions, merge_overrides, merge_status
from tests.mergers.laws import assert_laws, outcome

STATUS = "install ok installed"


def stanza(name: str, version: str, status: str = STATUS) -> str:
    return f"Package: {name}\nStatus: {status}\nArchitecture: amd64\nVersion: {version}\n\n"


A1, A2, B1, C1 = stanza("a", "1"), stanza("a", "2"), stanza("b", "1"), stanza("c", "1")


def test_a_package_that_the_application_installed_stands_beside_the_upgraded_ones() -> None:
    assert outcome(merge_status, A1 + C1, A1 + B1 + C1, A2 + C1) == A2 + B1 + C1


def test_a_package_that_the_application_removed_stays_removed() -> None:
    assert outcome(merge_status, A1 + B1, A1, A2 + B1) == A2


def test_a_package_put_on_hold_is_on_hold_in_its_new_version() -> None:
    held = stanza("a", "1", "hold ok installed")
    assert outcome(merge_status, A1, held, A2) == stanza("a", "2", "hold ok installed")


def test_two_versions_of_one_package_are_for_somebody_who_sees_the_files() -> None:
    assert outcome(merge_status, A1, A2, stanza("a", "3")) == ("a amd64: version",)


def test_a_settled_package_is_the_side_s_that_was_said() -> None:
    three = (A1.encode(), A2.encode(), stanza("a", "3").encode())
    assert merge_status(*three, {("a", "amd64"): "app"}) == A2.encode()
    assert merge_status(*three, {("a", "amd64"): "new"}) == stanza("a", "3").encode()


def test_a_package_in_the_middle_of_an_update_names_the_new_base_s_version_as_the_one_it_had() -> None:
    def unpacked(before: str) -> bytes:
        return stanza("a", "3", "install ok unpacked").replace("\n\n", f"\nConfig-Version: {before}\n\n").encode()

    settled: Settled = {("a", "amd64"): "app"}
    assert merge_status(A1.encode(), unpacked("1"), A2.encode(), settled) == unpacked("2")
    assert merge_status(A1.encode(), unpacked("0"), A2.encode(), settled) == unpacked("0")


def test_a_package_removed_here_and_upgraded_there_is_settled_as_removed() -> None:
    assert merge_status((A1 + B1).encode(), B1.encode(), (A2 + B1).encode(), {("a", "amd64"): "app"}) == B1.encode()


def test_a_diversion_of_the_application_stays() -> None:
    own, theirs = "/bin/a\n/bin/a.real\n:\n", "/bin/sh\n/bin/sh.distrib\ndash\n"
    assert outcome(merge_diversions, "", own, theirs) == theirs + own


def test_two_owners_of_one_path_are_a_conflict() -> None:
    old, app, new = (f"root {group} 2755 /x\n" for group in ("a", "b", "c"))
    assert isinstance(merge_overrides(old.encode(), app.encode(), new.encode()), Conflict)


files = st.lists(st.sampled_from([A1, A2, B1, C1, stanza("b", "2"), stanza("c", "1", "hold ok installed")])).map(
    lambda stanzas: "".join({text.split("\n")[0]: text for text in stanzas}.values()).encode()
)


@given(files, files, files)
def test_the_laws_hold(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_status, old, app, new)
