"""The change from one JSON document to another, as an RFC 6902 patch that people can read.

Objects are compared member by member; arrays and scalars are replaced whole, since half of a changed command or
environment tells nobody anything. A patch is applied by an independent implementation before anyone sees it.
"""

import jsonpatch
from jsonpointer import escape

from rebaser.errors import InternalError
from rebaser.oci.strict_json import Json, JsonObject, same


def difference(before: JsonObject, after: JsonObject) -> tuple[JsonObject, ...]:
    """Return the patch that makes `after` of `before`; removed members first, new ones last and sorted.

    Raises:
        InternalError: the patch, applied, does not give `after`, type-strictly.
    """
    patch = tuple(_operations(before, after, ""))
    if not same(apply(patch, before), after):
        raise InternalError("the JSON patch does not lead to the merged config")
    return patch


def apply(patch: tuple[JsonObject, ...], document: JsonObject) -> JsonObject:
    """Return a new document: `document` with `patch` applied. RFC 6902 section 5."""
    result: JsonObject = jsonpatch.apply_patch(document, list(patch), in_place=False)
    return result


def _operations(before: JsonObject, after: JsonObject, path: str) -> list[JsonObject]:
    operations: list[JsonObject] = [{"op": "remove", "path": _child(path, key)} for key in before if key not in after]
    for key, old in before.items():
        if key in after:
            operations += _changed(old, after[key], _child(path, key))
    operations += [
        {"op": "add", "path": _child(path, key), "value": after[key]} for key in sorted(after) if key not in before
    ]
    return operations


def _changed(old: Json, new: Json, path: str) -> list[JsonObject]:
    if same(old, new):
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        return _operations(old, new, path)
    return [{"op": "replace", "path": path, "value": new}]


def _child(path: str, key: str) -> str:
    return f"{path}/{escape(key)}"
