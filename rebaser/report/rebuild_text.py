"""How a build from source is told: why it came to that, from what, by which builder, and its last lines."""

from collections.abc import Iterator

from rebaser.printable import printable, size
from rebaser.report.model import ImageReport, PlatformReport, RebuildEntry

_SHOWN = 10  # lines of a failed build, which have just been shown as they came; report.json has more
_BUILD = "rebuild-"  # with which the codes of failed builds begin


def rebuild_lines(image: ImageReport) -> Iterator[str]:
    """Yield what a terminal shows; the builder's lines only of a failure, where they tell why."""
    if image.rebuild is None:
        return
    if image.decision:
        yield f"  a rebase would not do: {printable(image.decision.because, 2000)}"
    yield f"  {'to be built' if image.dryRun or image.error else 'built'} from: {origin(image.rebuild)}"
    if image.error and image.error.code.startswith(_BUILD):
        yield "  nothing was pushed, and all tags are as they were"
        if image.rebuild.log:
            yield "  the builder's last lines:"
        yield from (f"    | {printable(line, 2000)}" for line in image.rebuild.log[-_SHOWN:])


def origin(entry: RebuildEntry) -> str:
    """Return the source, the builder, and in whose place the new base is, as far as it came."""
    commit = f" at {printable(entry.commit)}" if entry.commit else ""
    builder = f", by {printable(entry.builder)}" if entry.builder else ""
    base = f", with the new base for {printable(entry.base)}" if entry.base else ""
    return f"{printable(entry.source) or 'not known'}{commit}{builder}{base}"


def built_layers(platform: PlatformReport, image: ImageReport) -> Iterator[str]:
    """Yield how the layers of a platform's new image are made up, where it is made."""
    if image.dryRun or platform.current:
        return
    own = [layer.size for layer in platform.layersAfter if layer.origin == "application"]
    base = len(platform.layersAfter) - len(own)
    yield f"    layers: {base} of the new base, {len(own)} built ({size(sum(own))})"
