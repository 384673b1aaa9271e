"""Images that no builder makes: a config document of one's own over the tiny tree."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

from tests.images.catalog import TINY
from tests.images.engine import Engine
from tests.images.rootfs import tree


def load(engine: Engine, tag: str, directory: Path, config: Mapping[str, object], further_layers: int = 0) -> None:
    """Give the engine an image with this config; the layers and the platform are filled in."""
    layers = [tree(TINY).read_bytes(), *(_layer(f"layer-{number}") for number in range(further_layers))]
    digests = [hashlib.sha256(layer).hexdigest() for layer in layers]
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest in digests]}
    architecture = engine.run("version", "--format={{.Server.Arch}}").strip()
    document = {"os": "linux", "architecture": architecture, **config, "rootfs": rootfs}
    names = [f"{digest}.tar" for digest in digests]
    manifest = [{"Config": "config.json", "RepoTags": [tag], "Layers": names}]
    files = dict(zip(names, layers, strict=True))
    files |= {"config.json": json.dumps(document).encode(), "manifest.json": json.dumps(manifest).encode()}
    archive = directory / "image.tar"
    archive.write_bytes(_tar(files))
    engine.run("load", "--quiet", "--input", archive)


def _layer(name: str) -> bytes:
    return _tar({name: name.encode()})


def _tar(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()
