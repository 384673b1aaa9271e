"""What tests ask of a registry, and how images get into it and out of it."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.images.engine import Engine
from tests.images.machine import run, tool

_KINDS = (
    "oci.image.manifest.v1",
    "oci.image.index.v1",
    "docker.distribution.manifest.v2",
    "docker.distribution.manifest.list.v2",
)
_MANIFESTS = ", ".join(f"application/vnd.{kind}+json" for kind in _KINDS)


@dataclass(frozen=True)
class Registry:
    """A registry that runs for the length of the tests."""

    name: str
    address: str
    engine: Engine

    def reference(self, repository: str, tag: str = "latest") -> str:
        """The full name of an image here."""
        return f"{self.address}/{repository}:{tag}"

    def push(self, image: str, repository: str, tag: str = "latest") -> str:
        """Push an image of the engine with docker, and answer its name here."""
        reference = self.reference(repository, tag)
        self.engine.run("tag", image, reference)
        self.engine.run("push", reference)
        return reference

    def copy(self, source: str, repository: str, tag: str = "latest", *options: str) -> str:
        """Copy an image here with skopeo, from anywhere that skopeo can read."""
        reference = self.reference(repository, tag)
        skopeo("copy", "--quiet", *options, source, f"docker://{reference}")
        return reference

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            return httpx.get(f"http://{self.address}/v2/", timeout=2).is_success
        except httpx.TransportError:
            return False

    def get(self, path: str) -> httpx.Response:
        """What it answers to one request below /v2/."""
        return httpx.get(f"http://{self.address}/v2/{path}", headers={"Accept": _MANIFESTS}, follow_redirects=True)

    def manifest(self, repository: str, tag: str = "latest") -> dict[str, Any]:
        """A manifest or index."""
        return self._document(f"{repository}/manifests/{tag}")

    def config(self, repository: str, tag: str = "latest") -> dict[str, Any]:
        """The config document of an image for one platform."""
        digest = self.manifest(repository, tag)["config"]["digest"]
        return self._document(f"{repository}/blobs/{digest}")

    def layers(self, repository: str, tag: str = "latest") -> list[str]:
        """The digests of the layers as the registry stores them."""
        return [layer["digest"] for layer in self.manifest(repository, tag)["layers"]]

    def _document(self, path: str) -> dict[str, Any]:
        document: dict[str, Any] = self.get(path).raise_for_status().json()
        return document


def skopeo(command: str, *arguments: str) -> str:
    """What skopeo prints; registries here speak plain http."""
    plain = {"copy": ("--src-tls-verify=false", "--dest-tls-verify=false"), "inspect": ("--tls-verify=false",)}
    return run(tool("skopeo"), command, *plain[command], *arguments)
