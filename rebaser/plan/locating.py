"""Which layer holds a file of one of the three images, and whether the index kept its content."""

from collections.abc import Iterable

from rebaser.layers.bodies import Body
from rebaser.layers.index import LayerIndex
from rebaser.oci.image import Layer
from rebaser.plan.evidence import Evidence, Indexes
from rebaser.plan.model import Draft
from rebaser.plan.sources import Place, Source


def kept_body(evidence: Evidence, source: Source) -> Body | None:
    """Return a content that was kept while the layer was indexed; when the file was changed is not known then."""
    entry = evidence.system(source.place).files.entry(source.path)
    return Body(entry.whole) if entry is not None and entry.whole is not None else None


def files_by_layer(evidence: Evidence, sources: Iterable[Source]) -> dict[tuple[Place, int], list[str]]:
    """Return the paths whose contents must be read from layers, by image and by the layer's position in it."""
    found: dict[tuple[Place, int], list[str]] = {}
    for source in sorted(sources):
        node = evidence.system(source.place).files.nodes.get(source.path)
        if node is not None and kept_body(evidence, source) is None:
            found.setdefault((source.place, node.layer), []).append(source.path)
    return found


def layer_of(draft: Draft, indexes: Indexes, place: Place, position: int) -> tuple[LayerIndex, Layer]:
    """Return a layer of one of the three images, as it was read and as it is stored."""
    if place == "new":
        return indexes.new[position], draft.trio.new_base.layers[position]
    return (*indexes.old, *indexes.app)[position], draft.trio.original.layers[position]
