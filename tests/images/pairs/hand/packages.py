"""Packages that the application installs itself, from an archive that stays what it is."""

from tests.images.pairs.ingredients import Certificates, Debs
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
_XZ = (shell("echo fine | xz | xz -d && apt-get check > /dev/null", prints="fine"),)
_CHECKED = (shell("apt-get check > /dev/null && echo fine", prints="fine"),)
_MAN = (shell("man --version > /dev/null && getent passwd man > /dev/null && echo fine", prints="fine"),)
_OWN_AUTHORITY = """\
COPY certificates /opt/certificates/
RUN cp /opt/certificates/own.crt /usr/local/share/ca-certificates/own.crt && update-ca-certificates
RUN useradd --uid 4711 --no-create-home app
"""
_TLS = """\
cd /opt/certificates && openssl s_server -quiet -www -cert server.crt -key server.key -accept 8443 &
for i in 1 2 3 4 5 6 7 8 9; do
  sleep 0.3
  openssl s_client -connect localhost:8443 -verify_return_error -brief < /dev/null > /tmp/told 2>&1 && break
done
grep 'Verification' /tmp/told
"""
_TRUSTED = (
    shell(_TLS, prints="Verification: OK"),
    shell("ldconfig -p | grep -c 'libssl.so.3 '; getent passwd app | cut -d: -f3", prints="1\n4711"),
)


def install(*names: str, options: str = "") -> str:
    """A Dockerfile that installs packages from its archive."""
    return _INSTALL.format(names=" ".join(names), options=options)


PAIRS = (
    Pair(
        "packages/less-refreshed",
        "bookworm",
        "updated",
        Truth.STALE,
        _LESS,
        install("less"),
        {},
        (Debs("bookworm", ("less",)),),
    ),
    Pair(
        "packages/less-upgraded",
        "bookworm",
        "trixie",
        Truth.STALE,
        _LESS,
        install("less"),
        {},
        (Debs("bookworm", ("less",)),),
    ),
    Pair(
        "packages/less-and-apt-check-upgraded",
        "bookworm",
        "trixie",
        Truth.STALE,
        _CHECK,
        install("less"),
        {},
        (Debs("bookworm", ("less",)),),
    ),
    Pair(
        "packages/cron-refreshed",
        "bookworm",
        "updated",
        Truth.STALE,
        _CRON,
        install("cron"),
        {},
        (Debs("bookworm", ("cron",)),),
    ),
    Pair(
        "packages/sqlite-upgraded",
        "bookworm",
        "trixie",
        Truth.BREAKS,
        _SQLITE,
        install("sqlite3"),
        {},
        (Debs("bookworm", ("sqlite3",)),),
    ),
    Pair(
        "packages/python-module-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.STALE,
        _YAML,
        install("python3-yaml"),
        {},
        (Debs("python-bookworm", ("python3-yaml",)),),
    ),
    Pair(
        "packages/python-module-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        _YAML,
        install("python3-yaml"),
        {},
        (Debs("python-bookworm", ("python3-yaml",)),),
    ),
    Pair(
        "packages/git-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.STALE,
        _GIT,
        install("git"),
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
    Pair(
        "packages/dependency-is-newer-refreshed",
        "bookworm",
        "updated",
        Truth.STALE,
        _XZ,
        install("xz-utils"),
        {},
        (Debs("bookworm", ("xz-utils",)),),
    ),
    Pair(
        "packages/dependency-is-newer-upgraded",
        "bookworm",
        "trixie",
        Truth.STALE,
        _XZ,
        install("xz-utils"),
        {},
        (Debs("bookworm", ("xz-utils",)),),
    ),
    Pair(
        "packages/dependency-has-to-be-of-one-version",
        "bookworm",
        "updated",
        Truth.BREAKS,
        _CHECKED,
        install("liblzma-dev"),
        {},
        (Debs("bookworm", ("liblzma-dev",)),),
    ),
    Pair(
        "packages/triggers-of-manuals-refreshed",
        "bookworm",
        "updated",
        Truth.STALE,
        _MAN,
        install("man-db"),
        {},
        (Debs("bookworm", ("man-db",)),),
    ),
    Pair(
        "packages/triggers-of-manuals-upgraded",
        "bookworm",
        "trixie",
        Truth.BREAKS,
        _MAN,
        install("man-db"),
        {},
        (Debs("bookworm", ("man-db",)),),
    ),
    Pair(
        "packages/authorities-and-an-own-one-refreshed",
        "bookworm",
        "updated",
        Truth.STALE,
        _TRUSTED,
        install("ca-certificates") + _OWN_AUTHORITY,
        {},
        (Debs("bookworm", ("ca-certificates",)), Certificates()),
    ),
    Pair(
        "packages/authorities-and-an-own-one-upgraded",
        "bookworm",
        "trixie",
        Truth.STALE,
        _TRUSTED,
        install("ca-certificates") + _OWN_AUTHORITY,
        {},
        (Debs("bookworm", ("ca-certificates",)), Certificates()),
    ),
)
