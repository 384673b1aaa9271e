"""The results as a table, each measure beside its bar."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.figures import slope

_BARS = (
    # measure, case, the most it may be, what is aimed at
    ("wall / crane, 5+3 layers, other repository", "50 ms", 0.60, 0.45),
    ("wall / crane, 5+3 layers, other repository", "100 ms", 0.45, 0.35),
    ("wall / crane, 5+3 layers, other repository", "0 ms", 2.5, 1.5),
)
MOST_REQUESTS, MOST_TRIPS, MOST_INDEX_TRIPS = 17, 8, 10
INDEX_BAR, START_BAR = 0.75, 3.0
NOT_BUILT = ("fleet of 100, images per second / xargs -P16 crane rebase",)


@dataclass(frozen=True, slots=True)
class Row:
    """A measure, what it is, the most it may be, and what is aimed at."""

    measure: str
    value: float | None
    bar: float
    aim: float | None = None

    def text(self) -> str:
        """Return the row as it is printed."""
        if self.value is None:
            return f"{self.measure:66} {'–':>7} {self.bar:>6}          not measured"  # noqa: RUF001
        verdict = "reached" if self.value <= self.bar else "MISSED"
        aim = f"{self.aim:g}" if self.aim is not None else ""
        return f"{self.measure:66} {self.value:7.2f} {self.bar:6g} {aim:>6}   {verdict}"


def lines(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield all lines of the table."""
    machine = results["machine"]
    yield f"{results['rounds']} rounds in turn; registry: {results['registry']}; {machine}"
    yield from (f"left out: {name}: {why}" for name, why in results["missing"].items())
    yield ""
    heads = " ".join(f"{head:>8}" for head in ("min s", "median", "requests", "conns", "trips", "up", "down"))
    yield f"{'case':12} {'tool':8} {heads}"
    for case, tools in results["seconds"].items():
        for name, walls in tools.items():
            told = results["traffic"][case][name]
            counts = (
                f"{told['requests']:9} {told['connections']:6} {_trips(case, told):>6} {told['up']:7} {told['down']:7}"
            )
            yield f"{case:12} {name:8} {min(walls):7.3f} {statistics.median(walls):7.3f} {counts}"
    yield ""
    yield "round trips by the slope of wall time over latency: " + ", ".join(
        f"{name} {slope(_points(results['seconds'], name)):.1f}" for name in results["seconds"]["0 ms"]
    )
    yield "processor seconds, least: " + ", ".join(
        f"{name} {min(used):.3f}" for name, used in results["processor"].items()
    )
    yield ""
    yield f"{'measure':66} {'value':>7} {'bar':>6} {'aim':>6}"
    yield from (row.text() for row in rows(results))
    yield from (f"{name:66} {'not built yet':>14}" for name in NOT_BUILT)


def rows(results: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the measures that can be taken."""
    seconds, traffic, used = results["seconds"], results["traffic"], results["processor"]
    for measure, case, bar, aim in _BARS:
        yield Row(f"{measure}, {case}", _ratio(seconds[case], "crane"), bar, aim)
    own = traffic["50 ms"]["rebaser"]
    yield Row("requests, same case", own["requests"], MOST_REQUESTS)
    yield Row("round trips on the critical path, same case", own["trips"], MOST_TRIPS)
    yield Row(
        "round trips on the critical path, 8 platforms", traffic["8 platforms"]["rebaser"]["trips"], MOST_INDEX_TRIPS
    )
    index = {"rebaser": seconds["8 platforms"]["rebaser"], "crane": seconds["50 ms"].get("crane", [])}
    yield Row("8-platform index, wall / one crane image, 50 ms", _ratio(index, "crane"), INDEX_BAR)
    start = [mine / least for mine, least in zip(used["rebaser version"], used["python -c pass"], strict=True)]
    yield Row("rebaser --version CPU / python -c pass", statistics.median(start), START_BAR)


def _ratio(walls: Mapping[str, Sequence[float]], peer: str) -> float | None:
    """Return the median of the ratios of one round each."""
    theirs = walls.get(peer)
    if not theirs:
        return None
    return statistics.median(mine / other for mine, other in zip(walls["rebaser"], theirs, strict=True))


def _trips(case: str, told: Mapping[str, int]) -> str:
    return "" if case == "0 ms" else str(told["trips"])


def _points(seconds: Mapping[str, Mapping[str, Sequence[float]]], name: str) -> list[tuple[float, float]]:
    cases = [case for case in seconds if case.endswith(" ms")]
    return [(float(case.removesuffix(" ms")) / 1000, statistics.median(seconds[case][name])) for case in cases]
