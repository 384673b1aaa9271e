"""Paths with a meaning of their own: databases, lists of accounts, bundles, and what nothing is concluded from."""

ACCOUNTS = ("etc/passwd", "etc/group", "etc/shadow", "etc/gshadow", "etc/subuid", "etc/subgid")
LOADER_CACHE = "etc/ld.so.cache"
BUNDLES = (
    "etc/ssl/certs/ca-certificates.crt",
    "etc/ssl/certs/ca-bundle.crt",
    "etc/ssl/ca-bundle.pem",
    "etc/ssl/cert.pem",
    "etc/pki/tls/certs/ca-bundle.crt",
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "var/lib/ca-certificates/ca-bundle.pem",
)
KEY_STORES = ("etc/ssl/certs/java/cacerts", "etc/pki/java/cacerts", "etc/pki/ca-trust/extracted/java/cacerts")
DATABASES = (
    "var/lib/dpkg/status",
    "lib/apk/db/installed",
    "usr/lib/apk/db/installed",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/Packages",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/share/rpm/rpmdb.sqlite",
)
_BESIDE_DATABASES = (
    "var/lib/dpkg/",
    "var/lib/apt/",
    "var/lib/rpm/",
    "usr/lib/sysimage/rpm/",
    "usr/share/rpm/",
    "lib/apk/db/",
    "usr/lib/apk/db/",
)
_TRANSIENT = (
    "var/cache/",
    "var/lib/apt/lists/",
    "var/log/",
    "var/tmp/",
    "tmp/",
    "run/",
    "var/run/",
    "dev/",
    "proc/",
    "sys/",
    "root/.",
)
_CACHES = ("etc/.pwd.lock", "etc/ld.so.cache~", "etc/machine-id", "etc/resolv.conf", "etc/hosts", "etc/hostname")
_BACKUPS = tuple(f"{path}-" for path in ACCOUNTS)
_OWN_CHECK = frozenset({*ACCOUNTS, LOADER_CACHE, *BUNDLES, *KEY_STORES, *DATABASES})


def is_judged_elsewhere(path: str) -> bool:
    """Answer whether another check looks at the path, or a repair of what that check finds brings it in order."""
    return path in _OWN_CHECK or path.startswith((*_BESIDE_DATABASES, "etc/alternatives/"))


MOUNT_POINTS = frozenset({"dev", "proc", "sys"})
"""Directories that a builder makes in the layer of every step, for the container in which it runs."""


def is_transient(path: str) -> bool:
    """Answer whether what stands there is a cache, a log or a copy that nothing is to be concluded from."""
    return path.startswith(_TRANSIENT) or path in _CACHES or path in _BACKUPS or path.endswith((".pyc", ".pyo"))
