"""H34: the new base declares a volume where the application has files."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import shown
from rebaser.oci.strict_json import JsonObject
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = _volumes(evidence.original.settings), _volumes(evidence.rebased.settings)
    for volume in after:
        place = (evidence.rebased.files.real_path(volume) or volume).strip("/")
        inside = [path for path in evidence.own if path.startswith(f"{place}/")]
        if volume not in before and inside:
            yield Finding(
                CHECK.id,
                Severity.WARNING,
                f"The new base declares the volume {shown(volume)}, where the application has {len(inside)} files: "
                "what is mounted there hides them",
                "Look at how the volume is mounted; rebuild the image on a base without it if the files are needed.",
                subject=shown(volume),
                after=inside[:20],
            )


def _volumes(settings: JsonObject) -> tuple[str, ...]:
    told = settings.get("Volumes")
    return tuple(told) if isinstance(told, dict) else ()


CHECK = LayerCheck("volume-hides", "No new volume lies over the application's files", _run)
