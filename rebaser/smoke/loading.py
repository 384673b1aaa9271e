"""Brings a stored image into the engine without a name, for as long as it is tried.

What the engine has already is used, and stays; what was brought is removed.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from rebaser.errors import TransportError
from rebaser.oci.descriptor import describe
from rebaser.oci.manifest import Manifest
from rebaser.oci.strict_json import JsonObject
from rebaser.printable import printable
from rebaser.smoke.containers import Watch, removed_image
from rebaser.transports.base import BlobSource
from rebaser.transports.docker_engine import Engine
from rebaser.transports.saved_images import SavedImage
from rebaser.transports.saving import archive


@dataclass(frozen=True, slots=True)
class Tried:
    """The image that is tried: its ID in the engine, and what its config says of containers."""

    engine: Engine
    image: str
    config: JsonObject
    watch: Watch


@contextmanager
def loaded(engine: Engine, source: BlobSource, manifest: Manifest) -> Iterator[str]:
    """Give out the ID under which the engine has the image of a manifest that is stored in `source`.

    Raises:
        ImageError: a stored blob is not what its digest says.
        TransportError: the source cannot be read; `engine-unreachable`, or `engine-refused` with what it said.
    """
    identity = _identity(engine, manifest)
    if identity is not None:
        yield identity
        return
    engine.load(archive((SavedImage((), describe(manifest.document)),), source))
    identity = _identity(engine, manifest)
    if identity is None:
        raise engine.refused(f"it took {printable(manifest.document.digest)}, and does not know it afterwards")
    with temporary_image(engine, identity):
        yield identity


@contextmanager
def temporary_image(engine: Engine, identity: str) -> Iterator[None]:
    """Remove an image in the end; where something else went wrong, that is what is told."""
    try:
        yield
    except BaseException:
        with suppress(TransportError):
            removed_image(engine, identity)
        raise
    removed_image(engine, identity)


def _identity(engine: Engine, manifest: Manifest) -> str | None:
    """Return the ID that the image has in the engine: its own digest, or that of its config."""
    return engine.identity(manifest.document.digest) or engine.identity(manifest.view.config.digest)
