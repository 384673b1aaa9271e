"""Options with which a later Java virtual machine does not start: `expired` ones in HotSpot's arguments.cpp."""

import re
from collections.abc import Iterator

# The feature version from which on the machine does not start with the option.
REMOVED = {
    **dict.fromkeys(
        (
            "PrintGCDateStamps",
            "PrintGCTimeStamps",
            "PrintGCApplicationStoppedTime",
            "PrintTenuringDistribution",
            "PrintHeapAtGC",
            "UseGCLogFileRotation",
            "NumberOfGCLogFiles",
            "GCLogFileSize",
        ),
        9,
    ),
    **dict.fromkeys(("UnlockCommercialFeatures", "UseParNewGC"), 11),
    "AggressiveOpts": 13,
    **dict.fromkeys(
        (
            "UseConcMarkSweepGC",
            "CMSParallelRemarkEnabled",
            "CMSInitiatingOccupancyFraction",
            "UseCMSInitiatingOccupancyOnly",
            "CMSScavengeBeforeRemark",
            "CMSClassUnloadingEnabled",
        ),
        15,
    ),
    **dict.fromkeys(("UseParallelOldGC", "UseAdaptiveGCBoundary"), 16),
    **dict.fromkeys(("MaxPermSize", "PermSize"), 17),
    **dict.fromkeys(("UseBiasedLocking", "BiasedLockingStartupDelay", "UseOptoBiasInlining"), 19),
}
_OPTION = re.compile(r"-XX:[+-]?([A-Za-z0-9]{1,80})")
_OBSOLETE_FLAGS = (("-Xincgc", 9), ("-Djava.security.manager=allow", 24), ("-Djava.ext.dirs", 9))


def removed_options(text: str, before: int, after: int) -> Iterator[str]:
    """Yield the options in a text that Java `before` starts with and Java `after` does not."""
    for match in _OPTION.finditer(text):
        if before < REMOVED.get(match[1], 0) <= after:
            yield match[0]
    for flag, version in _OBSOLETE_FLAGS:
        if before < version <= after and flag in text:
            yield flag
