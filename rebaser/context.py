"""What a build's context is: a directory, a git repository as BuildKit writes it, or whatever the image's labels say.

`https://HOST/PATH.git#REF:DIRECTORY`. Nothing is looked up here.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

AUTO: Final = "auto"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(?::[0-9]{1,5})?"
_URL = re.compile(rf"https://({_HOST})(/[A-Za-z0-9._~/+-]{{1,1000}})")
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/@-]{0,254}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A git repository that is fetched by https. Written in one way only, so that two can be compared."""

    host: str
    path: str

    def __str__(self) -> str:
        """Return its address, without `.git`."""
        return f"https://{self.host}/{self.path}"


@dataclass(frozen=True, slots=True)
class GitSource:
    """A commit, branch or tag of a repository, the default branch when empty, and a directory in it."""

    repository: GitRepository
    ref: str = ""
    directory: str = ""

    @property
    def commit(self) -> str:
        """Return the full commit id that `ref` is; empty when it is a name, which can move."""
        return self.ref if is_commit(self.ref) else ""

    def __str__(self) -> str:
        """Return it as a context is written."""
        fragment = f"{self.ref}:{self.directory}" if self.directory else self.ref
        return f"{self.repository}.git" + (f"#{fragment}" if fragment else "")


def is_commit(text: str) -> bool:
    """Answer whether `text` is a full commit id."""
    return _COMMIT.fullmatch(text) is not None


def parse_context(text: str) -> Path | GitSource | None:
    """Return the context that `text` names: a directory, a repository, or None for `auto`.

    Raises:
        ValueError: it is an address that is not fetched, or a part of it can't be.
    """
    if text == AUTO:
        return None
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://|git@|github\.com/", text) is None:
        if not text or "\0" in text:
            raise ValueError("it names no directory")
        return Path(text)
    url, _, fragment = text.partition("#")
    if not url.endswith(".git"):
        raise ValueError(f"{text[:200]!r} is not an address of the form https://HOST/PATH.git#REF:DIRECTORY")
    ref, _, directory = fragment.partition(":")
    return GitSource(parse_repository(url), _checked_ref(ref), _checked_directory(directory))


def parse_repository(url: str) -> GitRepository:
    """Return the repository at an https address, with or without `.git`.

    Raises:
        ValueError: it is of another kind, or holds a user, a query or odd characters.
    """
    match = _URL.fullmatch(url)
    path = match[2].strip("/").removesuffix(".git") if match else ""
    if match is None or not path or any(part in ("", ".", "..") or part[0] == "-" for part in path.split("/")):
        raise ValueError(f"{url[:200]!r} is not an address of the form https://HOST/PATH, without a user")
    return GitRepository(match[1].lower(), path)


def _checked_ref(ref: str) -> str:
    bad = ".." in ref or "@{" in ref or ref.endswith((".", "/", ".lock")) or "//" in ref
    if ref and (bad or not _REF.fullmatch(ref)):
        raise ValueError(f"{ref[:100]!r} is neither a branch, a tag nor a commit")
    return ref


def _checked_directory(directory: str) -> str:
    parts = [part for part in directory.split("/") if part]
    if directory.startswith("/") or "\0" in directory or ".." in parts:
        raise ValueError(f"{directory[:100]!r} is not a directory in the repository")
    return "/".join(parts)
