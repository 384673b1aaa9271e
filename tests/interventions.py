"""What happens to a registry, or to us, in the middle of a run."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.fakes.wire import Asked, Site, Told
from tests.runs import HOST, World


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


Matches = Callable[[Asked], bool]


def asks(method: str, part: str = "") -> Matches:
    return lambda asked: asked.method == method and part in str(asked.url)


def writes(asked: Asked) -> bool:
    return asked.method not in ("GET", "HEAD")


@contextmanager
def on_the_way(world: World, change: Callable[[Asked, Site], Told]) -> Iterator[None]:
    """Let every request to the registry go through `change`."""
    before = world.fake.wire.sites[HOST]
    world.fake.wire.sites[HOST] = lambda asked: change(asked, before)
    try:
        yield
    finally:
        world.fake.wire.sites[HOST] = before


def meanwhile(world: World, matches: Matches, act: Callable[[], object]) -> AbstractContextManager[None]:
    """Do `act` once, right before the first request that matches is answered. It may use no other thread."""
    waiting = [act]

    def change(asked: Asked, site: Site) -> Told:
        if waiting and matches(asked):
            waiting.pop()()
        return site(asked)

    return on_the_way(world, change)


def answering(world: World, matches: Matches, told: Told, times: int = 1000) -> AbstractContextManager[None]:
    """Answer the first requests that match with `told`, and don't carry them out."""
    left = [told] * times

    def change(asked: Asked, site: Site) -> Told:
        return left.pop() if left and matches(asked) else site(asked)

    return on_the_way(world, change)


def killed_at(world: World, number: int, *, handled: bool) -> AbstractContextManager[None]:
    """End the process at the write with this number, before it is carried out or right after."""
    seen = iter(range(1_000_000))

    def change(asked: Asked, site: Site) -> Told:
        if not writes(asked):
            return site(asked)
        position = next(seen)
        if position >= number and not (handled and position == number):
            raise Killed
        told = site(asked)
        if position == number:
            raise Killed
        return told

    return on_the_way(world, change)
