"""H45, H46: the new base's C library wants a newer processor, or a newer kernel, than the old one's."""

from collections.abc import Iterable

from rebaser.checks.base import Finding, LayerCheck
from rebaser.contents.elf import Elf
from rebaser.plan.evidence import Evidence
from rebaser.request import Severity
from rebaser.system.model import System

_LIBRARIES = ("libc.so.6", "libpthread.so.0", "ld-linux-x86-64.so.2")
_LEVELS = ("baseline", "x86-64-v2", "x86-64-v3", "x86-64-v4")
_DIRECTORIES = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64", "usr/lib64", "lib", "usr/lib")
_RED_HAT = {"9": 1, "10": 2}  # by major release; its libraries do not always say so themselves


def _run(evidence: Evidence) -> Iterable[Finding]:
    before, after = _level(evidence.old), _level(evidence.new)
    if after > before:
        yield Finding(
            CHECK.id,
            Severity.WARNING,
            f"The new base is built for {_LEVELS[after]} processors, the old one for {_LEVELS[before]}",
            "Make sure that all hosts have such processors, or choose another base in `new-base`.",
            subject=_LEVELS[after],
            before=_LEVELS[before],
            after=_LEVELS[after],
        )
    was, now = _kernel(evidence.old), _kernel(evidence.new)
    if was and now and now > was:
        yield Finding(
            CHECK.id,
            Severity.NOTE,
            f"The new base's C library wants Linux {_dotted(now)} or newer, the old one's {_dotted(was)}",
            "Make sure that no host's kernel is older.",
            subject="kernel",
            before=_dotted(was),
            after=_dotted(now),
        )


def _c_library(system: System) -> Elf | None:
    for directory in _DIRECTORIES:
        for name in _LIBRARIES:
            entry = system.files.find(f"{directory}/{name}")
            if entry is not None and isinstance(entry.facts, Elf):
                return entry.facts
    return None


def _level(system: System) -> int:
    library, release = _c_library(system), system.release
    said = max(library.isa_needed.bit_length() - 1, 0) if library and library.isa_needed else 0
    like = {release.id, *release.id_like} if release else set()
    red_hat = "rhel" in like and library is not None and library.machine == 62  # noqa: PLR2004
    told = _RED_HAT.get((release.version_id or "").partition(".")[0], 0) if red_hat and release else 0
    return min(max(said, told), len(_LEVELS) - 1)


def _kernel(system: System) -> tuple[int, ...]:
    library = _c_library(system)
    return tuple(library.kernel or ()) if library else ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


CHECK = LayerCheck("processor-baseline", "The new base wants no newer processor or kernel", _run)
