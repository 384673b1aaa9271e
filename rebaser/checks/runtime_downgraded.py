"""The new base has an older Python, Node.js, Ruby, Perl or PHP, and the application has code of its own for it."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, listed, shown
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.languages import LANGUAGES, version_of


def _run(evidence: Evidence) -> Iterable[Finding]:
    for language in LANGUAGES:
        before, after = (version_of(language, one.files) for one in (evidence.original, evidence.rebased))
        if before is None or after is None or after >= before:
            continue
        code = [entry.path for entry in evidence.own_files if entry.path.endswith(language.endings)]
        if code:
            was, now = (".".join(map(str, version)) for version in (before, after))
            yield Finding(
                CHECK.id,
                Severity.BLOCKER,
                f"The new base has {language.name} {now}, the old one {was}: nobody knows whether the application's "
                f"code, such as {listed(map(shown, code[:2]))}, runs on an older one",
                f"{REBUILD} and test it, or choose a base with {language.name} {was} or newer in `new-base`.",
                subject=language.name,
                before=was,
                after=now,
            )


CHECK = LayerCheck("runtime-downgraded", "The language runtimes are not older", _run)
