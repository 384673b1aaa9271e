"""`python -m tests.images` builds all there is, and says how long each took."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.images.catalog import APPS, BASES, DISTRIBUTION, MAJOR_BASE, PYTHON, REGISTRIES, RUNNER, TINY, UPGRADED
from tests.images.engine import Builder, connect
from tests.images.images import Images
from tests.images.rootfs import tree

TREES = (*BASES.values(), DISTRIBUTION, PYTHON, RUNNER, TINY)


def main() -> None:
    """Trees first, two at a time; then bases and applications on them."""
    images = Images(connect())
    with ThreadPoolExecutor(max_workers=2) as pool:
        list(pool.map(lambda rootfs: _timed(rootfs.name, partial(tree, rootfs)), TREES))
    for title, work in _builds(images):
        _timed(title, work)


def _builds(images: Images) -> Iterator[tuple[str, Callable[[], object]]]:
    for registry in REGISTRIES:
        yield registry, partial(images.registry, registry)
    yield "runner", images.runner
    for builder in Builder:
        for app in APPS.values():
            for base in (app.old_base, app.new_base, *([MAJOR_BASE] if app.name in UPGRADED else [])):
                yield f"{app.name} on {base}, {builder}", partial(_app, images, app.name, base, builder)


def _app(images: Images, name: str, base: str, builder: Builder) -> None:
    images.engine.config(images.app(name, base, builder))


def _timed(title: str, work: Callable[[], object]) -> None:
    start = time.monotonic()
    work()
    print(f"{time.monotonic() - start:6.1f} s  {title}", flush=True)


if __name__ == "__main__":
    main()
