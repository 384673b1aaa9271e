"""The packages in the summary."""

from html import unescape

from rebaser.report.package_tables import MOST_OPEN, MOST_ROWS, brought, counts, outdated, own
from tests.report.reports import LAYER, PACKAGES, a_package, an_own_package, packages


def test_what_the_base_brings_is_counted_and_told_with_versions() -> None:
    lines = unescape(brought(PACKAGES)).splitlines()
    assert lines[0] == "**What the base brings:** packages: 1 upgraded, 1 added"
    assert "| upgraded | <code>openssl</code> (deb amd64) | <code>3.0.11-1</code> | <code>3.0.15-1</code> |" in lines
    assert "| added | <code>zstd</code> (deb amd64) | – | <code>1.2</code> |" in lines  # noqa: RUF001


def test_where_nothing_changes_that_is_said() -> None:
    assert counts(packages()) == "none changed"
    assert brought(packages()) == "**What the base brings:** packages: none changed"
    assert own(packages()) == outdated(packages()) == ""


def test_own_packages_are_told_with_their_layer() -> None:
    row = f"| <code>curl</code> (deb amd64) | <code>7.88.1-10</code> | 3 <code>{LAYER[:19]}…</code> |"
    assert row in unescape(own(PACKAGES)).splitlines()


def test_outdated_packages_hint_at_a_rebuild() -> None:
    lines = unescape(outdated(PACKAGES)).splitlines()
    assert "a rebuild would renew them" in lines[0]
    assert "| <code>curl</code> (deb amd64) | <code>7.88.1-10</code> | <code>7.88.1-12</code> |" in lines


def test_long_tables_are_folded_and_longer_ones_cut() -> None:
    def upgraded(count: int) -> str:
        return brought(packages(upgraded=[a_package("1", "2", f"n-{number}") for number in range(count)]))

    assert "<details>" not in upgraded(MOST_OPEN)
    assert f"<details><summary>Packages of the base ({MOST_OPEN + 1})</summary>" in upgraded(MOST_OPEN + 1)
    assert "more are in report.json" not in upgraded(MOST_ROWS)
    assert "_2 more are in report.json._" in upgraded(MOST_ROWS + 2)
    assert own(packages(own=[an_own_package()] * 13)).count("| <code>curl") == 13
