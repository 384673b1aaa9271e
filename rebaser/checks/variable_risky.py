"""H64: the new base sets a variable that changes what every program loads or trusts."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.plan.model import PlatformPlan
from rebaser.printable import printable
from rebaser.request import Severity

_RISKY = frozenset(
    {
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "LD_AUDIT",
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PYTHONHOME",
        "NODE_OPTIONS",
        "NODE_EXTRA_CA_CERTS",
        "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS",
        "_JAVA_OPTIONS",
        "BASH_ENV",
        "ENV",
        "PERL5OPT",
        "PERL5LIB",
        "RUBYOPT",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "GCONV_PATH",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "DOTNET_STARTUP_HOOKS",
    }
)


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    if plan.draft is None:
        return
    before, after = (_variables(document.get("config")) for document in _documents(plan))
    for name, value in after.items():
        if name.upper() in _RISKY and name not in before:
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"The new base sets {printable(name)} to {printable(value)}, which changes what programs load or trust",
                "Look whether the application bears it; set the variable in its Dockerfile to have its own value.",
                subject=printable(name),
                after=value,
            )


def _documents(plan: PlatformPlan) -> Iterable[dict[str, object]]:
    yield dict(plan.original.config.document.json)
    yield dict(plan.draft.config) if plan.draft else {}


def _variables(settings: object) -> dict[str, str]:
    listed = settings.get("Env") if isinstance(settings, dict) else None
    entries = [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, list) else []
    return {name: value for name, _, value in (entry.partition("=") for entry in entries)}


CHECK = Check("variable-risky", "The new base sets nothing that changes what programs load", _run)
