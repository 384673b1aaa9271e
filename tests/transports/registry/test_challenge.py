import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.transports.registry.challenge import Challenge, parse_challenges

BEARER = Challenge("bearer", {"realm": "https://auth.test/token", "service": "s"})


@pytest.mark.parametrize(
    "header",
    [
        'Bearer realm="https://auth.test/token",service="s"',
        'bearer REALM="https://auth.test/token", Service="s"',
        'Bearer realm = "https://auth.test/token" , service = "s"',
        "Bearer realm=https://auth.test/token,service=s",
        'Bearer realm="https://auth.test/token" service="s"',
        'Bearer realm="https:\\/\\/auth.test/token",service="s"',
        'Bearer realm="https://auth.test/token",service="s',
        ',, Bearer realm="https://auth.test/token",,service="s",',
        'Bearer realm="https://auth.test/token",service="s",realm="https://evil.test"',
    ],
)
def test_one_challenge_is_understood_however_it_is_written(header: str) -> None:
    assert parse_challenges([header]) == (BEARER,)


def test_several_challenges_in_one_header_keep_their_order() -> None:
    header = 'Basic realm="a, b", Bearer realm="https://auth.test/token",service="s"'
    assert parse_challenges([header]) == (Challenge("basic", {"realm": "a, b"}), BEARER)


def test_challenges_without_a_comma_between_them_are_told_apart() -> None:
    header = 'Basic realm="x" Bearer realm="https://auth.test/token",service="s"'
    assert parse_challenges([header]) == (Challenge("basic", {"realm": "x"}), BEARER)


def test_challenges_in_several_headers_keep_their_order() -> None:
    headers = ['Bearer realm="https://auth.test/token",service="s"', "Negotiate", "Basic"]
    assert parse_challenges(headers) == (BEARER, Challenge("negotiate", {}), Challenge("basic", {}))


def test_an_escaped_quote_does_not_end_a_value() -> None:
    assert parse_challenges([r'Basic realm="a \"b\", Bearer realm=c"']) == (
        Challenge("basic", {"realm": 'a "b", Bearer realm=c'}),
    )


def test_a_comma_inside_a_quoted_scope_does_not_end_it() -> None:
    (found,) = parse_challenges(['Bearer realm="r",scope="repository:shop:pull,push"'])
    assert found.parameters["scope"] == "repository:shop:pull,push"


@pytest.mark.parametrize("header", ["", " ", ",", '"', "=", 'realm="x"', "\\", '="'])
def test_what_is_no_challenge_is_none(header: str) -> None:
    assert parse_challenges([header]) == ()


@given(st.text(max_size=300))
def test_no_header_makes_it_fail(header: str) -> None:
    assert all(challenge.scheme for challenge in parse_challenges([header]))


def test_a_huge_header_is_looked_at_only_so_far() -> None:
    assert len(parse_challenges(["a " * 1_000_000])) <= 8192
