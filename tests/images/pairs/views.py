"""An image as one is held against another: its files, and what its tools say of them."""

import gzip
import inspect
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.images.engine import Engine
from tests.images.pairs import inventory as reading
from tests.images.pairs.inventory import Inventory, differences, inventory
from tests.images.pairs.model import key
from tests.images.pairs.tools import SCRIPT, Told, disagreements, told

MADE_BY = key(inspect.getsource(reading), SCRIPT)
"""Another way of looking, another name for what is kept."""


@dataclass(frozen=True, slots=True)
class View:
    """The files of an image, and what its tools say."""

    files: Inventory
    told: Told


@dataclass(frozen=True, slots=True)
class Difference:
    """In what two images differ: paths, and lines that tools say in one only, each after a sign."""

    paths: tuple[str, ...]
    told: tuple[str, ...]


def view(engine: Engine, image: str) -> View:
    """Look at an image."""
    return View(inventory(engine, image), told(engine, image))


def between(rebased: View, rebuilt: View) -> Difference:
    """In what a rebased image differs from a rebuilt one."""
    paths = differences(rebased.files, rebuilt.files)
    return Difference(tuple(paths), tuple(disagreements(rebased.told, rebuilt.told)))


def kept_view(engine: Engine, image: str, directory: Path) -> View:
    """Look at the rebuilt image of a pair, unless that has been done before."""
    kept = directory / f"rebuilt-{MADE_BY}.json.gz"
    if not kept.exists():
        part = kept.with_suffix(".part")
        part.write_bytes(gzip.compress(json.dumps(asdict(view(engine, image))).encode(), 1))
        part.rename(kept)
    return View(**json.loads(gzip.decompress(kept.read_bytes())))
