"""Changes the application's layers where they cannot stand on the new base as they are. H21, H30, W9, W10.

They are changed starting from what they were before any rebase changed them, if that is recorded and still there.
"""

from collections.abc import Sequence
from dataclasses import replace

from rebaser.layer_reader import LayerReader
from rebaser.layers.index import LayerIndex
from rebaser.oci.image import Layer
from rebaser.oci.reference import Repository
from rebaser.plan.adapted import Adapted, Ways, former_paths
from rebaser.plan.evidence import Evidence, Indexes
from rebaser.plan.model import AppLayer, app_layers
from rebaser.plan.original_layers import told_original
from rebaser.plan.rewriting import Rewriting, completed, rewriting
from rebaser.plan.starting import Start, start


def adapt(evidence: Evidence, indexes: Indexes, reader: LayerReader, home: Repository) -> Adapted:
    """Return the application's layers as they are to stand on the new base; `home` is where the original lies.

    Raises:
        UnreadableError, ImageError, TransportError: a layer could not be read again.
    """
    present = app_layers(evidence.draft.trio.original, evidence.draft.seam)
    layers, started = _start(present, evidence, reader, home)
    planned = rewriting(started.old, started.app, evidence.new.files)
    if planned.wanted:
        sources = {path: started.source(path) for path in planned.wanted}
        bodies = reader.bodies(evidence, indexes, home, frozenset(sources.values()))
        planned = completed(planned, {path: bodies[one].content for path, one in sources.items() if one in bodies})
    pairs = enumerate(zip(present, layers, strict=True))
    made = tuple(_made(position, pair, planned, reader, home) for position, pair in pairs)
    return Adapted(
        made,
        tuple(replace(index, diff_id=one.layer.diff_id) for index, one in zip(planned.layers, made, strict=True)),
        planned.problems,
        former_paths(Ways(started.turned, planned.turned), started.old, started.app, evidence.original.files),
        any(one != AppLayer(layer) for one, layer in zip(made, present, strict=True)),
    )


def _start(
    present: Sequence[Layer], evidence: Evidence, reader: LayerReader, home: Repository
) -> tuple[Sequence[Layer], Start]:
    """Return the layers to start from: the recorded ones if the present ones prove to be made of them."""
    told = [told_original(layer) for layer in present]
    as_they_are = Start(evidence.old.files, evidence.app_layers)
    if not any(told):
        return present, as_they_are
    recorded = [reader.layer(one, home) if one else None for one in told]
    before: list[LayerIndex] = [one or now for one, now in zip(recorded, evidence.app_layers, strict=True)]
    started = start(evidence.old.files, evidence.app_layers, before)
    if started is None:
        return present, as_they_are
    layers = [one if one and index else now for one, index, now in zip(told, recorded, present, strict=True)]
    return layers, started


def _made(
    position: int, pair: tuple[Layer, Layer], planned: Rewriting, reader: LayerReader, home: Repository
) -> AppLayer:
    """Return what becomes of one layer, as it is and as it was; what was changed so before is there already."""
    (present, before), changes = pair, planned.changes[position]
    if changes is None:
        return AppLayer(before)
    reasons = tuple(reason for reason in planned.reasons if reason.layer == position)
    made = reader.rewritten(before, home, changes)
    if made.diff_id == present.diff_id:
        return AppLayer(present, before, None, reasons)
    return AppLayer(made, before, changes, reasons)
