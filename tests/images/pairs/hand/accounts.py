"""Accounts: users that the application adds, and users that it has from its base."""

from tests.images.pairs.model import Pair, Truth, shell, starts

_ADDED = """\
ARG BASE
FROM ${BASE}
RUN useradd --uid 4711 --create-home app && mkdir /var/lib/app && chown app:app /var/lib/app
USER app
WORKDIR /var/lib/app
CMD ["sh", "-c", "echo kept > file && cat file && id -un"]
"""
_BY_NUMBER = """\
ARG BASE
FROM ${BASE}
RUN mkdir /var/lib/app && chown 4711:4711 /var/lib/app
USER 4711:4711
CMD ["sh", "-c", "echo kept > /var/lib/app/file && cat /var/lib/app/file && id -u"]
"""
_INHERITED = """\
ARG BASE
FROM ${BASE}
USER root
RUN mkdir /var/lib/app && chown app:app /var/lib/app
USER app
CMD ["sh", "-c", "echo kept > /var/lib/app/file && cat /var/lib/app/file"]
"""
_GROUP = """\
ARG BASE
FROM ${BASE}
RUN groupadd --gid 4000 workers && useradd --uid 4711 --groups workers app && install -d -g workers -m 2770 /var/lib/app
USER app
"""
_CHANGED = """\
ARG BASE
FROM ${BASE}
RUN groupadd --gid 4000 workers && useradd --uid 4711 --gid workers app \\
 && usermod --append --groups staff,workers www-data && usermod --shell /bin/sh --home /srv/games games \\
 && passwd --delete games > /dev/null && userdel irc
"""
_ADDUSER_AT_START = """\
ARG BASE
FROM ${BASE}
COPY start /usr/local/bin/start
ENTRYPOINT ["start"]
"""
_ALL_CHANGED = (
    shell(
        "id -nG www-data; getent passwd games | cut -d: -f6,7; getent shadow games | cut -d: -f2; ! getent passwd irc",
        prints="www-data staff workers\n/srv/games:/bin/sh",
    ),
)
_KEPT = (starts(prints="kept\napp"),)
_KEPT_ONLY = (starts(prints="kept"),)

PAIRS = (
    Pair("accounts/added-refreshed", "bookworm", "updated", Truth.WORKS, _KEPT, _ADDED),
    Pair("accounts/added-upgraded", "bookworm", "trixie", Truth.STALE, _KEPT, _ADDED),
    Pair("accounts/added-upgraded-from-bullseye", "bullseye", "bookworm", Truth.STALE, _KEPT, _ADDED),
    Pair("accounts/by-number-upgraded", "bookworm", "trixie", Truth.WORKS, (starts(prints="kept\n4711"),), _BY_NUMBER),
    Pair(
        "accounts/by-number-downgraded", "trixie", "bookworm", Truth.WORKS, (starts(prints="kept\n4711"),), _BY_NUMBER
    ),
    Pair("accounts/inherited-refreshed", "user-1000", "user-1000-refreshed", Truth.WORKS, _KEPT_ONLY, _INHERITED),
    Pair("accounts/inherited-with-another-number", "user-1000", "user-1001", Truth.BREAKS, _KEPT_ONLY, _INHERITED),
    Pair("accounts/inherited-and-gone", "user-1000", "user-none", Truth.BREAKS, _KEPT_ONLY, _INHERITED),
    Pair(
        "accounts/own-group-refreshed",
        "bookworm",
        "updated",
        Truth.WORKS,
        (shell("touch /var/lib/app/file && stat -c %G /var/lib/app/file", prints="workers"),),
        _GROUP,
    ),
    Pair("accounts/those-of-the-base-changed-refreshed", "bookworm", "updated", Truth.WORKS, _ALL_CHANGED, _CHANGED),
    Pair("accounts/those-of-the-base-changed-upgraded", "bookworm", "trixie", Truth.STALE, _ALL_CHANGED, _CHANGED),
    Pair(
        "accounts/added-when-it-starts",
        "bookworm",
        "trixie",
        Truth.BREAKS,
        (starts(prints="late"),),
        _ADDUSER_AT_START,
        {"start": "#!/bin/sh -e\nadduser --quiet --disabled-password --gecos '' late\nid -un late\n"},
    ),
)
