"""What does apk's database of installed packages say, where both sides installed some? lib/apk/db/installed.

A package is one unit: what it is, and which files it has, cannot be of two versions. What apk's own run on the new base
would have written: apk sorts by name whenever it writes, while others that make databases need not.
"""

from collections.abc import Mapping

from rebaser.contents.apk_records import Record, meaning, records
from rebaser.mergers.apk_files import merge_parts
from rebaser.mergers.apk_order import display_order, is_sorted
from rebaser.mergers.conflict import Conflict
from rebaser.mergers.keyed import Side, by_meaning, decided


def merge_installed(
    old: bytes, app: bytes, new: bytes, settled: Mapping[tuple[str, ...], Side] | None = None
) -> bytes | Conflict:
    """Return the records of both sides, each with the bytes of the side that it is of.

    Sorted by name if the application's are, else in the new base's order. A package that one side removed and the other
    changed goes with the application. `settled` are packages that both sides changed, by name, and whose record is
    right; others of them are the conflict, named by package. A database that the application removed stays away.

    Raises:
        MalformedError: both sides changed it, and one is no database or too large; see `records`.
    """
    sides = {key[0]: side for key, side in (settled or {}).items()}
    return merge_parts((old, app, new), by_name, decided(sides, by_meaning(meaning, str)), _written)


def by_name(body: bytes) -> dict[str, Record]:
    """Return the packages' records by name.

    Raises:
        MalformedError: as `records`.
    """
    return {record.name: record for record in records(body)}


def _written(merged: Mapping[str, Record], ours: Mapping[str, Record]) -> bytes:
    names = sorted(merged, key=display_order) if is_sorted(ours) else merged
    return b"".join(merged[name].text for name in names)
