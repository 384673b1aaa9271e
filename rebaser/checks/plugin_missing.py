"""H59: a module that a program loads by a name in a configuration file is not there: NSS, PAM, OpenSSL."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import REBUILD, shown
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.plugins import missing_plugins


def _run(evidence: Evidence) -> Iterable[Finding]:
    known = {(plugin.wanted_by, plugin.name) for plugin in missing_plugins(evidence.original)}
    for plugin in missing_plugins(evidence.rebased):
        if (plugin.wanted_by, plugin.name) in known or plugin.wanted_by not in evidence.own:
            continue
        yield Finding(
            CHECK.id,
            Severity.BLOCKER,
            f"{shown(plugin.wanted_by)} of the application names {printable(plugin.name)}, which the new base does "
            "not have",
            f"{REBUILD}, or install the module in the Dockerfile.",
            subject=printable(plugin.name),
            before=plugin.wanted_by,
        )


CHECK = LayerCheck("plugin-missing", "Modules that configuration files name are there", _run)
