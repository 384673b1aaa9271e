"""A container engine that exists only in memory: as much of its API as images go in and out by.

    fake = FakeEngine()
    Engine(EngineAddress(), Traffic(), fake.wire)
    fake.tags, fake.asked

With the image store of Docker's own (the graph driver) or containerd's; archives that it saves look as each one's do.
"""

import gzip
import io
import json
import re
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

import httpx

from rebaser.oci.digest import digest_of
from rebaser.oci.reference import full_name
from tests.fakes.containers import FakeContainers

Files = dict[str, bytes]


@dataclass
class FakeEngine:
    """`images` are by ID what the engine saves of each; `fault` may answer a request in its stead."""

    keeps_manifests: bool = False
    images: dict[str, Files] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    containers: FakeContainers = field(default_factory=FakeContainers)
    platform: tuple[str, str] = ("linux", "amd64")
    fault: Callable[[httpx.Request], httpx.Response | None] = lambda _request: None

    def __post_init__(self) -> None:
        self._lock = Lock()
        self.wire = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        path = request.url.path
        with self._lock:
            self.asked.append(f"{request.method} {path}")
            if (told := self.fault(request)) is not None:
                return told
            return self._usual(request, path, body)

    def _usual(self, request: httpx.Request, path: str, body: bytes) -> httpx.Response:
        if path == "/info":
            driver = [["driver-type", "io.containerd.snapshotter.v1"]] if self.keeps_manifests else []
            return httpx.Response(200, json={"DriverStatus": driver})
        if path == "/version":
            return httpx.Response(200, json=dict(zip(("Os", "Arch"), self.platform, strict=True)))
        if path.startswith(("/containers/", "/commit")):
            return self.containers.answer(request, body)
        return self._of_images(request, path, body)

    def _of_images(self, request: httpx.Request, path: str, body: bytes) -> httpx.Response:
        if request.method == "DELETE":
            return self._remove(path.removeprefix("/images/"))
        if path == "/images/load":
            return self._load(body)
        if found := re.fullmatch(r"/images/(.+)/(json|get|tag)", path):
            return self._image(found[1], found[2], parse_qs(request.url.query.decode()))
        return httpx.Response(404, json={"message": "page not found"})

    def _image(self, name: str, wanted: str, query: Mapping[str, list[str]]) -> httpx.Response:
        identity = name if name in self.images else self.tags.get(_full(name))
        if identity is None:
            return httpx.Response(404, json={"message": f"No such image: {name}"})
        if wanted == "json":
            return httpx.Response(200, json={"Id": identity})
        if wanted == "get":
            return httpx.Response(200, content=a_tar_of(self.images[identity]))
        self.tags[_full(f"{query['repo'][0]}:{query['tag'][0]}")] = identity
        return httpx.Response(201)

    def _remove(self, identity: str) -> httpx.Response:
        if self.images.pop(identity, None) is None and not identity.startswith("sha256:0000"):
            return httpx.Response(404, json={"message": f"No such image: {identity}"})
        return httpx.Response(200, json=[{"Deleted": identity}])

    def _load(self, body: bytes) -> httpx.Response:
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            files = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
        try:
            for item in json.loads(files["manifest.json"]):
                identity, kept = _kept_whole(files) if self.keeps_manifests else _kept_apart(files, item)
                self.images[identity] = kept
                self.tags |= dict.fromkeys(map(_full, item["RepoTags"] or ()), identity)
        except (KeyError, ValueError) as error:
            return httpx.Response(200, json={"error": f"open {error}: no such file or directory"})
        return httpx.Response(200, json={"stream": "Loaded image ID"})


def a_tar_of(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _kept_whole(files: Files) -> tuple[str, Files]:
    """What containerd's store keeps: everything, under the digest of the manifest or index."""
    index = json.loads(files["index.json"])
    return index["manifests"][0]["digest"], files


def _kept_apart(files: Files, item: Mapping[str, Any]) -> tuple[str, Files]:
    """What Docker's own store keeps: the config, and the layers unpacked; it saves them as it did until 24."""
    config = files[item["Config"]]
    layers = [_unpacked(files[name]) for name in item["Layers"]]
    told = json.loads(config)["rootfs"]["diff_ids"]
    if told != [digest_of(layer) for layer in layers]:
        raise ValueError("layers whose diff IDs are others")
    names = [f"{position:064x}/layer.tar" for position, _ in enumerate(layers)]
    identity = digest_of(config)
    file = f"{identity.removeprefix('sha256:')}.json"
    manifest = json.dumps([{"Config": file, "RepoTags": None, "Layers": names}]).encode()
    return identity, {file: config} | dict(zip(names, layers, strict=True)) | {"manifest.json": manifest}


def _unpacked(layer: bytes) -> bytes:
    return gzip.decompress(layer) if layer[:2] == b"\x1f\x8b" else layer


def _full(name: str) -> str:
    return name if "@" in name else full_name(name)
