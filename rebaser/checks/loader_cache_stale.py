"""H11: the application's layers hold the loader's cache, which lists the old base's libraries."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, tolerate
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import LOADER_CACHE
from rebaser.request import Severity

_DEFAULT = ("/lib/", "/usr/lib/", "/lib64/", "/usr/lib64/")


def _run(evidence: Evidence) -> Iterable[Finding]:
    if LOADER_CACHE not in evidence.own:
        return
    mine, theirs = evidence.rebased.loader.cache, evidence.new.loader.cache
    lost = [
        name
        for name, paths in theirs.items()
        if name not in mine and not any(path.startswith(_DEFAULT) for path in paths)
    ]
    files = evidence.rebased.files
    gone = [name for name, paths in mine.items() if not any(files.find(path) for path in paths)]
    was_there = [name for name in gone if any(map(evidence.original.files.find, mine[name]))]
    if lost or was_there:
        yield Finding(
            CHECK.id,
            Severity.WARNING,
            "The application's layers hold /etc/ld.so.cache, which "
            + " and ".join(
                part
                for part in (
                    f"does not list the new base's {listed(lost)}" if lost else "",
                    f"lists {listed(was_there)} that are gone" if was_there else "",
                )
                if part
            ),
            tolerate(CHECK.id, "programs find their libraries without it"),
            subject="/etc/ld.so.cache",
            before=was_there[:20],
            after=lost[:20],
        )


CHECK = LayerCheck("loader-cache-stale", "The loader's cache lists the libraries that are there", _run)
