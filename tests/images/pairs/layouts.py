"""Images between the engine and OCI layouts, without a registry and without packing a layer."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.images.engine import Engine
from tests.images.machine import work_directory

CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
Json = dict[str, Any]


def make_layout(engine: Engine, images: Mapping[str, str], layout: Path) -> None:
    """Lay images of the engine, by tag, into a new layout. Blobs are links into a store that all layouts share."""
    shutil.rmtree(layout, ignore_errors=True)
    (layout / "blobs" / "sha256").mkdir(parents=True)
    entries = [_entry(tag, _save(engine, image), layout) for tag, image in images.items()]
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": entries}))


def read_image(layout: Path, tag: str) -> tuple[Json, Json]:
    """The manifest and the config that a tag names in a layout."""
    entries = json.loads((layout / "index.json").read_bytes())["manifests"]
    (found,) = (entry for entry in entries if entry["annotations"]["org.opencontainers.image.ref.name"] == tag)
    manifest = json.loads(blob(layout, found["digest"]).read_bytes())
    return manifest, json.loads(blob(layout, manifest["config"]["digest"]).read_bytes())


def load(engine: Engine, layout: Path, manifest: Json, config: Json, tag: str, *, present: int) -> None:
    """Give the engine an image of a layout, of which it has the first layers already."""
    document = json.dumps(config).encode()
    digests = [layer["digest"] for layer in manifest["layers"]]
    names = [f"{position}.tar" for position in range(len(digests))]
    listing = [{"Config": "config.json", "RepoTags": [tag], "Layers": names}]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        _add(archive, "config.json", document)
        _add(archive, "manifest.json", json.dumps(listing).encode())
        for name, digest in list(zip(names, digests, strict=True))[present:]:
            archive.add(blob(layout, digest), name)
    done = subprocess.run((engine.client, "load"), input=buffer.getvalue(), capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"load ended with {done.returncode}: {done.stderr.decode()}")


def add_image(layout: Path, tag: str, manifest: Json, config: Json, layer: bytes) -> None:
    """Make a tag name its image with one more layer on top."""
    stored, document = _store([layer]), dict(config)
    ids = [*config["rootfs"]["diff_ids"], stored["digest"]]
    document |= {"rootfs": {"type": "layers", "diff_ids": ids}}
    document["history"] = [*config.get("history", []), {"created_by": "a mutation"}]
    told = {**manifest, "config": {"mediaType": CONFIG, **_store([json.dumps(document).encode()])}}
    told["layers"] = [*manifest["layers"], {"mediaType": LAYER, **stored}]
    index = json.loads((layout / "index.json").read_bytes())
    others = [one for one in index["manifests"] if one["annotations"]["org.opencontainers.image.ref.name"] != tag]
    (layout / "index.json").write_text(json.dumps({**index, "manifests": [*others, _entry(tag, told, layout)]}))


def stacked(layout: Path, original: str, old: str, new: str) -> tuple[Json, Json]:
    """The plain stack: the new base's layers, the original's own ones, and its config as it was."""
    (app, config), (base, _), (target, its) = (read_image(layout, tag) for tag in (original, old, new))
    own = len(base["layers"])
    ids = [*its["rootfs"]["diff_ids"], *config["rootfs"]["diff_ids"][own:]]
    layers = [*target["layers"], *app["layers"][own:]]
    bare = {name: value for name, value in config.items() if name != "history"}
    return {"layers": layers}, {**bare, "rootfs": {"type": "layers", "diff_ids": ids}}


def _save(engine: Engine, image: str) -> Json:
    """The manifest of an image whose blobs are then in the store."""
    with subprocess.Popen((engine.client, "save", image), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            members = {member.name: _keep(archive, member) for member in archive}
    (listed,) = json.loads(_content(members["manifest.json"]))
    config = members[listed["Config"]]
    layers = [_followed(members, os.path.normpath(name)) for name in listed["Layers"]]
    return {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, **config},
        "layers": [{"mediaType": LAYER, **layer} for layer in layers],
    }


def _keep(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Json:
    """Digest and size of a member of a saved image, kept in the store; a link stands for what was kept before."""
    if member.issym():
        return {"link": os.path.normpath(str(Path(member.name).parent / member.linkname))}
    file = archive.extractfile(member)
    return _store(iter(lambda: file.read(1 << 20), b"")) if file else {}


def _followed(members: Mapping[str, Json], name: str) -> Json:
    while "link" in members[name]:
        name = members[name]["link"]
    return members[name]


def _store(chunks: Iterable[bytes]) -> Json:
    directory = work_directory() / "pairs" / "blobs"
    directory.mkdir(parents=True, exist_ok=True)
    part = directory / f"{os.urandom(8).hex()}.part"
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += file.write(chunk)
    kept = directory / digest.hexdigest()
    if kept.exists():
        part.unlink()
    else:
        part.rename(kept)
    return {"digest": f"sha256:{digest.hexdigest()}", "size": size}


def _content(descriptor: Json) -> bytes:
    name: str = descriptor["digest"].removeprefix("sha256:")
    return (work_directory() / "pairs" / "blobs" / name).read_bytes()


def _entry(tag: str, manifest: Json, layout: Path) -> Json:
    stored = _store([json.dumps(manifest).encode()])
    for descriptor in (stored, manifest["config"], *manifest["layers"]):
        target = blob(layout, descriptor["digest"])
        if not target.exists():
            target.hardlink_to(work_directory() / "pairs" / "blobs" / target.name)
    return {"mediaType": MANIFEST, **stored, "annotations": {"org.opencontainers.image.ref.name": tag}}


def blob(layout: Path, digest: str) -> Path:
    """The file of a blob."""
    return layout / "blobs" / "sha256" / digest.removeprefix("sha256:")


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
