"""Which packages are wanted, where both sides said so? /etc/apk/world, apk-world(5)."""

import re
from collections.abc import Mapping

from rebaser.contents.malformed import MalformedError
from rebaser.mergers.apk_files import merge_parts
from rebaser.mergers.apk_order import display_order
from rebaser.mergers.conflict import Conflict
from rebaser.mergers.keyed import by_meaning

_MAX = 1 << 20  # bytes
_CONSTRAINT = re.compile(r"!?([^@<>=~]+).*", re.DOTALL)


def merge_world(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the constraints of both sides, one a line, sorted by name as apk writes them.

    Constraints of one name are one thing: it is in conflict where both sides have it, changed in different ways. A file
    that the application removed as a whole stays away.

    Raises:
        MalformedError: both sides changed it, and one is larger than 1 MiB.
    """
    return merge_parts((old, app, new), _by_name, by_meaning(_constraints, str), _written)


def _constraints(several: tuple[str, ...]) -> frozenset[str]:
    return frozenset(several)


def _written(merged: Mapping[str, tuple[str, ...]], _ours: Mapping[str, tuple[str, ...]]) -> bytes:
    wanted = [constraint for name in sorted(merged, key=display_order) for constraint in merged[name]]
    return "\n".join((*wanted, "")).encode("utf-8", "surrogateescape") or b"\n"


def _by_name(body: bytes) -> Mapping[str, tuple[str, ...]]:
    if len(body) > _MAX:
        raise MalformedError(f"the list of wanted packages has {len(body)} bytes")
    found: dict[str, list[str]] = {}
    for raw in body.split():
        constraint = raw.decode("utf-8", "surrogateescape")
        told = _CONSTRAINT.fullmatch(constraint)
        found.setdefault(told[1] if told else constraint, []).append(constraint)
    return {name: tuple(several) for name, several in found.items()}
