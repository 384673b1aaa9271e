"""The trees under the bases of the pairs: few, thin, and each the same release with or without all updates."""

from tests.images.catalog import BOOKWORM, BOOKWORM_UPDATED, JRE_17, JRE_21, TRIXIE
from tests.images.rootfs import Rootfs

UPDATED = BOOKWORM_UPDATED.suites
_PYTHON = (
    "python3", "python3-venv", "python3-pip", "ca-certificates", "openssl", "curl", "tzdata", "locales", "procps",
    "libcap2-bin", "adduser",
)  # fmt: skip
_PERL_PHP = ("perl", "php-cli")
_COMPILERS = ("make", "gcc", "g++", "libc6-dev", "libssl-dev", "zlib1g-dev")
_HEADERS = ("python3-dev", "ruby-dev", "libperl-dev", "php-dev", "libnode-dev", "mono-mcs")
_DISTROLESS = ("base-files", "libc6", "libgcc-s1", "ca-certificates", "netbase", "tzdata")
_ACCOUNTS = (
    (
        'printf "root:x:0:0::/root:/sbin/nologin\\n'
        'nonroot:x:65532:65532::/home/nonroot:/sbin/nologin\\n" > "$1/etc/passwd"'
    ),
    'printf "root:x:0:\\nnonroot:x:65532:\\n" > "$1/etc/group"',
    'mkdir -p "$1/etc/ssl/certs" "$1/home/nonroot"; chown 65532:65532 "$1/home/nonroot"',
    'cat "$1"/usr/share/ca-certificates/mozilla/*.crt > "$1/etc/ssl/certs/ca-certificates.crt"',
)


def _distroless(name: str, suites: tuple[str, ...], libraries: tuple[str, ...]) -> Rootfs:
    return Rootfs(name, suites, (*_DISTROLESS, *libraries), variant="extract", hooks=_ACCOUNTS)


TREES: dict[str, Rootfs] = {
    "bookworm": BOOKWORM,
    "updated": BOOKWORM_UPDATED,
    "trixie": TRIXIE,
    "java-17": JRE_17,
    "java-21": JRE_21,
    "bullseye": Rootfs(
        "bullseye",
        ("bullseye",),
        ("ca-certificates", "openssl", "tzdata", "libicu67", "libssl1.1", "libstdc++6", "perl"),
    ),
    "python-bookworm": Rootfs("python-bookworm", ("bookworm",), _PYTHON),
    "python-updated": Rootfs("python-updated", UPDATED, _PYTHON),
    "python-trixie": Rootfs("python-trixie", ("trixie",), _PYTHON),
    "distroless-bookworm": _distroless("distroless-bookworm", ("bookworm",), ("libssl3",)),
    "distroless-updated": _distroless("distroless-updated", UPDATED, ("libssl3",)),
    "distroless-trixie": _distroless("distroless-trixie", ("trixie",), ("libssl3t64",)),
    "builder-bookworm": Rootfs("builder-bookworm", ("bookworm",), (*_COMPILERS, *_HEADERS)),
    "builder-trixie": Rootfs("builder-trixie", ("trixie",), _COMPILERS),
    "perl-php-bookworm": Rootfs("perl-php-bookworm", ("bookworm",), _PERL_PHP),
    "perl-php-trixie": Rootfs("perl-php-trixie", ("trixie",), _PERL_PHP),
    "ruby-bookworm": Rootfs("ruby-bookworm", ("bookworm",), ("ruby",)),
    "ruby-trixie": Rootfs("ruby-trixie", ("trixie",), ("ruby",)),
    "node-bookworm": Rootfs("node-bookworm", ("bookworm",), ("nodejs",)),
    "node-updated": Rootfs("node-updated", UPDATED, ("nodejs",)),
    "node-trixie": Rootfs("node-trixie", ("trixie",), ("nodejs",)),
}
