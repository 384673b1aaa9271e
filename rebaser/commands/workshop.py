"""Where an image is built from source, if that is wanted: a directory that lasts as long as the run, and who we are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rebaser.ci.inputs import Inputs
from rebaser.commands.base import Surroundings
from rebaser.errors import RebuildError
from rebaser.transports.registry.network import Network

if TYPE_CHECKING:  # start-up: few runs rebuild
    from rebaser.rebuilding import Workshop


@contextmanager
def workshop_for(
    inputs: Inputs, network: Network, here: Surroundings, tell: Callable[[str], None]
) -> "Iterator[Workshop | None]":
    """Give out a workshop whose builders tell their lines to `tell`; None where nothing may be rebuilt.

    Raises:
        RebuildError: there is no room for it.
    """
    is_wanted = inputs.policy.on_incompatible == "rebuild" or inputs.request.verify == "rebuild"
    if inputs.request.rebuild is None or not is_wanted:
        yield None
        return
    from rebaser.ci.repository import git_logins, running_repository
    from rebaser.rebuilding import Workshop

    with _directory() as directory:
        yield Workshop(
            directory,
            here.environment,
            running_repository(here.environment),
            network.credentials.login,
            git_logins(here.environment, inputs.access.github_token),
            inputs.access.insecure_registries,
            tell,
        )


@contextmanager
def _directory() -> Iterator[Path]:
    """Make a directory that is removed at the end, but for what belongs to users that only a builder can be."""
    try:
        made = TemporaryDirectory(prefix="rebaser-build-", ignore_cleanup_errors=True)
    except OSError as error:
        message = f"There is no room for a build: {error.strerror}"
        remedy = "Set TMPDIR to a directory with room in it."
        raise RebuildError("workshop-unwritable", message, remedy) from error
    with made as path:
        yield Path(path).resolve()
