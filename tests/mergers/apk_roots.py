"""Packages for apk, as abuild makes them, and databases that the real apk makes of them. apk-v2(5)."""

import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

APK = shutil.which("apk")
# It mounts /proc into the root, makes devices there, and leaves both behind where it fails.
ALONE = ("unshare", "--map-root-user", "--mount")


def _can_be_alone() -> bool:
    if APK is None or shutil.which(ALONE[0]) is None:
        return False
    return subprocess.run((*ALONE, "true"), capture_output=True, check=False, timeout=60).returncode == 0


needs_apk = pytest.mark.skipif(
    not _can_be_alone(),
    reason="no apk here, or no namespace for it: its databases are not compared with ours",
)


@dataclass(frozen=True)
class Made:
    """A package, by what a test wants of it."""

    name: str
    version: str
    files: Mapping[str, str] = field(default_factory=dict)
    scripts: tuple[str, ...] = ()
    triggers: str = ""
    more: str = ""

    def write(self, directory: Path) -> Path:
        """Return the path of the package's file."""
        data = _packed({path: (text, 0o755) for path, text in self.files.items()}, is_cut=False)
        said = f"pkgname = {self.name}\npkgver = {self.version}\narch = noarch\nsize = 1\npkgdesc = {self.name}\n"
        said += f"url = u\nlicense = MIT\nbuilddate = 1700000000\ndatahash = {hashlib.sha256(data).hexdigest()}\n"
        said += f"{self.more}" + (f"triggers = {self.triggers}\n" if self.triggers else "")
        control = {".PKGINFO": (said, 0o644)} | {f".{name}": (f"#!/bin/sh\n# {name}\n", 0o755) for name in self.scripts}
        path = directory / f"{self.name}-{self.version}.apk"
        path.write_bytes(_packed(control, is_cut=True) + data)
        return path


def _packed(files: Mapping[str, tuple[str, int]], *, is_cut: bool) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for directory in sorted({str(one) for path in files for one in Path(path).parents} - {"."}):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for path, (text, mode) in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(text), mode
            entry.pax_headers = {"APK-TOOLS.checksum.SHA1": hashlib.sha1(text.encode()).hexdigest()}  # noqa: S324
            archive.addfile(entry, io.BytesIO(text.encode()))
        end = archive.offset
    return gzip.compress(out.getvalue()[:end] if is_cut else out.getvalue(), mtime=0)


def run(root: Path, *arguments: str) -> str:
    """Run apk on a root, offline; return what it says."""
    assert APK is not None
    offline = (
        "--root",
        str(root),
        "--allow-untrusted",
        "--no-network",
        "--repositories-file",
        "/dev/null",
    )
    done = subprocess.run((*ALONE, APK, *offline, *arguments), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(root: Path, *packages: Made) -> None:
    """Have apk install packages, all in one run."""
    if not (root / "lib/apk/db").exists():
        root.mkdir(parents=True, exist_ok=True)
        run(root, "add", "--initdb")
    shelf = root.parent / f"{root.name}-shelf"
    shelf.mkdir(exist_ok=True)
    run(root, "add", "--no-scripts", *(str(package.write(shelf)) for package in packages))


def database(root: Path) -> dict[str, bytes]:
    """Return the files of apk's database by their names, and `world`."""
    files = {path.name: path.read_bytes() for path in (root / "lib/apk/db").iterdir() if path.name != "lock"}
    return files | {"world": (root / "etc/apk/world").read_bytes()}
