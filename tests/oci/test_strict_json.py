import copy
import json
import pickle
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebaser.oci.strict_json import MAX_DEPTH, MAX_DIGITS, Json, Number, parse, same, write

LIMIT = 10 * 1024 * 1024

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**300), 10**300)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":1,"b":{"c":1,"c":2}}',
        '{"a":1,"\\u0061":2}',
        '[{"":1,"":2}]',
    ],
)
def test_a_key_that_stands_twice_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="stands twice in one object"):
        parse(text.encode(), LIMIT)


def test_keys_that_differ_in_letter_case_are_two_keys() -> None:
    assert parse(b'{"a":1,"A":2}', LIMIT) == {"a": 1, "A": 2}


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"size":NaN}', "1e400", "-1e400", "[1E999]"])
def test_a_number_that_json_does_not_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not JSON|is too large"):
        parse(text.encode(), LIMIT)


@pytest.mark.parametrize("text", ["01", "+1", ".5", "1.", "0x10", "1_000", "--1", "1e", "٣"])
def test_a_number_in_another_spelling_than_json_s_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting value|Extra data"):
        parse(text.encode(), LIMIT)


@pytest.mark.parametrize(
    "text", ["", " ", "{", "}", "[1,]", '{"a":1,}', "{'a':1}", "nul", "[1] 2", '"\t"', '"\\x41"', "// no", "{1:2}"]
)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(text.encode(), LIMIT)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        "{}".encode("utf-16-le"),
        "{}".encode("utf-16-be"),
        "{}".encode("utf-32"),
        b'"\xff"',
        b'"\xc0\xaf"',
        b'"\xed\xa0\x80"',
        b"\0",
        b"{}\0",
    ],
)
def test_what_is_not_plain_utf_8_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(content, LIMIT)


@pytest.mark.parametrize(
    "text", ['"\\ud800"', '["\\udc00"]', '{"\\ud800":1}', '{"a":{"b":["\\udfff"]}}', '"\\udc00\\ud800"']
)
def test_half_a_character_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        parse(text.encode(), LIMIT)


def test_a_whole_pair_of_surrogates_is_one_character() -> None:
    assert parse(b'"\\ud83d\\ude00"', LIMIT) == "😀"


def test_nesting_is_read_to_the_limit_and_not_beyond() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, LIMIT)
    for deep in (b"[" * 65 + b"]" * 65, b'{"a":' * 65 + b"1" + b"}" * 65, b"[" * 1_000_000):
        with pytest.raises(ValueError, match="nested more than 64 levels"):
            parse(deep, LIMIT)


def test_brackets_in_strings_are_not_nesting() -> None:
    assert parse(b'["' + b"[" * 100 + b'\\"' + b"{" * 100 + b'"]', LIMIT)


def test_size_is_accepted_to_the_limit_and_not_beyond() -> None:
    assert parse(b"[1]", 3) == [1]
    with pytest.raises(ValueError, match="it has 4 bytes, more than the 3 that are accepted"):
        parse(b"[1] ", 3)


def test_numbers_are_read_to_the_limit_and_not_beyond() -> None:
    assert parse(b"1" * MAX_DIGITS, LIMIT) == int("1" * MAX_DIGITS)
    for digits in (b"1" * 401, b"1" * 4301, b"1" * 1_000_000, b"0." + b"1" * 400, b"-" + b"1" * 400):
        with pytest.raises(ValueError, match="a number that is too long"):
            parse(digits, LIMIT)


@pytest.mark.parametrize(
    "hostile",
    [
        b'{"' + b'\\"' * 2_000_000,
        b'{"' + b'\\\n"' * 1_000_000,
        b'"' * 4_000_000,
        b"\\" * 4_000_000,
        b"[" + b"{}," * 1_300_000,
        b'["' + b"\\" * 4_000_001,
    ],
)
def test_hostile_text_is_refused_in_no_time(hostile: bytes) -> None:
    start = time.process_time()
    with pytest.raises(ValueError, match=r".+"):
        parse(hostile, LIMIT)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "text", ["1.50", "1e3", "1E3", "-0", "-0.0", "1e-400", "0.1e1", "100000000000000000000", "1.0", "1e+2", "0e0"]
)
def test_a_number_keeps_its_spelling(text: str) -> None:
    value = parse(f'{{"a":[{text}]}}'.encode(), LIMIT)
    assert write(value) == f'{{"a":[{text}]}}'.encode()
    assert write(copy.deepcopy(value)) == write(value)
    assert write(pickle.loads(pickle.dumps(value))) == write(value)  # noqa: S301  our own


def test_keys_keep_their_order_and_characters_stay_as_they_are() -> None:
    text = '{"z":"<a&b>","a":"ä😀\u2028","\\u0000":"\\"\\\\\\n\\t"}'
    assert write(parse(text.encode(), LIMIT)) == text.encode()


def test_what_is_written_is_compact() -> None:
    assert write({"a": [1, 2.5, True, False, None, "x"], "b": {}}) == b'{"a":[1,2.5,true,false,null,"x"],"b":{}}'


@given(json_values)
@settings(deadline=None)
def test_compact_json_comes_out_as_it_went_in(value: Json) -> None:
    text = write(value)
    assert write(parse(text, LIMIT)) == text
    assert json.loads(text) == value


@given(json_values)
@settings(deadline=None)
def test_a_value_is_the_same_as_its_own_reading(value: Json) -> None:
    assert same(value, value)
    assert same(parse(write(value), LIMIT), value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_decimals_keep_every_digit(number: Decimal) -> None:
    assert write(parse(str(number).encode(), LIMIT)) == str(number).encode()


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        value = parse(content, LIMIT)
    except ValueError:
        return
    assert same(parse(write(value), LIMIT), value)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("1", "1.0"),
        ("1", "true"),
        ("0", "false"),
        ("0", "-0"),
        ("0", "null"),
        ('""', "null"),
        ("[]", "{}"),
        ("[]", "null"),
        ("1.5", "1.50"),
        ("10.0", "1e1"),
        ("[1,2]", "[2,1]"),
        ("[1]", "[1,1]"),
        ('{"a":1}', '{"a":1,"b":null}'),
        ('{"a":{"b":1}}', '{"a":{"b":1.0}}'),
        ('"1"', "1"),
    ],
)
def test_values_of_two_kinds_are_not_the_same(left: str, right: str) -> None:
    one, other = parse(left.encode(), LIMIT), parse(right.encode(), LIMIT)
    assert not same(one, other)
    assert not same(other, one)
    assert same(one, parse(left.encode(), LIMIT))


def test_the_order_of_keys_makes_no_other_value() -> None:
    assert same({"a": 1, "b": [{"c": 2, "d": 3}]}, {"b": [{"d": 3, "c": 2}], "a": 1})


def test_a_number_is_a_number() -> None:
    assert Number("1.50") == 1.5
    assert Number("1.50") < 2
