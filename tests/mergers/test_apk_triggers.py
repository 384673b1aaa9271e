import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.apk_triggers import merge_triggers
from tests.mergers.laws import assert_laws, outcome

SHELL = "Q1Lh/p2YdpFByjjLNq7u8fD0w0Mno= /bin /usr/bin /lib/modules/*\n"
SHELL_HEX = "X12e1fe9d98769141ca38cb36aeeef1f0f4c34327a /bin /usr/bin /lib/modules/*\n"
SHELL_FIXED = "Q1XrJbf7B0tblahoQXMuRg0iAjsPE= /bin /usr/bin\n"
CERTIFICATES = "Q1GnpR/spXVmcReaAeuktXtBVriiE= /usr/share/ca-certificates\n"


def test_triggers_of_the_application_follow_those_of_a_base_that_changed() -> None:
    assert outcome(merge_triggers, SHELL, SHELL + CERTIFICATES, SHELL_FIXED) == SHELL_FIXED + CERTIFICATES
    assert (
        outcome(merge_triggers, SHELL, CERTIFICATES + SHELL, SHELL_FIXED + SHELL) == CERTIFICATES + SHELL_FIXED + SHELL
    )


def test_triggers_that_one_side_removed_are_gone() -> None:
    assert outcome(merge_triggers, SHELL + CERTIFICATES, SHELL, CERTIFICATES + SHELL_FIXED) == SHELL_FIXED


def test_one_package_s_triggers_on_several_lines_are_those_on_one() -> None:
    lines = SHELL.replace(" /usr", "\nQ1Lh/p2YdpFByjjLNq7u8fD0w0Mno= /usr")
    assert (
        outcome(merge_triggers, lines, SHELL + SHELL_FIXED, CERTIFICATES + lines) == CERTIFICATES + SHELL + SHELL_FIXED
    )
    assert outcome(merge_triggers, lines, SHELL + SHELL_FIXED, CERTIFICATES) == CERTIFICATES + SHELL_FIXED


def test_one_checksum_in_two_spellings_is_one_package() -> None:
    assert outcome(merge_triggers, SHELL, SHELL_HEX + CERTIFICATES, SHELL + SHELL_FIXED).count("lib/modules") == 1


def test_triggers_of_one_package_that_both_changed_are_for_a_person() -> None:
    app, new = (SHELL.replace("/bin", path) for path in ("/a", "/b"))
    assert outcome(merge_triggers, SHELL, app, new) == ("2e1fe9d98769141ca38cb36aeeef1f0f4c34327a",)


def test_a_file_that_the_application_removed_stays_away() -> None:
    assert outcome(merge_triggers, SHELL, "", SHELL + CERTIFICATES) == ""


def test_a_file_without_bounds_is_malformed() -> None:
    with pytest.raises(MalformedError):
        outcome(merge_triggers, SHELL, "x" * (1 << 20) + "x", CERTIFICATES)


triggers = st.lists(st.sampled_from([SHELL, SHELL_HEX, SHELL_FIXED, CERTIFICATES, "x /y\n", "x /z", "\n", " \n"])).map(
    lambda lines: "".join(lines).encode()
)


@given(triggers, triggers, triggers)
def test_laws(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_triggers, old, app, new)
