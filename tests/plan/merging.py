"""What the merge layer makes of three images, given as files by path; all that `looking` does, without a registry.

after = merged({"etc/passwd": old}, [{"etc/passwd": app}], {"etc/passwd": new})
assert after.text("etc/passwd") == "..."
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rebaser.layers.bodies import Body, members, read_bodies
from rebaser.layers.entry import Kind
from rebaser.layers.filesystem import FileSystem, add
from rebaser.layers.index import index_layer
from rebaser.plan.disputes import find_disputes, settle_packages, wanted_lists
from rebaser.plan.evidence import Evidence
from rebaser.plan.locating import files_by_layer, kept_body
from rebaser.plan.merge_layer import MergeLayer, merge_layer
from rebaser.plan.model import Wishes
from rebaser.plan.reconciling import reconcile
from rebaser.plan.repairing import repairs, wanted_bodies
from rebaser.plan.rewriting import rewriting
from rebaser.plan.settle import with_merge
from rebaser.plan.sources import Bodies, Source
from rebaser.system.model import System
from tests.builders import ALayer, a_layer
from tests.checks.evidence import Files, an_evidence


@dataclass(frozen=True, slots=True)
class After:
    """The evidence with the merge layer on top."""

    evidence: Evidence

    @property
    def merge(self) -> MergeLayer:
        return self.evidence.merge

    @property
    def files(self) -> FileSystem:
        return self.evidence.rebased.files

    @property
    def told(self) -> dict[str, str]:
        """What was done, by path."""
        return {repair.path: repair.action.value for repair in self.merge.repairs}

    @property
    def conflicts(self) -> dict[str, str]:
        return {one.path: one.why for one in self.merge.conflicts}

    def text(self, path: str) -> str | None:
        """What the merge layer has at a path; None where it has no file there."""
        found = [repair for repair in self.merge.repairs if repair.path == path and repair.entry is not None]
        return found[0].content.decode() if found else None

    def link(self, path: str) -> str | None:
        """Where a symbolic link leads in the end; None where there is none."""
        entry = self.files.entry(path)
        return entry.link if entry is not None and entry.kind is Kind.SYMLINK else None


def merged(old: Files, app: Sequence[Files], new: Files, steps: Sequence[str] | None = None) -> After:
    """Merge the changes that the application's layers made to the old base with those of the new base."""
    evidence = on_new_paths(an_evidence(old, app, new, steps=steps))
    layers = {"old": [a_layer(old)], "app": [a_layer(files) for files in (old, *app)], "new": [a_layer(new)]}
    disputes = find_disputes(evidence)
    lists = _bodies(evidence, wanted_lists(evidence, disputes), layers)
    evidence = replace(evidence, settlement=settle_packages(evidence, disputes, lists))
    desired = reconcile(evidence)
    bodies = _bodies(evidence, wanted_bodies(desired, evidence), layers)
    merge = merge_layer(*repairs(desired, evidence, bodies), evidence.rebased.files)
    return After(with_merge(evidence, merge, Wishes()))


def on_new_paths(evidence: Evidence) -> Evidence:
    """The evidence with the application's layers led through the new base's links."""
    layers = rewriting(evidence.old.files, evidence.app_layers, evidence.new.files).layers
    rebased = System(add(evidence.new.files, layers), evidence.rebased.settings)
    return replace(evidence, app_layers=layers, rebased=rebased)


def _bodies(evidence: Evidence, sources: Iterable[Source], layers: dict[str, list[ALayer]]) -> Bodies:
    sources = frozenset(sources)
    found: dict[Source, Body] = {}
    for (place, position), paths in files_by_layer(evidence, sources).items():
        layer = layers[place][position]
        wanted = members(index_layer([layer.content], layer.diff_id), paths)
        found |= {Source(place, path): body for path, body in read_bodies([layer.content], wanted).items()}
    return {**found, **{source: body for source in sources if (body := kept_body(evidence, source)) is not None}}
