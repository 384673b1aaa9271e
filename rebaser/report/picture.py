"""The layers before and after as a Mermaid flow chart. Its labels are our own words, numbers and short digests only."""

from collections.abc import Iterator, Sequence

from rebaser.printable import size
from rebaser.report.model import LayerEntry, PlatformReport

MOST = 10  # layers of one kind that are drawn one by one
_SHORT = slice(7, 19)  # twelve digits of a digest, without its algorithm
_COLOURS = {"old base": "#8c959f", "new base": "#2da44e", "application": "#0969da"}
_CLASSES = {"old base": "old", "new base": "fresh", "application": "own"}


def picture(platform: PlatformReport) -> str:
    """Return the chart: base first, from the bottom up, the old stack beside the new one."""
    return "\n".join(_lines(platform))


def _lines(platform: PlatformReport) -> Iterator[str]:
    yield "flowchart LR"
    yield from _stack("before", platform.layersBefore)
    yield from _stack("after", platform.layersAfter)
    yield "  before --> after"
    for origin, name in _CLASSES.items():
        yield f"  classDef {name} fill:{_COLOURS[origin]},color:#ffffff,stroke:none"


def _stack(name: str, layers: Sequence[LayerEntry]) -> Iterator[str]:
    yield f"  subgraph {name}"
    yield "    direction BT"
    labels = [label for origin in _CLASSES for label in _labels(origin, layers)]
    for number, (origin, label) in enumerate(labels):
        yield f'    {name}{number}["{label}"]:::{_CLASSES[origin]}'
    yield from (f"    {name}{number - 1} --- {name}{number}" for number in range(1, len(labels)))
    yield "  end"


def _labels(origin: str, layers: Sequence[LayerEntry]) -> list[tuple[str, str]]:
    mine = [layer for layer in layers if layer.origin == origin]
    if len(mine) > MOST:
        return [(origin, f"{origin}: {len(mine)} layers, {size(sum(layer.size for layer in mine))}")]
    return [(origin, f"{origin} {layer.digest[_SHORT]}, {size(layer.size)}") for layer in mine]
