"""What goes into build contexts and can't lie in a repository: made once, kept, and from then on frozen."""

import os
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

from tests.images.machine import mirror, run, tool, work_directory
from tests.images.pairs.model import key, recipe
from tests.images.pairs.trees import TREES
from tests.images.rootfs import tree

_ONE_AT_A_TIME = RLock()
_LINUX = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64")
FIRST_RELEASE = 44
"""What a class file's major version is more than the release of Java."""


@dataclass(frozen=True, slots=True)
class Wheels:
    """Wheels of named versions for several versions of Python, in `wheels/`."""

    requirements: tuple[str, ...]
    pythons: tuple[str, ...] = ("3.11", "3.13")

    def put(self, context: Path) -> None:
        """Lay it into the context."""
        _laid(self, context / "wheels", self._make)

    def _make(self, target: Path) -> None:
        platforms = (f"--platform={platform}" for platform in _LINUX)
        options = ("--quiet", "--no-deps", "--only-binary=:all:", f"--dest={target}", *platforms)
        for python in self.pythons:
            run(sys.executable, "-m", "pip", "download", *options, f"--python-version={python}", *self.requirements)


@dataclass(frozen=True, slots=True)
class Debs:
    """Packages with all that a tree lacks for them, as an archive in `archive/` that apt can install from.

    The archive is that of the tree's own suites.
    """

    on: str
    packages: tuple[str, ...]

    def put(self, context: Path) -> None:
        """Lay it into the context."""
        _laid(self, context / "archive", self._make)

    def _make(self, target: Path) -> None:
        root = apt_root(self.on)
        archives = root / "var/cache/apt/archives"
        for old in archives.glob("*.deb"):
            old.unlink()
        apt(root, "install", "--yes", "--no-install-recommends", "--download-only", *self.packages)
        target.mkdir(parents=True)
        for package in archives.glob("*.deb"):
            package.rename(target / package.name)
        _list_packages(target)


@dataclass(frozen=True, slots=True)
class Updates:
    """Packages as the suites of a tree have them now, without what they depend on, as an archive in `archive/`."""

    on: str
    packages: tuple[str, ...]

    def put(self, context: Path) -> None:
        """Lay it into the context."""
        _laid(self, context / "archive", self._make)

    def _make(self, target: Path) -> None:
        target.mkdir(parents=True)
        apt(apt_root(self.on), "download", *self.packages, directory=target)
        _list_packages(target)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The files of one package, and nothing that its scripts would do, in `files/`."""

    on: str
    package: str

    def put(self, context: Path) -> None:
        """Lay it into the context."""
        _laid(self, context / "files", self._make)

    def archive(self) -> Path:
        """The package itself."""
        directory = work_directory() / "pairs" / "packages" / self.on / self.package
        with _ONE_AT_A_TIME:
            if not directory.exists():
                part = directory.with_name(f"{self.package}.part")
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir(parents=True)
                apt(apt_root(self.on), "download", self.package, directory=part)
                part.rename(directory)
        (package,) = directory.glob("*.deb")
        return package

    def _make(self, target: Path) -> None:
        run(tool("dpkg-deb"), "--extract", self.archive(), target)


@dataclass(frozen=True, slots=True)
class Classes:
    """Java classes, compiled for a release, in `classes/`, and all of them in `classes/app.jar` once more.

    They are compiled for 17, which every compiler of today can do, and marked as of the release that is asked for.
    """

    name: str
    source: str
    release: int

    def put(self, context: Path) -> None:
        """Lay it into the context."""
        _laid(self, context / "classes", self._make)

    def _make(self, target: Path) -> None:
        target.mkdir(parents=True)
        file = target / f"{self.name}.java"
        file.write_text(self.source)
        run(tool("javac"), "--release", "17", "-d", target, file)
        with zipfile.ZipFile(target / "app.jar", "w") as jar:
            for compiled in sorted(target.glob("*.class")):
                magic, after = compiled.read_bytes()[:6], compiled.read_bytes()[8:]
                compiled.write_bytes(magic + (self.release + FIRST_RELEASE).to_bytes(2, "big") + after)
                jar.writestr(zipfile.ZipInfo(compiled.name), compiled.read_bytes())


@dataclass(frozen=True, slots=True)
class DotnetRuntime:
    """A runtime of .NET, out of the package of Python that carries it, in `dotnet/`."""

    version: str

    def put(self, context: Path) -> None:
        """Lay it into the context."""
        _laid(self, context / "dotnet", self._make)

    def _make(self, target: Path) -> None:
        wheel = f"dotnetcore2=={self.version}"
        run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"--dest={target}.wheels", wheel)
        (found,) = Path(f"{target}.wheels").glob("*.whl")
        with zipfile.ZipFile(found) as archive:
            for member in archive.infolist():
                _, _, inside = member.filename.partition("dotnetcore2/bin/")
                if inside and not inside.endswith("/"):
                    (target / inside).parent.mkdir(parents=True, exist_ok=True)
                    (target / inside).write_bytes(archive.read(member))
        (target / "dotnet").chmod(0o755)
        shutil.rmtree(f"{target}.wheels")


@dataclass(frozen=True, slots=True)
class Certificates:
    """An authority of one's own and a server certificate for localhost, in `certificates/`."""

    key_usage: bool = True
    """Whether the authority says what its key is for; since 3.13, Python wants it to."""

    def put(self, context: Path) -> None:
        """Lay it into the context."""
        _laid(self, context / "certificates", self._make)

    def _make(self, target: Path) -> None:
        target.mkdir(parents=True)
        openssl = (tool("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "18250")
        usage = ("-addext", "keyUsage=critical,keyCertSign") if self.key_usage else ()
        authority = ("-subj", "/CN=Authority of the application", "-keyout", "own.key", "-out", "own.crt")
        run(*openssl, *authority, *usage, cwd=target)
        server = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
        issued = ("-CA", "own.crt", "-CAkey", "own.key", "-keyout", "server.key", "-out", "server.crt")
        run(*openssl, *server, "-addext", "basicConstraints=critical,CA:FALSE", *issued, cwd=target)


def _list_packages(directory: Path) -> None:
    """Make an archive of a directory that has packages in it."""
    (directory / "Packages").write_text(run(tool("dpkg-scanpackages"), "--multiversion", ".", cwd=directory))


def apt_root(name: str) -> Path:
    """A directory in which apt sees what a tree has installed, and what its suites offer."""
    rootfs = TREES[name]
    root = work_directory() / "pairs" / "apt" / rootfs.key()
    if not (root / "ready").exists():
        for directory in ("etc/apt/apt.conf.d", "etc/apt/preferences.d", "var/lib/apt/lists/partial"):
            (root / directory).mkdir(parents=True, exist_ok=True)
        (root / "var/cache/apt/archives/partial").mkdir(parents=True, exist_ok=True)
        (root / "var/lib/dpkg").mkdir(parents=True, exist_ok=True)
        with tarfile.open(tree(rootfs)) as archive:
            status = archive.extractfile("./var/lib/dpkg/status")
            (root / "var/lib/dpkg/status").write_bytes(status.read() if status else b"")
        sources = "\n".join(mirror().sources(suite) for suite in rootfs.suites)
        (root / "etc/apt/sources.list").write_text(f"{sources}\n")
        apt(root, "update")
        (root / "ready").touch()
    return root


def apt(root: Path, *arguments: str, program: str = "apt-get", directory: Path | None = None) -> str:
    """Run one of apt's programs on such a directory, with this machine's keys."""
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    status = f"Dir::State::status={root}/var/lib/dpkg/status"
    # Many machines turn apt's own cache off, without which each run takes seconds.
    caches = ("Dir::Cache::pkgcache=pkgcache.bin", "Dir::Cache::srcpkgcache=srcpkgcache.bin")
    options = (f"Dir={root}", f"Dir::Etc::Trusted={keys}", "APT::Sandbox::User=root", status, *caches)
    return run(tool(program), "--quiet", *(f"--option={option}" for option in options), *arguments, cwd=directory)


def _laid(made_of: object, place: Path, make: Callable[[Path], None]) -> None:
    """Copy what was made; make it first, if need be, and anew when it is made in another way."""
    kept = work_directory() / "pairs" / "ingredients" / key(recipe(made_of))
    with _ONE_AT_A_TIME:
        if not kept.exists():
            part = kept.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            part.parent.mkdir(parents=True, exist_ok=True)
            make(part)
            part.rename(kept)
    shutil.copytree(kept, place, copy_function=os.link)
