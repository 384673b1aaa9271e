"""`python -m tests.images.pairs` finds out the truth about all pairs, and how the rebaser's verdicts compare."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.images.engine import connect
from tests.images.machine import work_directory
from tests.images.pairs.building import Builds
from tests.images.pairs.drawing import drawn
from tests.images.pairs.hand import HAND_WRITTEN
from tests.images.pairs.model import Pair, Truth
from tests.images.pairs.mutation import Mutated, mutated
from tests.images.pairs.mutation_record import mutation_line, mutation_table
from tests.images.pairs.outcome import Outcome, judge
from tests.images.pairs.record import line, mark, table, write_json
from tests.images.pairs.recording import name, recorded
from tests.images.pairs.verdicts import SAFE
from tests.integration.process import Rebaser

AT_ONCE = 2
MISSED = 0.05  # of the mutations that break something may go unnoticed
WILD = ("*", "?", "[")


def main() -> None:
    """Judge the pairs, two at a time, and write down what came out; the exit code is 1 if any of it must not be."""
    wanted = _arguments()
    builds = Builds(connect())
    with TemporaryDirectory() as directory:
        rebaser = Rebaser(Path(directory))
        written = _judged([pair for pair in HAND_WRITTEN if fnmatchcase(pair.name, wanted.only)], builds, rebaser)
        by_seed = _judged(_drawn(wanted.seed, builds, wanted.only), builds, rebaser)
        write_json([*written, *by_seed], work_directory() / "pairs" / "outcomes.json")
        tried = _mutated([*written, *by_seed], builds, rebaser, wanted)
    text = table(written, by_seed) + mutation_table(tried)
    print(text.partition("\n## ")[0])
    if wanted.table:
        wanted.table.write_text(text, encoding="utf-8")
    print(mutation_table(tried).partition("\n| pair")[0])
    wrong = any(mark(outcome) == "!" for outcome in (*written, *by_seed))
    sys.exit(wrong or sum(one.is_missed for one in tried) > MISSED * len(tried))


def _mutated(
    outcomes: Sequence[Outcome], builds: Builds, rebaser: Rebaser, wanted: argparse.Namespace
) -> list[Mutated]:
    """Take things away from the new bases of the hand-written pairs that work and are called safe."""
    working = {one.pair for one in outcomes if one.truth == Truth.WORKS and one.verdict.word == SAFE}
    pairs = [pair for pair in HAND_WRITTEN if pair.name in working] if wanted.mutations else []

    def told(pair: Pair) -> list[Mutated]:
        found = mutated(pair, builds, rebaser, seed=wanted.seed, count=wanted.mutations)
        for one in found:
            print(mutation_line(one), flush=True)
        return found

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return [one for found in pool.map(told, pairs) for one in found]


def _drawn(seed: int, builds: Builds, only: str) -> list[Pair]:
    """The drawn pairs that are asked for; nothing is drawn if none can be."""
    if not only.startswith(("drawn/", *WILD)):
        return []
    return [recorded(one, builds) for one in drawn(seed) if fnmatchcase(name(one), only)]


def _judged(pairs: Sequence[Pair], builds: Builds, rebaser: Rebaser) -> list[Outcome]:
    def told(pair: Pair) -> Outcome:
        outcome = judge(pair, builds, rebaser)
        print(line(outcome), flush=True)
        return outcome

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return list(pool.map(told, pairs))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.images.pairs", description=__doc__)
    parser.add_argument("--only", default="*", metavar="GLOB", help="the names of the pairs (default: all)")
    parser.add_argument("--table", type=Path, metavar="FILE", help="where the table goes")
    parser.add_argument("--mutations", type=int, default=0, help="how many of each kind a pair gets (default: 0)")
    parser.add_argument("--seed", type=int, default=1, help="which packages are drawn (default: 1)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
