"""What a check is, and what it finds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from rebaser.oci.strict_json import Json
from rebaser.plan.model import PlatformPlan
from rebaser.request import Severity

if TYPE_CHECKING:  # start-up: layers are not looked into before there is something to compare
    from rebaser.plan.evidence import Evidence
    from rebaser.trial.model import Trial


Told: TypeAlias = "Json | list[str] | list[int]"


class Status(StrEnum):
    """What became of a check. A crashed one stops the rebase: nobody knows what it would have found."""

    PASSED = "passed"
    FOUND = "found"
    SKIPPED = "skipped"
    CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the rebase makes worse, or that should be known.

    `subject` is a path, a variable or a layer; `absolute` findings can be neither tolerated nor forced. What is not
    `rebuildable` stands in the way of a build from source on the new base as well.
    """

    check: str
    severity: Severity
    message: str
    remedy: str
    subject: str = ""
    before: Told = None
    after: Told = None
    absolute: bool = False
    rebuildable: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """A question to a platform's plan; `id` is also the name of its doc page and, with `_`, of its file."""

    id: str
    title: str
    run: Callable[[PlatformPlan], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """A question to what the layers hold; `id` as in `Check`."""

    id: str
    title: str
    run: Callable[["Evidence"], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class TrialCheck:
    """A question to what came of trying the result; `id` as in `Check`."""

    id: str
    title: str
    run: Callable[["Trial"], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check's answer for the platform at `place`; `reason` says why it was skipped or how it crashed."""

    check: str
    place: tuple[int, ...]
    status: Status
    findings: tuple[Finding, ...] = ()
    reason: str = ""
