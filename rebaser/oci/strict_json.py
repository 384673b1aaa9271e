"""JSON as an image may hold it: parsed strictly, written back without changing what was not changed.

Duplicate keys, NaN, deep nesting and lone surrogates are refused (RFC 8259, RFC 7493), because two readers
could disagree about them. Numbers keep their spelling.
"""

import json
import re
from json.encoder import encode_basestring
from typing import Self, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]

MAX_DEPTH = 64  # levels; real documents have fewer than ten
MAX_DIGITS = 400  # characters of one number

# The closing quote is optional: were it not, a text of escaped quotes would be read again from each of them.
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


class Number(float):
    """A number that Python would spell otherwise (`1.50`, `1e3`, `-0`): it remembers its own spelling."""

    __slots__ = ("spelling",)

    spelling: str

    def __new__(cls, spelling: str) -> Self:
        """Return the number that `spelling` spells."""
        number = super().__new__(cls, spelling)
        number.spelling = spelling
        return number

    def __deepcopy__(self, _memo: object) -> "Number":
        return self

    def __copy__(self) -> "Number":
        return self

    def __reduce__(self) -> tuple[type["Number"], tuple[str]]:
        return Number, (self.spelling,)


def parse(content: bytes, limit: int) -> Json:
    """Return what the JSON text `content`, of at most `limit` bytes, says.

    Raises:
        ValueError: too large, not UTF-8, not JSON, or JSON that two readers may understand differently.
    """
    if len(content) > limit:
        raise ValueError(f"it has {len(content)} bytes, more than the {limit} that are accepted")
    text = content.decode("utf-8")  # UnicodeDecodeError is a ValueError
    _refuse_depth(text)
    try:
        value: Json = json.loads(
            text, object_pairs_hook=_object, parse_float=_number, parse_int=_integer, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    _refuse_surrogates(value)
    return value


def write(value: Json) -> bytes:
    """Return `value` as compact UTF-8 JSON: keys in their order, numbers in their spelling, no HTML escaping."""
    return "".join(_pieces(value)).encode()


def same(left: Json, right: Json) -> bool:
    """Answer whether two values are the same JSON, type-strictly: `1`, `1.0` and `true` are three values."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float):
        return _spelling(left) == _spelling(right)
    return type(left) is type(right) and left == right


def _pieces(value: Json) -> list[str]:
    if isinstance(value, dict):
        members = (f"{encode_basestring(key)}:{''.join(_pieces(member))}" for key, member in value.items())
        return ["{", ",".join(members), "}"]
    if isinstance(value, list):
        return ["[", ",".join("".join(_pieces(member)) for member in value), "]"]
    if isinstance(value, str):
        return [encode_basestring(value)]
    if value is None or isinstance(value, bool):
        return [{None: "null", True: "true", False: "false"}[value]]
    return [_spelling(value)]


def _spelling(number: float) -> str:
    return number.spelling if isinstance(number, Number) else repr(number)


def _object(pairs: list[tuple[str, Json]]) -> JsonObject:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:100]!r} stands twice in one object")
    return result


def _number(text: str) -> Number:
    if len(text) > MAX_DIGITS:
        raise ValueError("it holds a number that is too long")
    number = Number(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text} is too large")
    return number


def _integer(text: str) -> int | Number:
    if len(text) > MAX_DIGITS:
        raise ValueError("it holds a number that is too long")
    return Number(text) if text == "-0" else int(text)


def _refuse_constant(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")


def _refuse_depth(text: str) -> None:
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")


def _refuse_surrogates(value: Json) -> None:
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError is a ValueError
    elif isinstance(value, list):
        for member in value:
            _refuse_surrogates(member)
    elif isinstance(value, dict):
        for key, member in value.items():
            key.encode()
            _refuse_surrogates(member)
