import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.oci.platform import Platform, best_match, normal, parse_platform, runs_on, same_platform


def platform(text: str) -> Platform:
    return Platform(*text.split("/"))


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/x86-64", "linux/amd64"),
        ("Linux/AMD64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/i386", "linux/386"),
        ("linux/arm64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v9", "linux/arm64/v9"),
        ("linux/arm", "linux/arm"),
        ("linux/arm/v7", "linux/arm"),
        ("linux/arm/7", "linux/arm"),
        ("linux/armhf", "linux/arm"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/arm/v5", "linux/arm/v5"),
        ("linux/arm/v8", "linux/arm/v8"),
        ("linux/ppc64le", "linux/ppc64le"),
        ("windows/amd64", "windows/amd64"),
        (" linux/amd64 ", "linux/amd64"),
    ],
)
def test_a_platform_has_one_usual_name(written: str, usual: str) -> None:
    assert str(parse_platform(written)) == usual
    assert normal(parse_platform(written)) == parse_platform(written)


@pytest.mark.parametrize(
    "text", ["", "linux", "linux/", "/amd64", "linux//v8", "a/b/c/d", "linux/am d64", "linux/amd64\n/x", "linux/ämd64"]
)
def test_what_is_no_platform_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not os/arch or os/arch/variant"):
        parse_platform(text)


def test_the_default_variant_may_be_left_out() -> None:
    assert same_platform(platform("linux/arm64/v8"), platform("linux/arm64"))
    assert same_platform(platform("linux/arm/v7"), platform("linux/arm"))
    assert not same_platform(platform("linux/arm/v6"), platform("linux/arm"))
    assert not same_platform(platform("linux/amd64"), platform("windows/amd64"))


@pytest.mark.parametrize(
    ("base", "application", "runs"),
    [
        ("linux/amd64", "linux/amd64", True),
        ("linux/amd64", "linux/arm64", False),
        ("linux/amd64", "linux/386", False),
        ("linux/amd64", "windows/amd64", False),
        ("linux/amd64", "linux/amd64/v3", True),
        ("linux/amd64/v2", "linux/amd64/v3", True),
        ("linux/amd64/v3", "linux/amd64/v2", False),
        ("linux/amd64/v2", "linux/amd64", False),
        ("linux/amd64/v1", "linux/amd64", True),
        ("linux/arm64/v8", "linux/arm64", True),
        ("linux/arm64", "linux/arm64/v8", True),
        ("linux/arm64", "linux/arm64/v9", True),
        ("linux/arm64/v9", "linux/arm64", False),
        ("linux/arm64", "linux/arm/v8", False),
        ("linux/arm/v5", "linux/arm/v6", True),
        ("linux/arm/v5", "linux/arm/v7", True),
        ("linux/arm/v6", "linux/arm", True),
        ("linux/arm/v6", "linux/arm/v5", False),
        ("linux/arm", "linux/arm/v6", False),
        ("linux/arm/v7", "linux/arm", True),
        ("linux/arm/v7", "linux/arm/v8", True),
        ("linux/arm/v8", "linux/arm/v7", False),
        ("linux/ppc64le/power9", "linux/ppc64le/power9", True),
        ("linux/ppc64le/power9", "linux/ppc64le/power8", False),
        ("linux/ppc64le", "linux/ppc64le/power8", False),
        ("linux/amd64/v٣", "linux/amd64/v4", False),
        ("linux/amd64/v99999", "linux/amd64/v999999", False),
    ],
)
def test_a_base_must_run_wherever_the_application_does(base: str, application: str, *, runs: bool) -> None:
    assert runs_on(platform(base), platform(application)) is runs


@pytest.mark.parametrize(
    ("offered", "wanted", "found"),
    [
        (["linux/amd64", "linux/arm64"], "linux/arm64/v8", 1),
        (["linux/amd64", "linux/arm64/v8"], "linux/arm64", 1),
        (["linux/arm/v5", "linux/arm/v6", "linux/arm/v7"], "linux/arm", 2),
        (["linux/arm/v5", "linux/arm/v7"], "linux/arm/v6", 0),
        (["linux/arm/v7", "linux/arm64"], "linux/arm/v6", None),
        (["linux/amd64", "linux/amd64/v2", "linux/amd64/v3"], "linux/amd64/v2", 1),
        (["linux/amd64/v3", "linux/amd64"], "linux/amd64", 1),
        (["unknown/unknown", "linux/amd64", "linux/amd64"], "linux/amd64", 1),
        (["linux/s390x"], "linux/amd64", None),
        ([], "linux/amd64", None),
    ],
)
def test_the_nearest_variant_is_taken_and_the_first_of_equals(
    offered: list[str], wanted: str, found: int | None
) -> None:
    assert best_match([(platform(text), "") for text in offered], platform(wanted), "") == found


WINDOWS = platform("windows/amd64")


@pytest.mark.parametrize(
    ("offered", "wanted", "found"),
    [
        (["10.0.17763.5458", "10.0.20348.2322"], "10.0.20348.1", 1),
        (["10.0.17763.5458", "10.0.20348.2322"], "10.0.17763.9999", 0),
        (["10.0.17763.5458", "10.0.17763.10000", "10.0.17763.600"], "10.0.17763.1", 1),
        (["10.0.17763.5458"], "10.0.14393.1", None),
        (["10.0.1776.1"], "10.0.17763.1", None),
        (["10.0.17763.1", ""], "10.0.14393.1", 1),
        (["10.0.17763.1"], "", 0),
        (["9" * 5000], "", 0),
    ],
)
def test_only_the_same_build_of_windows_will_do(offered: list[str], wanted: str, found: int | None) -> None:
    assert best_match([(WINDOWS, version) for version in offered], WINDOWS, wanted) == found


def test_other_systems_do_not_look_at_the_os_version() -> None:
    assert best_match([(platform("linux/amd64"), "1.0")], platform("linux/amd64"), "2.0") == 0


@given(st.from_regex(r"[a-z0-9_]{1,8}/[a-z0-9_]{1,8}(/[a-z0-9]{1,8})?", fullmatch=True))
def test_a_platform_reads_as_it_is_written(text: str) -> None:
    assert parse_platform(str(parse_platform(text))) == parse_platform(text)
    assert runs_on(parse_platform(text), parse_platform(text))
