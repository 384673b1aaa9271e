"""Tries a stored image in the engine at hand, as `smoke-test` asks: one container a test, and nothing is left behind.

Of an image for several platforms the one that the engine runs is tried.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rebaser.errors import TransportError
from rebaser.oci.image import Image
from rebaser.oci.platform import Platform, best_match, normal
from rebaser.printable import printable
from rebaser.smoke.containers import Ended, Watch, run, settings
from rebaser.smoke.health import health_result
from rebaser.smoke.loading import Tried, loaded
from rebaser.smoke.output import last_lines
from rebaser.transports.base import BlobSource
from rebaser.transports.docker_engine import Engine
from rebaser.trial.model import Command, OwnHealthcheck, SmokeResult, SmokeTest, Trial

_OF_THE_ENGINE = ("engine-refused", "engine-unreachable")
_WITHOUT = "or leave `smoke-test` out."


@dataclass(frozen=True, slots=True)
class Ready:
    """An engine that answered, and the platform that it runs."""

    engine: Engine
    platform: Platform
    watch: Watch = field(default_factory=Watch)

    def suits(self, platforms: Sequence[Platform]) -> int:
        """Return the position of the platform that is tried.

        Raises:
            TransportError: `smoke-test-impossible`, when the engine runs none of them.
        """
        position = best_match([(platform, "") for platform in platforms], self.platform, "")
        if position is None:
            raise TransportError(
                "smoke-test-impossible",
                f"`smoke-test` cannot be run: the engine at {printable(self.engine.host)} runs {self.platform}, and "
                f"what is rebased is for {', '.join(map(str, platforms))}",
                f"Run this where an engine for one of them is, name another one in DOCKER_HOST, {_WITHOUT}",
            )
        return position


def made_ready(engine: Engine) -> Ready:
    """Return the engine, which answers.

    Raises:
        TransportError: `smoke-test-impossible`, when none does.
    """
    try:
        told = engine.ask("GET", "/version").told
    except TransportError as error:
        raise TransportError(
            "smoke-test-impossible",
            f"`smoke-test` cannot be run: {error.message}",
            f"Start an engine, give this user or container its socket, set DOCKER_HOST, {_WITHOUT}",
        ) from error
    return Ready(engine, normal(Platform(str(told.get("Os")), str(told.get("Arch")))))


def tried(tests: Iterable[SmokeTest], source: BlobSource, images: Sequence[Image], ready: Ready) -> Trial:
    """Return what came of the tests in the one of `images`, all stored in `source`, that the engine runs.

    Raises:
        InputError: the image has no health check, and that is to be tried.
        TransportError: `smoke-test-impossible`; the engine or the source said no.
        ImageError: what is stored is not what its digest says.
    """
    image = images[ready.suits([image.platform for image in images])]
    with _named_after_the_input(), loaded(ready.engine, source, image.manifest) as identity:
        here = Tried(ready.engine, identity, image.config.settings, ready.watch)
        results = tuple(result for test in tests for result in _results(test, here))
    return Trial(image.platform, results)


@contextmanager
def _named_after_the_input() -> Iterator[None]:
    """Let an error of the engine name the input that asked for it."""
    try:
        yield
    except TransportError as error:
        if error.code not in _OF_THE_ENGINE:
            raise
        remedy = f"Look into the engine's log, do what it asks for, {_WITHOUT}"
        raise TransportError(error.code, f"`smoke-test` cannot be finished: {error.message}", remedy) from error


def _results(test: SmokeTest, here: Tried) -> Iterator[SmokeResult]:
    if isinstance(test, Command):
        yield _told(test, run(here.engine, settings(here.image, test), here.watch))
    elif isinstance(test, OwnHealthcheck):
        yield health_result(test, here.engine, here.image, here.config, here.watch)
    else:
        from rebaser.smoke.structure import structure_results

        yield from structure_results(test, here)


def _told(test: Command, ended: Ended) -> SmokeResult:
    failure = ended.trouble or ("" if ended.exit_code == 0 else f"it ended with {ended.exit_code}")
    lines = last_lines(ended.out, ended.error)
    return SmokeResult(printable(test.told), ended.exit_code, lines, ended.seconds, printable(failure))
