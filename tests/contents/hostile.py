"""What a reader may do with bytes that mean it harm: answer, or say that it cannot."""

import time
from collections.abc import Callable

from rebaser.contents.malformed import MalformedError


def answer(read: Callable[[bytes], object], body: bytes) -> object:
    """Return what `read` answers, or the words of its refusal; every other exception is the test's to fail by."""
    try:
        return read(body)
    except MalformedError as error:
        return str(error)


def seconds(read: Callable[[bytes], object], body: bytes) -> float:
    """Return how long `read` takes, as the best of three."""
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        answer(read, body)
        best = min(best, time.perf_counter() - begun)
    return best
