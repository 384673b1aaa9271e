"""Root file systems out of Debian packages, each made once, bit for bit the same everywhere."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.images.machine import environment, mirror, run, tool, work_directory

EPOCH = "1704067200"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 -- an unpacked system is written far faster there

# Whatever the machine that makes the tree leaves in it would give every machine its own layer digests.
TIDY = (
    'rm -rf "$1"/etc/apt/sources.list "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/cache/debconf/*',
    'find "$1/var/log" -type f -delete 2>/dev/null || true',
    'if [ -d "$1/etc" ]; then : > "$1/etc/resolv.conf"; echo localhost > "$1/etc/hostname"; fi',
)
LEFT_OUT = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/doc/*", "/usr/share/info/*")


@dataclass(frozen=True)
class Rootfs:
    """A tree to be made: the suites it is made of, and what is in it."""

    name: str
    suites: tuple[str, ...]
    packages: tuple[str, ...] = ()
    variant: str = "minbase"
    hooks: tuple[str, ...] = ()
    archive: tuple[str, ...] = ()

    def key(self) -> str:
        """Another recipe, another file."""
        recipe = json.dumps([EPOCH, self.suites, self.archive, *_recipe(self)])
        return f"{self.name}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def tree(rootfs: Rootfs) -> Path:
    """The tree as a tar archive."""
    made = work_directory() / f"{rootfs.key()}.tar"
    if not made.exists():
        part = made.with_suffix(".part")
        run(*_command(rootfs, part), env=environment(SOURCE_DATE_EPOCH=EPOCH, **_fast_temporary_directory()))
        part.rename(made)
    return made


def package_archive(rootfs: Rootfs) -> Path:
    """The packages that an image's owner would install later, frozen as a directory that apt can install from."""
    tree(rootfs)
    directory = _archive_directory(rootfs)
    index = directory / "Packages"
    if not index.exists():
        listed = run(tool("dpkg-scanpackages"), "--multiversion", ".", cwd=directory)
        index.write_text(listed)
    return directory


def _archive_directory(rootfs: Rootfs) -> Path:
    return work_directory() / f"{rootfs.key()}-archive"


def _fast_temporary_directory() -> dict[str, str]:
    return {"TMPDIR": str(SHARED_MEMORY)} if os.access(SHARED_MEMORY, os.W_OK) else {}


def _command(rootfs: Rootfs, target: Path) -> Iterator[str]:
    source = mirror()
    yield tool("mmdebstrap")
    yield from _hooks(rootfs, _download(rootfs))
    yield from _recipe(rootfs)
    yield from (rootfs.suites[0], str(target))
    yield from (source.sources(suite) for suite in rootfs.suites)


def _recipe(rootfs: Rootfs) -> Iterator[str]:
    """What is the same on every machine."""
    yield from ("--quiet", "--format=tar", f"--variant={rootfs.variant}", "--dpkgopt=force-unsafe-io")
    yield from (f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT)
    yield "--dpkgopt=path-include=/usr/share/doc/*/copyright"
    # Java's maintainer script links its manual pages, which are left out, into a directory that must be there.
    yield '--essential-hook=mkdir -p "$1/usr/share/man/man1"'
    if rootfs.packages:
        yield f"--include={','.join(rootfs.packages)}"
    yield from _hooks(rootfs, (*rootfs.hooks, *TIDY))


def _hooks(rootfs: Rootfs, commands: Iterable[str]) -> Iterator[str]:
    """Commands for when the packages are in place, which for a tree of mere extracts is an earlier moment."""
    moment = "extract" if rootfs.variant == "extract" else "customize"
    return (f"--{moment}-hook={command}" for command in commands)


def _download(rootfs: Rootfs) -> Iterator[str]:
    if not rootfs.archive:
        return
    target = _archive_directory(rootfs)
    target.mkdir(exist_ok=True)
    yield 'chroot "$1" apt-get clean'
    yield f'chroot "$1" apt-get install --yes --no-install-recommends --download-only {" ".join(rootfs.archive)}'
    yield f'mv "$1"/var/cache/apt/archives/*.deb "{target}"'
