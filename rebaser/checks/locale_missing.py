"""H59c: a time zone or locale that the environment names is not there: programs fall back without a word."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.locales import missing_locales


def _run(evidence: Evidence) -> Iterable[Finding]:
    known = {(name, value) for name, value, _ in missing_locales(evidence.original)}
    for name, value, looked_for in missing_locales(evidence.rebased):
        if (name, value) not in known and evidence.original.environment.get(name) == value:
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"{name} is set to {printable(value)}, of which the new base has no data; programs would fall back to "
                "UTC or to the C locale",
                f"{REBUILD}, and install the data (tzdata, tzdata-legacy, locales) in the Dockerfile.",
                subject=name,
                before=value,
                after=list(looked_for)[:5],
            )


CHECK = LayerCheck("locale-missing", "The time zone and locale that are named are there", _run)
