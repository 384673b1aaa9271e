"""What apk's database says is installed, and which files are a package's. lib/apk/db/installed."""

from collections.abc import Mapping

from rebaser.contents.apk_records import Record, meaning
from rebaser.contents.malformed import MalformedError
from rebaser.layers.filesystem import FileSystem
from rebaser.mergers.apk_installed import by_name
from rebaser.plan.evidence import Evidence
from rebaser.plan.package_files import Installed, there
from rebaser.system.model import System
from rebaser.system.packages import APK_DATABASES


def database(files: FileSystem) -> str:
    """Return where an image has the database, the usual place where it has none."""
    return next((real for path in APK_DATABASES if (real := files.real_path(path))), APK_DATABASES[0])


def installed(system: System) -> Installed:
    """Return the packages of an image.

    Raises:
        MalformedError: the database is not made of records.
    """
    read = _records(system).items()
    return {(name,): (one.version, one.text.decode("utf-8", "surrogateescape")) for name, one in read}


def files_of(name: str, system: System) -> set[str]:
    """Return the files and links of a package, where they really are.

    Raises:
        MalformedError: the database is not made of records.
    """
    record = _records(system).get(name)
    return there(record.files, system.files) if record is not None else set()


def own_files(evidence: Evidence) -> frozenset[str]:
    """Return the files and links of the packages that the application's layers brought or changed."""
    try:
        old, ours = _records(evidence.old), _records(evidence.original)
    except MalformedError:
        return frozenset()
    own = (record for name, record in ours.items() if not _is_same(record, old.get(name)))
    return frozenset(there((path for record in own for path in record.files), evidence.original.files))


def _is_same(record: Record, old: Record | None) -> bool:
    return old is not None and (record.text == old.text or meaning(record) == meaning(old))


def _records(system: System) -> Mapping[str, Record]:
    return system.remember("apk's records", lambda: _read(system.files))


def _read(files: FileSystem) -> Mapping[str, Record]:
    entry = files.find(database(files))
    return by_name(entry.whole) if entry is not None and entry.whole is not None else {}
