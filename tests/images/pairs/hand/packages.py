"""Packages that the application installs itself, from an archive that stays what it is."""

from tests.images.pairs.ingredients import Debs
from tests.images.pairs.model import Pair, Truth, shell

_INSTALL = """\
ARG BASE
FROM ${{BASE}}
COPY archive /opt/archive/
RUN echo "deb [trusted=yes] file:/opt/archive ./" > /etc/apt/sources.list.d/frozen.list \\
 && apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends {options} {names} \\
 && rm -rf /var/lib/apt/lists/*
"""
_LESS = (shell("less --version > /dev/null && dpkg --status less > /dev/null && echo fine", prints="fine"),)
_YAML = (
    shell("python3 -c 'import yaml; print(yaml.safe_load(\"a: 1\"), yaml.__with_libyaml__)'", prints="{'a': 1} True"),
)
_CRON = (shell("getent group crontab > /dev/null && test -g /usr/bin/crontab && echo fine", prints="fine"),)
_SQLITE = (shell("sqlite3 :memory: 'select 6*7'", prints="42"),)
_GIT = (shell("cd /tmp && git init --quiet x && git -C x status --short && echo fine", prints="fine"),)
_CHECK = (shell("apt-get check > /dev/null && less --version > /dev/null && echo fine", prints="fine"),)


def _install(*names: str, options: str = "") -> str:
    return _INSTALL.format(names=" ".join(names), options=options)


PAIRS = (
    Pair(
        "packages/less-refreshed",
        "bookworm",
        "updated",
        Truth.STALE,
        _LESS,
        _install("less"),
        {},
        (Debs("bookworm", ("less",)),),
    ),
    Pair(
        "packages/less-upgraded",
        "bookworm",
        "trixie",
        Truth.STALE,
        _LESS,
        _install("less"),
        {},
        (Debs("bookworm", ("less",)),),
    ),
    Pair(
        "packages/less-and-apt-check-upgraded",
        "bookworm",
        "trixie",
        Truth.STALE,
        _CHECK,
        _install("less"),
        {},
        (Debs("bookworm", ("less",)),),
    ),
    Pair(
        "packages/cron-refreshed",
        "bookworm",
        "updated",
        Truth.STALE,
        _CRON,
        _install("cron"),
        {},
        (Debs("bookworm", ("cron",)),),
    ),
    Pair(
        "packages/sqlite-upgraded",
        "bookworm",
        "trixie",
        Truth.STALE,
        _SQLITE,
        _install("sqlite3"),
        {},
        (Debs("bookworm", ("sqlite3",)),),
    ),
    Pair(
        "packages/python-module-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.STALE,
        _YAML,
        _install("python3-yaml"),
        {},
        (Debs("python-bookworm", ("python3-yaml",)),),
    ),
    Pair(
        "packages/python-module-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        _YAML,
        _install("python3-yaml"),
        {},
        (Debs("python-bookworm", ("python3-yaml",)),),
    ),
    Pair(
        "packages/git-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.STALE,
        _GIT,
        _install("git"),
        {},
        (Debs("python-bookworm", ("git",)),),
    ),
    Pair(
        "packages/removes-one-of-the-base",
        "python-bookworm",
        "python-updated",
        Truth.STALE,
        (shell("! command -v curl", prints=""),),
        "ARG BASE\nFROM ${BASE}\nRUN dpkg --purge curl\n",
    ),
)
