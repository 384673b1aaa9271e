"""The source on this machine: a context, and the Dockerfile that belongs to it."""

from dataclasses import dataclass
from pathlib import Path

from rebaser.errors import RebuildError
from rebaser.printable import printable

_DOCKERFILE = "Dockerfile"


@dataclass(frozen=True, slots=True)
class Checkout:
    """A context's directory, and a Dockerfile, which may stand elsewhere. Both paths are absolute."""

    context: Path
    dockerfile: Path


def local_checkout(context: Path, file: str) -> Checkout:
    """Return the user's own context; `file` goes by the current directory, as with docker/build-push-action.

    Raises:
        RebuildError: there is no such directory.
    """
    if not context.is_dir():
        message = f"{printable(str(context))} is not a directory"
        raise RebuildError("source-unavailable", message, "Name a directory or a git repository in `context`.")
    return Checkout(context.resolve(), Path(file).resolve() if file else context.resolve() / _DOCKERFILE)


def fetched_checkout(root: Path, directory: str, file: str) -> Checkout:
    """Return the context in a foreign repository; `file` goes by it, and neither may lead out, not by a link either.

    Raises:
        RebuildError: there is no such directory, or it leads out.
    """
    context = _inside(root.resolve(), root / directory, "context")
    if not context.is_dir():
        raise _outside(directory, "context")
    return Checkout(context, _inside(root.resolve(), context / (file or _DOCKERFILE), "file"))


def _inside(root: Path, path: Path, name: str) -> Path:
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise _outside(path.name, name) from error
    if not resolved.is_relative_to(root):
        raise _outside(path.name, name)
    return resolved


def _outside(path: str, name: str) -> RebuildError:
    message = f"{printable(path)} is not in the fetched repository, or leads out of it"
    return RebuildError("source-unavailable", message, f"Name something in the repository in `{name}`.")
