"""Fetches one commit of a git repository with the git program, which is told to do nothing else.

git(1), git-config(1). No prompt, no configuration but ours, no hook, no submodule, no other protocol than https, and no
redirect, since git would send the login along. The remote is untrusted: what it sends is bounded in time, bytes, files.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rebaser.context import GitSource
from rebaser.errors import RebuildError
from rebaser.printable import printable, size
from rebaser.rebuild.process import Listener, Ran, hidden_parts, run
from rebaser.transports.registry.login import Login

SECONDS: Final = 600.0
MAX_BYTES: Final = 4 * 1000**3  # of what is fetched, and of the files: a build context of this size is hardly sent
MAX_FILES: Final = 300_000  # large monorepos have as many
_PROXIES = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
_PASSED = frozenset(("PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", *_PROXIES))
_SETTINGS: Final = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "init.defaultBranch": "main",
    "maintenance.auto": "false",
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.file.allow": "never",
    "submodule.recurse": "false",
    "transfer.fsckObjects": "true",
    "transfer.bundleURI": "false",
}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a repository may take: seconds for each step, bytes fetched and again bytes of files, number of files."""

    seconds: float = SECONDS
    size: int = MAX_BYTES
    files: int = MAX_FILES


def fetch(
    source: GitSource,
    place: Path,
    environment: Mapping[str, str],
    login: Login | None = None,
    bounds: Bounds = Bounds(),
) -> str:
    """Put the files of `source` into the directory `place`, which must not exist, and return the commit's id.

    `login` goes to the repository's host and to no other. Submodules are left empty, files in LFS are pointers.

    Raises:
        RebuildError: git is not here, the repository or commit can't be had, or it is larger than `bounds`.
    """
    git = _Git(source, place, _environment(environment, place, source, login), bounds, _hidden(login))
    place.mkdir(mode=0o700)
    git.run("init", "--quiet", "--template=", ".")
    address = f"{source.repository}.git"
    git.run(
        "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", address, source.ref or "HEAD"
    )
    commit = git.run("rev-parse", "--verify", "FETCH_HEAD^{commit}").log[-1]
    if source.commit and commit != source.commit:
        raise _unavailable(source, f"it gave the commit {commit}, not {source.commit}", "Name a commit in `context`.")
    git.measure(commit)
    git.run("checkout", "--quiet", "--detach", "--force", commit, "--")
    shutil.rmtree(place / ".git")
    return commit


@dataclass(frozen=True, slots=True)
class _Git:
    source: GitSource
    place: Path
    environment: Mapping[str, str]
    bounds: Bounds
    hidden: tuple[str, ...]

    def run(self, *arguments: str, tell: Callable[[str], None] = lambda _line: None) -> Ran:
        """Run git in the repository to its end, within the bounds."""
        listener = Listener(tell, self._watch, self.hidden)
        try:
            ran = run(("git", *arguments), self.environment, self.bounds.seconds, listener, self.place)
        except OSError as error:
            remedy = "Install git, or name a directory in `context`."
            raise _unavailable(self.source, f"git cannot be run: {error.strerror}", remedy) from error
        if ran.code is None:
            raise _unavailable(self.source, f"git took more than {self.bounds.seconds:.0f} seconds", "Run it again.")
        if ran.code != 0:
            said = next((line for line in ran.log if line.startswith("fatal:")), (ran.log or ("nothing",))[-1])
            remedy = "Name a repository and a commit of it in `context`, and give a `github-token` that may read it."
            raise _unavailable(self.source, f"git says: {said}", remedy)
        return ran

    def measure(self, commit: str) -> None:
        """Refuse a commit with too much in it, before it is written: a few small trees can name any number of files."""
        tally = _Tally(self.source, self.bounds)
        self.run("ls-tree", "-r", "-l", "--full-tree", commit, "--", tell=tally.count)

    def _watch(self) -> None:
        packs = self.place / ".git" / "objects" / "pack"
        if packs.is_dir() and sum(map(_size, packs.iterdir())) > self.bounds.size:
            raise _too_large(self.source, size(self.bounds.size))


@dataclass(slots=True)
class _Tally:
    """What a commit comes to, line by line of `git ls-tree -l`."""

    source: GitSource
    bounds: Bounds
    files: int = 0
    bytes: int = 0

    def count(self, line: str) -> None:
        """Count one file."""
        fields = line.split(maxsplit=4)
        self.files += 1
        self.bytes += int(fields[3]) if len(fields) > 3 and fields[3].isdecimal() else 0  # noqa: PLR2004
        if self.files > self.bounds.files:
            raise _too_large(self.source, f"{self.bounds.files} files")
        if self.bytes > self.bounds.size:
            raise _too_large(self.source, size(self.bounds.size))


def _environment(environment: Mapping[str, str], place: Path, source: GitSource, login: Login | None) -> dict[str, str]:
    """Return git's environment. The login stands in it, since other users of the machine can see arguments."""
    settings = dict(_SETTINGS)
    if login is not None and login.basic:
        settings[f"http.https://{source.repository.host}/.extraHeader"] = f"Authorization: Basic {login.basic}"
    keys = {f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(settings)}
    values = {f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(settings.values())}
    return {name: value for name, value in environment.items() if name in _PASSED} | {
        "HOME": str(place / ".git"),
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "https",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_CEILING_DIRECTORIES": str(place.parent),
        "GIT_CONFIG_COUNT": str(len(settings)),
        **keys,
        **values,
    }


def _hidden(login: Login | None) -> tuple[str, ...]:
    return hidden_parts(login.secrets) if login else ()


def _size(file: Path) -> int:
    """Return the bytes of a file, which git may just be renaming."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _too_large(source: GitSource, limit: str) -> RebuildError:
    return _unavailable(source, f"it has more than {limit}", "Name a directory with a checkout in `context`.")


def _unavailable(source: GitSource, why: str, remedy: str) -> RebuildError:
    shown = f"{source.repository} at {source.ref or 'its default branch'}"
    return RebuildError("source-unavailable", f"{printable(shown)} cannot be fetched: {printable(why)}", remedy)
