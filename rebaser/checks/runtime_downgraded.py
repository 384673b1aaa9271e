"""The new base has an older Python, Node.js, Ruby, Perl or PHP, or none, and the application has code for it."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.languages import LANGUAGES, version_of


def _run(evidence: Evidence) -> Iterable[Finding]:
    for language in LANGUAGES:
        before, after = (version_of(language, one.files) for one in (evidence.original, evidence.rebased))
        if before is None or (after is not None and after >= before):
            continue
        code = [entry.path for entry in evidence.own_files if entry.path.endswith(language.endings)]
        if code:
            was, now = (".".join(map(str, version or ())) or "none" for version in (before, after))
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The old base has {language.name} {was}, the new one {now}: the application's code, such as "
                f"{listed(map(shown, code[:2]))}, was written for what is there now",
                f"{REBUILD} and test it, or choose a base with {language.name} {was} or newer in `new-base`.",
                subject=language.name,
                before=was,
                after=now,
            )


CHECK = LayerCheck("runtime-downgraded", "The language runtimes are not older", _run)
