"""What a log of requests tells: how many, how much, and how many round trips had to wait for one another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_SLACK = 0.002  # seconds: what began this soon before another ended may have waited for it


@dataclass(frozen=True, slots=True)
class Wait:
    """A stretch of waiting, and how many round trips it is."""

    began: float
    ended: float
    trips: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One run as the proxy saw it; bytes are those of bodies."""

    requests: int
    connections: int
    up: int
    down: int
    trips: int


def figures(rows: Sequence[dict[str, Any]], rtt: float) -> Figures:
    """Return the figures of a run's rows. `trips` means something only where the latency outweighs all else."""
    return Figures(
        len(rows),
        len({row["connection"] for row in rows}),
        sum(row["up"] for row in rows),
        sum(row["down"] for row in rows),
        longest(_waits(rows, rtt)),
    )


def longest(waits: Iterable[Wait]) -> int:
    """Return the round trips of the longest chain in which each wait begins when the one before has ended."""
    ordered = sorted(waits, key=lambda wait: wait.ended)
    best: list[int] = []
    for number, wait in enumerate(ordered):
        before = [best[at] for at in range(number) if ordered[at].ended <= wait.began + _SLACK]
        best.append(wait.trips + max(before, default=0))
    return max(best, default=0)


def _waits(rows: Sequence[dict[str, Any]], rtt: float) -> list[Wait]:
    requests = [Wait(row["began"], row["ended"], 1) for row in rows]
    opened = {row["connection"]: row["opened"] for row in rows}
    return [*requests, *(Wait(at, at + 2 * rtt, 2) for at in opened.values())]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the seconds of wall time for each second of latency: the round trips that a user waits for."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
