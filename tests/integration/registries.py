"""What tests ask of a registry, and how images get into it and out of it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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
_UNAUTHORIZED = 401


@dataclass(frozen=True)
class Registry:
    """A registry that runs for the length of the tests. `login` are the user and password that it wants."""

    name: str
    address: str
    engine: Engine
    login: tuple[str, str] | None = None
    _given: set[str] = field(default_factory=set)

    def reference(self, repository: str, tag: str = "latest") -> str:
        """The full name of an image here."""
        return f"{self.address}/{repository}:{tag}"

    def push(self, image: str, repository: str, tag: str = "latest") -> str:
        """Push an image of the engine with docker, and answer its name here."""
        reference = self.reference(repository, tag)
        self.engine.run("tag", image, reference)
        self._given.add(reference)
        self.engine.run("push", reference)
        return reference

    def copy(self, source: str, repository: str, tag: str = "latest", *options: str) -> str:
        """Copy an image here with skopeo, from anywhere that skopeo can read."""
        reference = self.reference(repository, tag)
        login = [f"--dest-creds={':'.join(self.login)}"] if self.login else []
        skopeo("copy", "--quiet", *login, *options, source, f"docker://{reference}")
        return reference

    @contextmanager
    def pulled(self, reference: str) -> Iterator[str]:
        """Have the engine pull an image from here, for as long as it is used."""
        self.engine.run("pull", "--quiet", reference)
        self._given.discard(reference)
        try:
            yield reference
        finally:
            self.engine.run("rmi", "--no-prune", reference)

    def forget(self) -> None:
        """Take the names of this registry out of the engine: it will not be there any more."""
        for reference in sorted(self._given):
            self.engine.run("rmi", "--no-prune", reference)
        self._given.clear()

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            answer = httpx.get(f"http://{self.address}/v2/", timeout=2)
        except httpx.TransportError:
            return False
        return answer.is_success or (self.login is not None and answer.status_code == _UNAUTHORIZED)

    def get(self, path: str) -> httpx.Response:
        """What it answers to one request below /v2/."""
        return self._ask("GET", path, headers={"Accept": _MANIFESTS})

    def put_blob(self, repository: str, content: bytes) -> None:
        """Store a blob."""
        place = self._ask("POST", f"{repository}/blobs/uploads/").raise_for_status().headers["Location"]
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        url = httpx.URL(f"http://{self.address}/").join(place).copy_add_param("digest", digest)
        httpx.put(url, content=content, auth=self.login).raise_for_status()

    def put_manifest(self, repository: str, tag: str, media_type: str, content: bytes) -> None:
        """Store a manifest or index under a tag or its digest."""
        headers = {"Content-Type": media_type}
        self._ask("PUT", f"{repository}/manifests/{tag}", headers=headers, content=content).raise_for_status()

    def delete(self, repository: str, digest: str) -> None:
        """Delete a manifest."""
        self._ask("DELETE", f"{repository}/manifests/{digest}").raise_for_status()

    def digest(self, repository: str, tag: str = "latest") -> str:
        """What a tag names."""
        answer = self.get(f"{repository}/manifests/{tag}").raise_for_status()
        return f"sha256:{hashlib.sha256(answer.content).hexdigest()}"

    def tags(self, repository: str) -> list[str]:
        """All tags of a repository."""
        return sorted(self._document(f"{repository}/tags/list")["tags"] or ())

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

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:  # noqa: ANN401  whatever httpx takes
        url = f"http://{self.address}/v2/{path}"
        return httpx.request(method, url, auth=self.login, follow_redirects=True, **more)

    def _document(self, path: str) -> dict[str, Any]:
        document: dict[str, Any] = self.get(path).raise_for_status().json()
        return document


def skopeo(command: str, *arguments: str) -> str:
    """What skopeo prints; registries here speak plain http."""
    plain = {"copy": ("--src-tls-verify=false", "--dest-tls-verify=false"), "inspect": ("--tls-verify=false",)}
    return run(tool("skopeo"), command, *plain[command], *arguments)
