"""Places that are a directory in one base and a link in the other; languages and time zones."""

from tests.images.pairs.hand.packages import install
from tests.images.pairs.ingredients import Debs
from tests.images.pairs.model import Pair, Truth, executes, shell

_FROM = "ARG BASE\nFROM ${BASE}\n"
_TOOL = {"tool": "#!/bin/sh\necho tool\n"}
_DATE = "date --date=2026-07-01T12:00:00Z +%H"
_LOCALE = "RUN echo 'de_DE.UTF-8 UTF-8' > /etc/locale.gen && locale-gen\nENV LANG=de_DE.UTF-8\n"
_GERMAN = "python3 -c 'import locale; locale.setlocale(locale.LC_ALL, \"\"); print(locale.str(1.5))'"

PAIRS = (
    Pair(
        "places/program-in-bin-of-a-split-system",
        "bullseye",
        "bookworm",
        Truth.WORKS,
        (shell("tool", prints="tool"),),
        _FROM + "COPY tool /bin/tool\n",
        _TOOL,
    ),
    Pair(
        "places/library-in-lib-of-a-split-system",
        "bullseye",
        "bookworm",
        Truth.WORKS,
        (executes("/usr/bin/tool", prints="tool"),),
        _FROM + "COPY note /lib/x86_64-linux-gnu/own/note\nCOPY tool /usr/bin/tool\n",
        {**_TOOL, "note": "note\n"},
    ),
    Pair(
        "places/package-in-bin-of-a-split-system",
        "bullseye",
        "bookworm",
        Truth.BREAKS,
        (shell("/bin/ed --version | grep -c GNU > /dev/null; ed --version > /dev/null; dpkg -S /bin/ed | wc -l", "1"),),
        install("ed"),
        {},
        (Debs("bullseye", ("ed",)),),
    ),
    Pair(
        "places/program-in-usr-local-of-a-split-system",
        "bullseye",
        "bookworm",
        Truth.WORKS,
        (shell("tool", prints="tool"),),
        _FROM + "COPY tool /usr/local/bin/tool\n",
        _TOOL,
    ),
    Pair(
        "places/program-in-usr-bin-to-a-split-system",
        "bookworm",
        "bullseye",
        Truth.WORKS,
        (shell("tool", prints="tool"),),
        _FROM + "COPY tool /usr/bin/tool\n",
        _TOOL,
    ),
    Pair(
        "places/program-in-bin-to-a-split-system",
        "bookworm",
        "bullseye",
        Truth.STALE,
        (shell("tool", prints="tool"),),
        _FROM + "COPY tool /bin/tool\n",
        _TOOL,
    ),
    Pair(
        "places/below-var-run",
        "bookworm",
        "trixie",
        Truth.WORKS,
        (shell("cat /run/own/note", prints="note"),),
        _FROM + "COPY note /var/run/own/note\n",
        {"note": "note\n"},
    ),
    Pair(
        "places/directory-became-a-link",
        "data-directory",
        "data-link",
        Truth.WORKS,
        (shell("cat /opt/plugins/own /opt/plugins/core", prints="own\ncore"),),
        _FROM + "COPY own /opt/plugins/own\n",
        {"own": "own\n"},
    ),
    Pair(
        "places/directory-has-more-in-it",
        "data-directory",
        "data-more",
        Truth.WORKS,
        (shell("cat /opt/plugins/own /opt/plugins/core", prints="own\ncore"),),
        _FROM + "COPY own /opt/plugins/own\n",
        {"own": "own\n"},
    ),
    Pair(
        "places/link-of-the-base-written-through",
        "data-link",
        "data-more",
        Truth.BREAKS,
        (shell("cat /opt/plugins/own /opt/plugins/core", prints="own\ncore"),),
        _FROM + "COPY own /opt/plugins/own\n",
        {"own": "own\n"},
    ),
    Pair(
        "places/time-zone",
        "python-bookworm",
        "python-trixie",
        Truth.WORKS,
        (shell(_DATE, prints="14"),),
        _FROM + "ENV TZ=Europe/Berlin\n",
    ),
    Pair(
        "places/time-zone-of-old",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        (shell(_DATE, prints="05"),),
        _FROM + "ENV TZ=US/Pacific\n",
    ),
    Pair(
        "places/local-time-of-old",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        (shell(_DATE, prints="05"),),
        _FROM + "RUN ln -sf /usr/share/zoneinfo/US/Pacific /etc/localtime\n",
    ),
    Pair(
        "places/own-locale-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.WORKS,
        (shell(_GERMAN, prints="1,5"),),
        _FROM + _LOCALE,
    ),
    Pair(
        "places/own-locale-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.STALE,
        (shell(_GERMAN, prints="1,5"),),
        _FROM + _LOCALE,
    ),
    Pair(
        "places/locale-of-the-base",
        "bookworm",
        "trixie",
        Truth.WORKS,
        (shell("printf 'é' | wc -m", prints="1"),),
        _FROM + "ENV LC_ALL=C.UTF-8\n",
    ),
)
