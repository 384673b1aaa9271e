"""H59b: the application brings its own openssl.cnf, and the new base has another major version of OpenSSL."""

import re
from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown, tolerate
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.model import System

_LIBRARY = re.compile(r"(?:^|/)libssl\.so\.(1\.[01](?:\.[0-9])?|[0-9]+)$")


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = _versions(evidence.old), _versions(evidence.new)
    if not before or not after or before == after:
        return
    for path in evidence.own:
        if path.endswith("/openssl.cnf"):
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"The application brings {shown(path)}, written for OpenSSL {before[-1]}; the new base has {after[-1]}",
                tolerate(CHECK.id, "the file holds for both"),
                subject=shown(path),
                before=before[-1],
                after=after[-1],
            )


def _versions(system: System) -> list[str]:
    return sorted({match[1] for path in system.files.nodes if (match := _LIBRARY.search(path))})


CHECK = LayerCheck("openssl-changed", "An own openssl.cnf is for the OpenSSL that is there", _run)
