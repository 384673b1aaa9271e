"""What does apk's database of installed packages say, where both sides installed some? lib/apk/db/installed.

A package is one unit: what it is, and which files it has, cannot be of two versions. What apk's own run on the new base
would have written: apk sorts by name whenever it writes, while others that make databases need not.
"""

from rebaser.contents.apk_records import Record, meaning, records
from rebaser.mergers.apk_keyed import merge_keyed
from rebaser.mergers.apk_order import display_order, is_sorted
from rebaser.mergers.conflict import BothChangedError, Conflict, conflict


def merge_installed(old: bytes, app: bytes, new: bytes) -> bytes | Conflict:
    """Return the records of both sides, each with the bytes of the side that it is of.

    Sorted by name if the application's are, else in the new base's order with the application's own at the end. A
    package that one side removed and the other changed goes with the application. A database that the application
    removed as a whole stays away. Conflicts are named by package.

    Raises:
        MalformedError: both sides changed it, and one is no database or too large; see `records`.
    """
    if app in (old, new):
        return new
    if new == old or not app:
        return app
    before, ours, theirs = (_by_name(body) for body in (old, app, new))
    try:
        merged = merge_keyed(before, ours, theirs, meaning, str)
    except BothChangedError as error:
        return conflict(error.subjects)
    if merged == theirs:
        return new
    names = sorted(merged, key=display_order) if is_sorted(ours) else list(merged)
    return b"".join(merged[name].text for name in names)


def _by_name(body: bytes) -> dict[str, Record]:
    return {record.name: record for record in records(body)}
