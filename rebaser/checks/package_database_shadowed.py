"""H5 to H8: the application's layers hold a whole package database, which describes the old base."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Entry, same_content
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import DATABASES
from rebaser.request import Severity

_ONE_FILE_EACH = "var/lib/dpkg/status.d/"


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own in evidence.own.values():
        is_database = own.path in DATABASES or own.path.startswith(_ONE_FILE_EACH)
        if not is_database or own.path in evidence.merge.unmerged:
            continue
        old, new = evidence.old.files.entry(own.path), evidence.new.files.entry(own.path)
        if old is None and new is None:
            yield from _moved(own, evidence)
        elif not _equal(old, new) and not (new is not None and same_content(own, new)):
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The application's layers hold {shown(own.path)}, which describes the old base's packages; it would "
                "hide the new base's, and scanners and package managers would go by the old versions",
                tolerate(CHECK.id, "nobody reads the database"),
                subject=shown(own.path),
                before=old.content.hex() if old else None,
                after=new.content.hex() if new else None,
            )


def _moved(own: Entry, evidence: Evidence) -> Iterable[Finding]:
    """A database at a place where neither base has one, while a base has one elsewhere (H7)."""
    elsewhere = [path for path in evidence.new.packages.databases if not path.startswith(_ONE_FILE_EACH)]
    if own.path in DATABASES and elsewhere and evidence.old.packages.databases:
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The application's layers hold the package database {shown(own.path)}; the new base keeps its own at "
            f"{shown(elsewhere[0])}",
            tolerate(CHECK.id, "nobody reads the database"),
            subject=shown(own.path),
        )


def _equal(old: Entry | None, new: Entry | None) -> bool:
    return old is not None and new is not None and same_content(old, new)


CHECK = LayerCheck("package-database-shadowed", "The package database describes what is there", _run)
