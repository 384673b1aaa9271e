"""H29: a link of the application led somewhere, and on the new base leads nowhere."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.layers.entry import Kind
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity

_NOT_USED = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/", "/usr/share/info/", "/etc/alternatives/")
_IDLE = ("usr/share/man/", "usr/share/doc/", "etc/systemd/", "lib/systemd/", "usr/lib/systemd/", "etc/rc")


def _run(evidence: Evidence) -> Iterable[Finding]:
    for own in evidence.own.values():
        if own.kind is not Kind.SYMLINK or evidence.rebased.files.find(own.path) is not None:
            continue
        if evidence.original.files.find(own.path) is not None:
            idle = own.path.startswith(_IDLE) or (own.link.startswith(_NOT_USED) and not own.link.startswith("/etc"))
            yield Finding(
                CHECK.id,
                Severity.NOTE if idle else Severity.BLOCKER,
                f"The application's link {shown(own.path)} leads to {shown(own.link)}, "
                "which the new base does not have",
                tolerate(CHECK.id, "nothing follows the link"),
                subject=shown(own.path),
                before=own.link,
            )


CHECK = LayerCheck("dangling-link", "Links lead somewhere", _run)
