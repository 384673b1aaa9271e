"""Which files' contents an index keeps, and how much of each.

Asked for every file of an image, so it only looks names up: no pattern is tried one after another. The first bytes of
a file are kept up to the limit; whether that is all of it, its size tells.
"""

KIB = 1024
MIB = 1024 * KIB

_ACCOUNTS = ("passwd", "group", "shadow", "gshadow", "subuid", "subgid")
_RPM_DATABASES = ("Packages", "Packages.db", "rpmdb.sqlite", "rpmdb.sqlite-wal", "Index.db")

# By the whole path.
EXACT = {
    **{f"etc/{name}": MIB for name in _ACCOUNTS},
    **{
        f"{home}/{name}": 256 * MIB
        for home in ("var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm")
        for name in _RPM_DATABASES
    },
    "var/lib/dpkg/status": 64 * MIB,
    "var/lib/dpkg/diversions": MIB,
    "var/lib/dpkg/statoverride": MIB,
    "var/lib/dpkg/arch": 4 * KIB,
    "var/lib/apt/extended_states": 4 * MIB,
    "etc/apt/sources.list": MIB,
    "etc/apk/world": MIB,
    "etc/apk/arch": 4 * KIB,
    "etc/apk/repositories": MIB,
    "etc/os-release": 64 * KIB,
    "usr/lib/os-release": 64 * KIB,
    "etc/debian_version": 4 * KIB,
    "etc/alpine-release": 4 * KIB,
    "etc/ld.so.conf": MIB,
    "etc/ld.so.cache": 16 * MIB,
    "etc/ld.so.preload": 64 * KIB,
    "etc/ssl/certs/ca-certificates.crt": 16 * MIB,
    "etc/ssl/certs/ca-bundle.crt": 16 * MIB,
    "etc/ssl/ca-bundle.pem": 16 * MIB,
    "etc/ssl/cert.pem": 16 * MIB,
    "etc/pki/tls/certs/ca-bundle.crt": 16 * MIB,
    "var/lib/ca-certificates/ca-bundle.pem": 16 * MIB,
    "etc/ca-certificates.conf": MIB,
    "etc/nsswitch.conf": 64 * KIB,
    "usr/etc/nsswitch.conf": 64 * KIB,
    "etc/shells": 64 * KIB,
    "etc/environment": 64 * KIB,
    "etc/login.defs": 64 * KIB,
    "etc/default/useradd": 64 * KIB,
    "etc/adduser.conf": 64 * KIB,
    "etc/timezone": 4 * KIB,
    "etc/locale.conf": 64 * KIB,
    "etc/default/locale": 64 * KIB,
    "etc/crypto-policies/config": 4 * KIB,
    "etc/crypto-policies/back-ends/opensslcnf.config": MIB,
}

# By the directory a file lies in (not below it), then by its ending; "" is any ending.
DIRECTORIES = {
    "var/lib/dpkg/status.d": {"": 16 * MIB},
    "var/lib/dpkg/alternatives": {"": MIB},
    "var/lib/alternatives": {"": MIB},
    "etc/apt/sources.list.d": {"list": MIB, "sources": MIB},
    "etc/yum.repos.d": {"repo": MIB},
    "etc/zypp/repos.d": {"repo": MIB},
    "lib/apk/db": {"": 64 * MIB},
    "usr/lib/apk/db": {"": 64 * MIB},
    "etc": {"path": 64 * KIB},  # ld-musl-x86_64.path
    "etc/ld.so.conf.d": {"": MIB},
    "etc/pam.d": {"": 64 * KIB},
    "usr/lib/pam.d": {"": 64 * KIB},
    "etc/pki/tls/openssl.d": {"": MIB},
    "etc/ssl/openssl.cnf.d": {"": MIB},
}

# By the file's own name, wherever it lies, if its directory ends so.
NAMES = {
    "cacerts": (4 * MIB, ""),
    "tls-ca-bundle.pem": (16 * MIB, ""),
    "openssl.cnf": (MIB, ""),
    "pyvenv.cfg": (16 * KIB, ""),
    "METADATA": (64 * KIB, ".dist-info"),
    "WHEEL": (64 * KIB, ".dist-info"),
    "node_version.h": (64 * KIB, ""),
    "release": (64 * KIB, ""),
}

# By the ending, below any of these directories; "" is the root.
SUFFIXES = {
    "ini": (256 * KIB, ("etc/php", "usr/local/etc/php")),
    "class": (8, ("",)),
    "pyc": (16, ("",)),
    "jsa": (4 * KIB, ("",)),
}

_RUNTIME_CONFIG = ".runtimeconfig.json"
_RUNTIME_CONFIG_LIMIT = MIB
_PACKAGE_JSON_LIMIT = 64 * KIB
_SCRIPT_LIMIT = 64 * KIB
_JAR_LIMIT = 64 * MIB
_JARS = ("jar", "war", "ear")
_EXECUTABLE = 0o111


def body_wanted(path: str) -> int:
    """Return how many of a file's first bytes are kept, 0 for none; `path` has no leading slash."""
    limit = EXACT.get(path)
    if limit:
        return limit
    directory, _, name = path.rpartition("/")
    _, dot, ending = name.rpartition(".")
    suffix = ending if dot else ""
    beside = DIRECTORIES.get(directory)
    if beside:
        return beside.get(suffix) or beside.get("") or 0
    named = NAMES.get(name)
    if named:
        return named[0] if directory.endswith(named[1]) else 0
    if suffix == "json":
        return _json_wanted(directory, name)
    ended = SUFFIXES.get(suffix)
    return ended[0] if ended and path.startswith(ended[1]) else 0


def script_wanted(mode: int, first: bytes) -> int:
    """Return how many bytes of a script are kept, 0 when `mode` and the `first` bytes say that it is not one."""
    return _SCRIPT_LIMIT if mode & _EXECUTABLE and first.startswith(b"#!") else 0


def jar_wanted(path: str) -> int:
    """Return up to how many bytes an archive may have for `java.read_jar` to look into it, 0 when it is none.

    Such a body is read while the layer streams past, and only what was found in it is kept.
    """
    return _JAR_LIMIT if path.rpartition(".")[2] in _JARS else 0


def _json_wanted(directory: str, name: str) -> int:
    if name.endswith(_RUNTIME_CONFIG):
        return _RUNTIME_CONFIG_LIMIT
    # An application's own says which node it wants; those of what it installed are many, and say little.
    own = name == "package.json" and "node_modules" not in directory
    return _PACKAGE_JSON_LIMIT if own else 0
