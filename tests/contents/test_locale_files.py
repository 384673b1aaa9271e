import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.locale_files import locale_files, locale_of, zone_file


@pytest.mark.parametrize(
    ("environment", "path"),
    [
        ({"TZ": "Europe/Berlin"}, "usr/share/zoneinfo/Europe/Berlin"),
        ({"TZ": ":Europe/Berlin"}, "usr/share/zoneinfo/Europe/Berlin"),
        ({"TZ": "US/Eastern"}, "usr/share/zoneinfo/US/Eastern"),
        ({"TZ": "Etc/GMT+5"}, "usr/share/zoneinfo/Etc/GMT+5"),
        ({"TZ": "Japan"}, "usr/share/zoneinfo/Japan"),
        ({"TZ": "/opt/zones/Own"}, "opt/zones/Own"),
        ({"TZ": "Europe/Berlin", "TZDIR": "/opt/zones/"}, "opt/zones/Europe/Berlin"),
        ({"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}, ""),
        ({"TZ": "EST5EDT"}, ""),
        ({"TZ": "<+03>-3"}, ""),
        ({"TZ": "UTC"}, ""),
        ({"TZ": "Etc/UTC"}, ""),
        ({"TZ": "../../etc/shadow"}, ""),
        ({"TZ": "a b"}, ""),
        ({"TZ": ""}, ""),
        ({}, ""),
    ],
)
def test_the_file_of_a_time_zone(environment: dict[str, str], path: str) -> None:
    assert zone_file(environment) == path


@pytest.mark.parametrize(
    ("environment", "locale"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de_DE.UTF-8"),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "C.UTF-8"}, "C.UTF-8"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "POSIX", "LC_CTYPE": "C.UTF-8"}, "POSIX"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": ""}, "de_DE.UTF-8"),
        ({}, ""),
    ],
)
def test_which_locale_counts(environment: dict[str, str], locale: str) -> None:
    assert locale_of(environment) == locale


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("C.UTF-8", ["C.utf8", "C.UTF-8", "C"]),
        ("en_US", ["en_US", "en", "locale-archive"]),
        (
            "de_DE.UTF-8",
            ["de_DE.utf8", "de_DE.UTF-8", "de_DE", "de.utf8", "de.UTF-8", "de", "locale-archive"],
        ),
        ("", []),
        ("C", []),
        ("POSIX", []),
        ("../../x", []),
    ],
)
def test_files_of_a_locale(locale: str, names: list[str]) -> None:
    assert [path.removeprefix("usr/lib/locale/") for path in locale_files(locale)] == names


def test_charsets_are_spelt_as_in_directories() -> None:
    assert locale_files("de_DE.ISO-8859-1@euro")[0] == "usr/lib/locale/de_DE.iso88591@euro"
    assert locale_files("de_DE.8859-1")[0] == "usr/lib/locale/de_DE.iso88591"


@pytest.mark.skipif(not Path("/usr/lib/locale").is_dir(), reason="no locales of glibc here")
def test_locales_that_lie_here_are_found() -> None:
    listed = subprocess.run(["locale", "-a"], check=True, capture_output=True, text=True).stdout.split()
    found = [locale for locale in listed if locale not in ("C", "POSIX")]
    for locale in found:
        assert any(Path("/", path).exists() for path in locale_files(locale)), locale


@given(st.text(), st.text())
def test_any_value_has_an_answer(first: str, second: str) -> None:
    assert ".." not in zone_file({"TZ": first}) or first.lstrip(":").startswith("/")
    assert all(path.startswith("usr/lib/locale/") for path in locale_files(second))
