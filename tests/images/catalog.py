"""Everything there is to build: trees out of packages, bases on the trees, applications on the bases."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.images.rootfs import Rootfs

_BUSYBOX_NAMES = "sh cat cp echo env id ls mkdir rm touch true"


def _jre(version: int, suite: str) -> Rootfs:
    link = f'ln -s java-{version}-openjdk-$(dpkg --print-architecture) "$1/usr/lib/jvm/{version}"'
    # Java's key store holds the moment at which it was made.
    undated = 'rm -f "$1/etc/ssl/certs/java/cacerts"'
    return Rootfs(f"jre-{version}", (suite,), (f"openjdk-{version}-jre-headless",), hooks=(link, undated))


BOOKWORM = Rootfs("bookworm", ("bookworm",), archive=("cron", "less"))
BOOKWORM_UPDATED = Rootfs("bookworm-updated", ("bookworm", "bookworm-updates", "bookworm-security"))
TRIXIE = Rootfs("trixie", ("trixie",))
JRE_17 = _jre(17, "bookworm")
JRE_21 = _jre(21, "trixie")
TINY = Rootfs(
    "tiny",
    ("bookworm",),
    ("busybox-static",),
    variant="extract",
    hooks=(
        f'for name in {_BUSYBOX_NAMES}; do ln -s busybox "$1/bin/$name"; done',
        'echo "app:x:1000:1000::/:/bin/sh" > "$1/etc/passwd"; echo "app:x:1000:" > "$1/etc/group"',
    ),
)
DISTRIBUTION = Rootfs("distribution", ("bookworm",), ("docker-registry",), variant="extract")
PYTHON = Rootfs(
    "python",
    ("trixie",),
    ("python3", "python3-pip", "ca-certificates"),
    hooks=(
        # pip in a build trusts whatever this machine trusts.
        'cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"',
        # The public image, for which it stands in, comes with its standard library uncompiled.
        'find "$1"/usr/lib/python3* -name __pycache__ -prune -exec rm -rf {} +',
    ),
)
RUNNER = Rootfs("runner", ("trixie",), ("docker-cli", "docker-buildx", "jq", "ca-certificates"))
REGISTRIES = ("distribution", "private", "referrers")

BASES: Mapping[str, Rootfs] = {
    "debian-old": BOOKWORM,
    "debian-new": BOOKWORM_UPDATED,
    "debian-major": TRIXIE,
    "java-17": JRE_17,
    "java-21": JRE_21,
}


@dataclass(frozen=True)
class App:
    """An application: the directory of that name beside this file, the base it is built on, and the one it moves to."""

    name: str
    old_base: str = "debian-old"
    new_base: str = "debian-new"
    build_args: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()


_APPS = (
    App("inheriting"),
    App("greeter"),
    App("command"),
    App("environment", build_args={"FLAVOUR": "with vanilla", "UNSET": "set after all"}),
    App("files"),
    App("stages", build_args={"VERSION": "1.2.3"}),
    App("watched"),
    App("unwatched"),
    App("packages"),
    App("trigger"),
    App("java", "java-17", "java-21"),
)
APPS: Mapping[str, App] = {app.name: app for app in _APPS}

MAJOR_BASE = "debian-major"
UPGRADED = ("inheriting", "greeter", "command", "environment")
"""Applications that move to the next release as well."""
