"""Which forms of a secret are hidden."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.ci.masking import LEAST, forms, secrets_of

SECRET = 's3cr3t/with+sign s"%'


def hidden(text: str, found: tuple[str, ...]) -> str:
    for form in found:
        text = text.replace(form, "***")
    return text


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        f"x{SECRET}y",
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        quote(SECRET, safe=""),
        json.dumps({"password": SECRET}),
    ],
)
def test_a_secret_is_hidden_in_every_form_in_which_it_goes_around(shown: str) -> None:
    assert "***" in hidden(shown, forms([SECRET]))
    assert SECRET not in hidden(shown, forms([SECRET]))


@given(st.binary(max_size=5), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8, max_size=20))
def test_the_base64_of_a_longer_text_is_hidden_where_it_tells_the_secret(before: bytes, secret: str) -> None:
    shown = base64.b64encode(before + secret.encode() + b":more").decode()
    assert "***" in hidden(shown, forms([secret]))


def test_what_is_shorter_than_a_word_is_not_hidden() -> None:
    assert forms(["", "a", "ab", " \n "]) == ()
    assert all(len(form) >= LEAST for form in forms(["abc", "abcd"]))


def test_each_line_of_a_key_is_hidden() -> None:
    assert {"line-one", "line-two"} <= set(forms(["line-one\nline-two\n"]))


def test_each_form_once_and_the_longest_first() -> None:
    found = forms([SECRET, SECRET])
    assert len(found) == len(set(found))
    assert list(found) == sorted(found, key=lambda form: (-len(form), form))


def test_the_secrets_of_the_inputs() -> None:
    auth = base64.b64encode(b"me:in-auth").decode()
    config = json.dumps({"auths": {"r.example": {"auth": auth}, "s.example": {"identitytoken": "id-token"}}})
    assert {"word", "user:word", "job-token"} <= set(secrets_of("user", "word", "", "job-token"))
    assert {"in-auth", auth, "id-token"} <= set(secrets_of("", "", config, ""))
    assert {"pass word", "me:pass word"} <= set(secrets_of("", "", "r.example me pass word\n# x\n", ""))
    assert secrets_of("user", "", "", "") == ()


@given(st.text(max_size=200))
def test_nothing_that_is_given_as_credentials_is_a_crash(text: str) -> None:
    forms(secrets_of(text, text, text, text))
