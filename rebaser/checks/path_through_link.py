"""H21: the application's files lie below a directory that in the new base is a link: merged /usr, /var/run."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.layers.entry import Kind, parents_of
from rebaser.layers.filesystem import Divergence
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity

_RULES = ("W9", "W9b", "W6b", "W5b")


def _run(evidence: Evidence) -> Iterable[Finding]:
    before = {(one.rule, one.path) for one in evidence.original.files.divergences}
    found: dict[str, list[Divergence]] = {}
    for one in evidence.rebased.files.divergences:
        if one.rule in _RULES and (one.rule, one.path) not in before:
            found.setdefault(_turned(one.path, evidence), []).append(one)
    for directory, several in found.items():
        new = evidence.new.files.entry(directory)
        leads = f" to {shown(new.link)}" if new is not None and new.kind is Kind.SYMLINK else ""
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"The application's layers have {listed(shown(one.path) for one in several)} below {shown(directory)}, "
            f"which in the new base is a {new.kind if new else 'link'}{leads}; engines unpack that in different ways"
            f"{_why_stays(evidence)}",
            "Rebuild the image on the new base; its steps then find the new directories.",
            subject=shown(directory),
            before="directory",
            after=str(new.kind) if new else None,
            absolute=any(one.fatal for one in several),
        )


def _why_stays(evidence: Evidence) -> str:
    """Return why the layers could not be changed so that they go the new way; empty where that was not tried."""
    first = next(iter(evidence.adapted.problems), None)
    return f". The layers were not changed: {shown(first.path)} {printable(first.message)}" if first else ""


def _turned(path: str, evidence: Evidence) -> str:
    """Return the directory above a path that the new base has as something else."""
    for directory in (*parents_of(path), path):
        entry = evidence.new.files.entry(directory)
        if entry is not None and entry.kind is not Kind.DIRECTORY:
            return directory
    return path


CHECK = LayerCheck("path-through-link", "Directories of the layers are directories in the new base", _run)
