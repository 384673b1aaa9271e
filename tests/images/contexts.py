"""Build contexts: the files of this directory, and those that are made for them."""

import io
import os
import shutil
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.images.catalog import BOOKWORM
from tests.images.machine import environment, run, tool, work_directory
from tests.images.rootfs import EPOCH, package_archive

HERE = Path(__file__).parent


def context(kind: str, name: str) -> Path:
    """The build context of one image, ready to be built, the same to the last second of its files' times."""
    target = work_directory() / "contexts" / kind / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(HERE / kind / name, target)
    _MADE.get(name, _nothing)(target)
    _freeze(target)
    return target


def _freeze(directory: Path) -> None:
    """Give every file the same time and the same permissions, whatever a checkout or a umask made of them."""
    for path in (directory, *directory.rglob("*")):
        executable = path.is_dir() or os.access(path, os.X_OK)
        path.chmod(0o755 if executable else 0o644)
        os.utime(path, (int(EPOCH), int(EPOCH)))


def _nothing(_target: Path) -> None:
    pass


def _site(target: Path) -> None:
    with tarfile.open(target / "site.tar", "w") as archive:
        for name, text in (("unpacked/kept", "kept\n"), ("unpacked/draft", "removed again\n")):
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(text), int(EPOCH)
            archive.addfile(member, io.BytesIO(text.encode()))


def _packages(target: Path) -> None:
    shutil.copytree(package_archive(BOOKWORM), target / "archive")


def _classes(target: Path) -> None:
    run(tool("javac"), "--release", "17", "-d", target / "classes", target / "source" / "Hello.java")


def _referrers(target: Path) -> None:
    program = target / "registry"
    run(tool("go"), "build", "-trimpath", "-o", program, ".", cwd=target, env=environment(CGO_ENABLED="0"))


_MADE: Mapping[str, Callable[[Path], None]] = {
    "files": _site,
    "packages": _packages,
    "java": _classes,
    "referrers": _referrers,
}
