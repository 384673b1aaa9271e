"""H75: the new base brings a label by which the host is controlled: routes, updates, mounts."""

from collections.abc import Iterable

from rebaser.checks.base import Check, Finding
from rebaser.plan.model import PlatformPlan
from rebaser.printable import printable
from rebaser.request import Severity

_CONTROL = (
    "traefik.",
    "com.centurylinklabs.watchtower.",
    "io.containers.autoupdate",
    "com.ouroboros.",
    "ofelia.",
    "caddy",
    "docker-volume-backup.",
    "io.kubernetes.cri-o.",
    "containerd.io/",
    "run.oci.",
    "RUN",
    "INSTALL",
    "UNINSTALL",
)


def _run(plan: PlatformPlan) -> Iterable[Finding]:
    if plan.draft is None:
        return
    before, after = (
        _labels(document.get("config")) for document in (plan.original.config.document.json, plan.draft.config)
    )
    for name in after:
        if name not in before and name.startswith(_CONTROL):
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"The new base brings the label {printable(name)}, by which programs on the host are controlled",
                "Look whether that is wanted; set the label in the application's Dockerfile to have its own value.",
                subject=printable(name),
                after=str(after[name]),
            )


def _labels(settings: object) -> dict[str, object]:
    told = settings.get("Labels") if isinstance(settings, dict) else None
    return dict(told) if isinstance(told, dict) else {}


CHECK = Check("label-control", "The new base brings no label that controls the host", _run)
