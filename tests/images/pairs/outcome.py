"""One pair from end to end: built twice, rebased once, probed three times, compared, and judged."""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.images.machine import work_directory
from tests.images.pairs.building import Builds
from tests.images.pairs.inventory import beyond_noise
from tests.images.pairs.layouts import load, make_layout, read_image, stacked
from tests.images.pairs.model import Pair, Truth, file_name, key
from tests.images.pairs.probing import Probed, probe
from tests.images.pairs.verdicts import Verdict, force, verdict
from tests.images.pairs.views import MADE_BY, Difference, between, kept_view, view
from tests.integration.process import Rebaser

KEPT = 40
"""Differing paths, and differing lines of tools, that are kept of a pair."""
_ALIKE = Difference((), ())


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that was found out about a pair. `rebuilt` is None where the application can't be built on the new base.

    `told` are lines that a tool says in the rebased image only (`+`), or in the rebuilt one only (`-`).
    """

    pair: str
    defined: str | None
    truth: str
    verdict: Verdict
    original: Probed
    rebased: Probed
    rebuilt: Probed | None
    differing: int
    differences: tuple[str, ...]
    forced: bool
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Built:
    """What a pair is before anything is rebased; all of it is kept between runs."""

    layout: Path
    original: Probed
    rebuilt: Probed | None
    failure: str


def judge(pair: Pair, builds: Builds, rebaser: Rebaser) -> Outcome:
    """Find out the truth about a pair, and what the rebaser says."""
    built = prepared(pair, builds)
    said = verdict(rebaser, built.layout)
    forced = force(rebaser, built.layout)
    rebased, differs = _rebased(pair, builds, built, forced=forced)
    differing = beyond_noise(list(differs.paths))
    truth = _truth(built, rebased, [*differing, *differs.told])
    found = (built.original, rebased, built.rebuilt, len(differing), tuple(differing[:KEPT]))
    return Outcome(pair.name, pair.truth, truth, said, *found, forced, differs.told[:KEPT])


def _truth(built: Built, rebased: Probed, differing: list[str]) -> Truth:
    if not built.original.passed:
        return Truth.VOID
    if not rebased.passed:
        return Truth.BREAKS
    return Truth.STALE if differing or built.rebuilt is None else Truth.WORKS


def prepared(pair: Pair, builds: Builds) -> Built:
    """The pair before anything is rebased: laid out, with what its probes say of the original and the rebuilt one."""
    engine = builds.engine
    old, new = builds.base(pair.old), builds.base(pair.new)
    original = builds.app(pair, pair.old)
    directory = _directory(pair, original, old, new)
    kept = directory / "built.json"
    if kept.exists():
        return _read_built(directory)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    make_layout(engine, {"original": original, "old-base": old, "new-base": new}, directory / "layout")
    rebuilt, failure = None, ""
    try:
        image = builds.app(pair, pair.new)
    except RuntimeError as error:
        failure = str(error)[-1500:]
    else:
        rebuilt = probe(engine, image, pair.probes)
        kept_view(engine, image, directory)
    built = Built(directory / "layout", probe(engine, original, pair.probes), rebuilt, failure)
    kept.write_text(json.dumps({**asdict(built), "layout": ""}))
    return built


def _rebased(pair: Pair, builds: Builds, built: Built, *, forced: bool) -> tuple[Probed, Difference]:
    """The probes of the rebased image, and where it differs from the rebuilt one. Kept while it is the same."""
    layout = built.layout
    manifest, config = read_image(layout, "rebased") if forced else stacked(layout, "original", "old-base", "new-base")
    kept = layout.parent / f"rebased-{key(manifest['layers'], config, pair.probes, MADE_BY)}.json"
    if not kept.exists():
        present = len(read_image(layout, "new-base")[0]["layers"])
        tag = f"rebaser-test/pair-rebased:{kept.stem}"
        try:
            load(builds.engine, layout, manifest, config, tag, present=present)
        except RuntimeError as error:
            found = (Probed(passed=False, said=f"can't be unpacked: {error}"), _ALIKE)
        else:
            found = _compared(pair, builds, built, tag)
            builds.engine.run("rmi", tag)
        kept.write_text(json.dumps([asdict(one) for one in found]))
    probed, differs = json.loads(kept.read_text())
    return Probed(**probed), Difference(tuple(differs["paths"]), tuple(differs["told"]))


def _compared(pair: Pair, builds: Builds, built: Built, image: str) -> tuple[Probed, Difference]:
    probed = probe(builds.engine, image, pair.probes)
    if built.rebuilt is None:
        return probed, _ALIKE
    rebuilt = kept_view(builds.engine, builds.app(pair, pair.new), built.layout.parent)
    return probed, between(view(builds.engine, image), rebuilt)


def _directory(pair: Pair, original: str, old: str, new: str) -> Path:
    name = f"{file_name(pair.name)}-{key(original, old, new, pair.probes)}"
    return work_directory() / "pairs" / name


def _read_built(directory: Path) -> Built:
    found: dict[str, Any] = json.loads((directory / "built.json").read_text())
    rebuilt = Probed(**found["rebuilt"]) if found["rebuilt"] else None
    return Built(directory / "layout", Probed(**found["original"]), rebuilt, found["failure"])
