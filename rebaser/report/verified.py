"""The part of the report that tells how a rebased image differs from a rebuilt one."""

from typing import Final

from rebaser.oci.strict_json import Json
from rebaser.plan.deviation import Deviation, PlatformVerification, Verification
from rebaser.printable import printable
from rebaser.report import model

SHOWN: Final = 200  # differences of a platform; the counts are of all


def verify_entry(verification: Verification) -> model.VerifyEntry:
    """Return it, with the first differences of each platform: those that nobody expects come first."""
    return model.VerifyEntry(rebased=verification.rebased, platforms=[_platform(one) for one in verification.platforms])


def _platform(found: PlatformVerification) -> model.VerifiedPlatform:
    first = sorted(found.deviations, key=lambda one: bool(one.expected))[:SHOWN]
    return model.VerifiedPlatform(
        platform=printable(found.platform),
        config=found.count("config"),
        packages=found.count("package"),
        files=found.count("file"),
        expected=len(found.deviations) - found.unexpected,
        unexpected=found.unexpected,
        differences=[_difference(one) for one in first],
    )


def _difference(one: Deviation) -> model.DifferenceEntry:
    return model.DifferenceEntry(
        kind=one.kind,
        change=one.change,
        subject=printable(one.subject),
        before=_shown(one.before),
        after=_shown(one.after),
        expected=one.expected,
    )


def _shown(value: Json) -> Json:
    return printable(value) if isinstance(value, str) else value
