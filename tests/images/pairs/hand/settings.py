"""What the base sets and the application inherits: working directory, triggers, alternatives, diversions."""

from tests.images.pairs.model import Pair, Truth, shell, starts

_FROM = "ARG BASE\nFROM ${BASE}\n"
_SERVE = {"serve": "#!/bin/sh\necho served from $(dirname $(readlink -f $0))\n"}
_ALTERNATIVE = """\
ARG BASE
FROM ${BASE}
COPY mypager /opt/mypager
RUN update-alternatives --install /usr/bin/pager pager /opt/mypager 90
"""
_VIEWER = "RUN update-alternatives --install /usr/bin/viewer viewer /opt/mine"
_VIEWED = _FROM + "COPY mine /opt/mine\nCOPY mine.txt /opt/mine.txt\n" + _VIEWER
_WITH_SLAVE = "--slave /usr/share/viewer.txt viewer.txt /opt/mine.txt"
_MINE = {"mine": "#!/bin/sh\necho mine\n", "mine.txt": "my manual\n"}
_IS_MINE = (shell("viewer; cat /usr/share/viewer.txt", prints="mine\nmy manual"),)
_IS_THERE = (shell("update-alternatives --query viewer > /dev/null && test -x /usr/bin/viewer"),)
_DIVERTED = """\
ARG BASE
FROM ${BASE}
RUN dpkg-divert --local --rename --add /usr/bin/lsblk
COPY lsblk /usr/bin/lsblk
"""

PAIRS = (
    Pair(
        "settings/working-directory-changed",
        "workdir-app",
        "workdir-srv",
        Truth.STALE,
        (starts(prints="served from /app"),),
        _FROM + 'COPY serve ./\nCMD ["./serve"]\n',
        _SERVE,
    ),
    Pair(
        "settings/working-directory-of-its-own",
        "workdir-app",
        "workdir-srv",
        Truth.WORKS,
        (starts(prints="served from /own"),),
        _FROM + 'WORKDIR /own\nCOPY serve ./\nCMD ["./serve"]\n',
        _SERVE,
    ),
    Pair(
        "settings/trigger-kept",
        "trigger",
        "trigger-refreshed",
        Truth.WORKS,
        (shell("cat /srv/app/note", prints="note"),),
        _FROM,
        {"note": "note\n"},
    ),
    Pair(
        "settings/trigger-changed",
        "trigger",
        "trigger-changed",
        Truth.STALE,
        (shell("cat /srv/app/note", prints="note"),),
        _FROM,
        {"note": "note\n"},
    ),
    Pair(
        "settings/own-alternative-refreshed",
        "bookworm",
        "updated",
        Truth.WORKS,
        (shell("pager", prints="mine"),),
        _ALTERNATIVE,
        {"mypager": "#!/bin/sh\necho mine\n"},
    ),
    Pair(
        "settings/own-alternative-upgraded",
        "bookworm",
        "trixie",
        Truth.WORKS,
        (shell("pager", prints="mine"),),
        _ALTERNATIVE,
        {"mypager": "#!/bin/sh\necho mine\n"},
    ),
    Pair(
        "settings/own-alternative-beside-the-same",
        "viewer",
        "viewer-refreshed",
        Truth.WORKS,
        _IS_MINE,
        f"{_VIEWED} 90 {_WITH_SLAVE}\n",
        _MINE,
    ),
    Pair(
        "settings/own-alternative-beside-more",
        "viewer",
        "viewer-more",
        Truth.STALE,
        _IS_MINE,
        f"{_VIEWED} 90 {_WITH_SLAVE}\n",
        _MINE,
    ),
    Pair(
        "settings/own-alternative-beside-a-better-one",
        "viewer",
        "viewer-more",
        Truth.STALE,
        _IS_THERE,
        f"{_VIEWED} 20 {_WITH_SLAVE}\n",
        _MINE,
    ),
    Pair(
        "settings/own-alternative-chosen-beside-a-better-one",
        "viewer",
        "viewer-more",
        Truth.STALE,
        _IS_MINE,
        f"{_VIEWED} 20 {_WITH_SLAVE} && update-alternatives --set viewer /opt/mine\n",
        _MINE,
    ),
    Pair(
        "settings/alternative-of-the-base-removed",
        "viewer",
        "viewer-more",
        Truth.STALE,
        (shell("! update-alternatives --list viewer | grep -x /bin/cat"),),
        _FROM + "RUN update-alternatives --remove viewer /bin/cat\n",
    ),
    Pair(
        "settings/diverted-refreshed",
        "bookworm",
        "updated",
        Truth.WORKS,
        (shell("lsblk; lsblk.distrib --version > /dev/null", prints="mine"),),
        _DIVERTED,
        {"lsblk": "#!/bin/sh\necho mine\n"},
    ),
    Pair(
        "settings/diverted-upgraded",
        "bookworm",
        "trixie",
        Truth.STALE,
        (shell("lsblk; lsblk.distrib --version > /dev/null", prints="mine"),),
        _DIVERTED,
        {"lsblk": "#!/bin/sh\necho mine\n"},
    ),
)
