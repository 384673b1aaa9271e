"""A whole registry in memory, with its token server and CDN, as strict as real ones and with knobs for their quirks.

    fake = FakeRegistry()                          # https://registry.test, no authentication
    fake.put_blob("shop", b"...")
    RegistryTransports(network, traffic, transport=fake.wire)
    fake.wire.journal, fake.wire.faults, fake.wire.audit()

For several registries on one network, give them the same `wire` and different hosts. `serve` puts one on a real socket.
"""

import hashlib
import itertools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.tokens import TokenServer
from tests.fakes.wire import Asked, Told, Wire

MAX_MANIFEST = 4 * 1024 * 1024

_NAME = r"(?P<name>[a-z0-9._/-]+)"
_MANIFEST = re.compile(rf"/v2/{_NAME}/manifests/(?P<reference>[A-Za-z0-9._:-]+)")
_BLOB = re.compile(rf"/v2/{_NAME}/blobs/(?P<digest>sha(256|512):[0-9a-f]+)")
_UPLOADS = re.compile(rf"/v2/{_NAME}/blobs/uploads/")
_SESSION = re.compile(rf"/v2/{_NAME}/blobs/uploads/(?P<session>[a-z0-9-]+)")
_TAGS = re.compile(rf"/v2/{_NAME}/tags/list")
_REFERRERS = re.compile(r"/v2/(?P<name>.+)/referrers/(?P<digest>[^/]+)")
_CDN = re.compile(r"/data/(?P<digest>sha(256|512):[0-9a-f]+)")

Auth = Literal["none", "basic", "bearer"]
Head = Literal["on", "off", "no-digest"]
Mounts = Literal[201, 202, 401, 403, 404, 405, 500]
Location = Literal["absolute", "relative", "http", "other-host", "evil"]
Immutable = Literal[0, 400, 403, 409, 412]


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


@dataclass
class Repository:
    """What one repository holds. Manifests are (media type, bytes) by digest."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, int] = field(default_factory=dict)  # digest → reads that will still find nothing


@dataclass
class FakeRegistry:
    """The registry and its knobs; every knob's default is the behaviour that the specification asks for."""

    host: str = "registry.test"
    scheme: str = "https"
    wire: Wire = field(default_factory=Wire)
    auth: Auth = "none"
    users: dict[str, str] = field(default_factory=dict)

    head: Head = "on"
    head_status_when_off: int = 405
    digest_header: bool = True
    content_type: bool = True
    accepts: tuple[str, ...] | None = None  # media types of manifests that may be put; None: all
    strict_accept: bool = False  # 404 for a manifest whose type was not asked for
    mounts: Mounts = 201
    monolithic: bool = True  # a PUT with the whole blob as its body is taken
    monolithic_refusal: int = 405
    chunk_minimum: int = 0
    chunk_maximum: int = 0  # 0: none
    location: Location = "absolute"
    location_query: str = "_state=a%2Fb%3D%3D"
    cdn: str = ""  # a host; blobs are redirected there
    ranges: bool = True
    immutable: Immutable = 0
    consistency_delay: int = 0  # so many reads of a new manifest find nothing
    lists_referrers: bool = False  # the referrers API
    must_exist: bool = False  # pushing to a repository that `repositories` doesn't have is refused
    cookies: bool = True  # tries to set one with every answer

    repositories: dict[str, Repository] = field(default_factory=dict)
    sessions: dict[str, bytearray] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.tokens = TokenServer(self.host, self.scheme, self.users, self.wire)
        self.wire.sites[self.host] = self.handle
        self.wire.sites[self.tokens.host] = self.tokens.handle
        self.wire.sites.setdefault("evil.test", lambda _asked: Told(200, (), b"{}"))
        self.wire.sites.setdefault("storage.test", self._upload_elsewhere)
        self.wire.sites.setdefault("cdn.test", self._cdn)

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"

    # what tests put in and look at

    def repository(self, name: str) -> Repository:
        return self.repositories.setdefault(name, Repository())

    def tags(self, name: str) -> dict[str, str]:
        """Return the digests that the repository's tags name."""
        return self.repository(name).tags

    def put_blob(self, name: str, content: bytes, algorithm: str = "sha256") -> str:
        """Store a blob; return its digest."""
        digest = digest_of(content, algorithm)
        self.repository(name).blobs[digest] = content
        return digest

    def put_manifest(
        self, name: str, tag: str | None, content: bytes, media_type: str, algorithm: str = "sha256"
    ) -> str:
        """Store a manifest, whatever it says; return its digest."""
        digest = digest_of(content, algorithm)
        self.repository(name).manifests[digest] = (media_type, content)
        if tag is not None:
            self.repository(name).tags[tag] = digest
        return digest

    def blob(self, name: str, digest: str) -> bytes | None:
        return self.repository(name).blobs.get(digest)

    def manifest(self, name: str, reference: str) -> bytes | None:
        """Return the bytes of what a tag or digest names, None when there is none."""
        repository = self.repository(name)
        found = repository.manifests.get(repository.tags.get(reference, reference))
        return found[1] if found else None

    def add_user(self, username: str, password: str) -> None:
        """Let a user in; the password may be seen by this registry and its token server only."""
        self.users[username] = password
        self.wire.secrets[password] = {self.origin, self.tokens.origin}

    # the registry

    def handle(self, asked: Asked) -> Told:
        if asked.path == "/token":
            return self.tokens.handle(asked)
        told = self._refused(asked) or self._route(asked)
        told = told.with_headers(("Docker-Distribution-Api-Version", "registry/2.0"))
        return told.with_headers(("Set-Cookie", "session=cookie-canary; Path=/")) if self.cookies else told

    def _route(self, asked: Asked) -> Told:
        if asked.path == "/v2/":
            return Told(200)
        if asked.method == "DELETE":
            return refusal(405, "UNSUPPORTED")
        if match := _TAGS.fullmatch(asked.path):
            return self._list_tags(match["name"])
        for pattern, answer in (
            (_SESSION, self._session),
            (_UPLOADS, self._uploads),
            (_BLOB, self._blob),
            (_REFERRERS, self._referrers),
        ):
            if match := pattern.fullmatch(asked.path):
                return answer(asked, match)
        if match := _MANIFEST.fullmatch(asked.path):
            return self._manifest(asked, match)
        return refusal(404, "NOT_FOUND", "no such route")

    def _referrers(self, _asked: Asked, match: re.Match[str]) -> Told:
        if not self.lists_referrers:
            return refusal(404, "NOT_FOUND", "no such route")
        listed = [
            {"mediaType": kind, "digest": digest, "size": len(content), "artifactType": told.get("artifactType")}
            for digest, (kind, content) in self.repository(match["name"]).manifests.items()
            if (told := json.loads(content)).get("subject", {}).get("digest") == match["digest"]
        ]
        kind = "application/vnd.oci.image.index.v1+json"
        index = {"schemaVersion": 2, "mediaType": kind, "manifests": listed}
        return Told(200, (("Content-Type", kind),), json.dumps(index).encode())

    def _list_tags(self, name: str) -> Told:
        if name not in self.repositories:
            return refusal(404, "NAME_UNKNOWN")
        listed = {"name": name, "tags": sorted(self.tags(name))}
        return Told(200, (("Content-Type", "application/json"),), json.dumps(listed).encode())

    def _refused(self, asked: Asked) -> Told | None:
        if self.auth == "none":
            return None
        if self.auth == "basic":
            if self.tokens.basic_user(asked) is not None:
                return None
            return refusal(401, "UNAUTHORIZED").with_headers(("WWW-Authenticate", 'Basic realm="fake"'))
        wanted = self._wanted(asked)
        if all(self.tokens.allows(asked, name, action) for name, action in wanted):
            return None
        scope = " ".join(f"repository:{name}:{action}" for name, action in wanted[:1])
        challenge = f'Bearer realm="{self.tokens.realm}",service="{self.tokens.service}",scope="{scope}"'
        return refusal(401, "UNAUTHORIZED", "authentication required").with_headers(("WWW-Authenticate", challenge))

    def _wanted(self, asked: Asked) -> list[tuple[str, str]]:
        match = re.match(rf"/v2/{_NAME}/(manifests|blobs|tags)/", asked.path)
        if match is None:
            return []
        wanted = [(match["name"], "pull" if asked.method in ("GET", "HEAD") else "push")]
        source = asked.url.params.get("from")
        return [*wanted, (source, "pull")] if source else wanted

    def _manifest(self, asked: Asked, match: re.Match[str]) -> Told:
        if asked.method == "PUT":
            return self._put_manifest(asked, match["name"], match["reference"])
        if asked.method == "HEAD" and self.head == "off":
            return Told(self.head_status_when_off)
        repository = self.repositories.get(match["name"])
        if repository is None:
            return refusal(404, "NAME_UNKNOWN")
        digest = repository.tags.get(match["reference"], match["reference"])
        if digest not in repository.manifests or self._not_readable_yet(repository, digest):
            return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown")
        media_type, content = repository.manifests[digest]
        if self.strict_accept and media_type not in asked.headers.get("accept", ""):
            return refusal(404, "MANIFEST_UNKNOWN", "OCI index found, but Accept header does not support OCI indexes")
        bare = not self.digest_header or (asked.method == "HEAD" and self.head == "no-digest")
        headers = [("Content-Type", media_type)] if self.content_type else []
        headers += [] if bare else [("Docker-Content-Digest", digest)]
        return Told(200, (*headers, ("Content-Length", str(len(content)))), content)

    def _not_readable_yet(self, repository: Repository, digest: str) -> bool:
        left = repository.unreadable.get(digest, 0)
        repository.unreadable[digest] = max(0, left - 1)
        return left > 0

    def _put_manifest(self, asked: Asked, name: str, reference: str) -> Told:
        repository = self.repository(name)
        media_type = asked.headers.get("content-type", "")
        digest = reference if ":" in reference else digest_of(asked.body)
        if len(asked.body) > MAX_MANIFEST:
            return refusal(413, "MANIFEST_INVALID", "manifest too big")
        if digest_of(asked.body, digest.partition(":")[0]) != digest:
            return refusal(400, "DIGEST_INVALID")
        if self.accepts is not None and media_type not in self.accepts:
            return refusal(415, "MANIFEST_INVALID", "media type not supported")
        if missing := _missing(asked.body, repository):
            return refusal(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", missing)
        if ":" not in reference and self.immutable and reference in repository.tags:
            code = "TAG_INVALID" if self.immutable == 400 else "DENIED"
            return refusal(self.immutable, code, f"tag {reference} is immutable")
        if digest not in repository.manifests:
            repository.unreadable[digest] = self.consistency_delay
        repository.manifests[digest] = (media_type, asked.body)
        if ":" not in reference:
            repository.tags[reference] = digest
        return Told(201, (("Location", f"/v2/{name}/manifests/{digest}"), ("Docker-Content-Digest", digest)))

    def _blob(self, asked: Asked, match: re.Match[str]) -> Told:
        repository = self.repositories.get(match["name"])
        content = repository.blobs.get(match["digest"]) if repository else None
        if asked.method not in ("GET", "HEAD") or content is None:
            return refusal(404, "BLOB_UNKNOWN", "blob unknown to registry")
        if self.cdn:
            return Told(307, (("Location", f"https://{self.cdn}/data/{match['digest']}?signature=signed-canary"),))
        return self._content(asked, content)

    def _content(self, asked: Asked, content: bytes) -> Told:
        wanted = re.fullmatch(r"bytes=(\d+)-", asked.headers.get("range", "")) if self.ranges else None
        headers = (("Content-Type", "application/octet-stream"),)
        if wanted is None:
            return Told(200, (*headers, ("Content-Length", str(len(content)))), content)
        start = int(wanted[1])
        part = content[start:]
        place = ("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        return Told(206, (*headers, place, ("Content-Length", str(len(part)))), part)

    def _uploads(self, asked: Asked, match: re.Match[str]) -> Told:
        name, params = match["name"], asked.url.params
        if asked.method != "POST":
            return refusal(405, "UNSUPPORTED")
        if self.must_exist and name not in self.repositories:
            return refusal(404, "NAME_UNKNOWN", "The repository does not exist")
        if ("mount" in params) != ("from" in params):
            return refusal(400, "BLOB_UPLOAD_INVALID", "mount and from go together")
        if "mount" in params:
            mounted = self._mount(name, params["mount"], params["from"])
            if mounted is not None:
                return mounted
        session = f"session-{next(self._numbers)}"
        self.sessions[session] = bytearray()
        minimum = (("OCI-Chunk-Min-Length", str(self.chunk_minimum)),) if self.chunk_minimum else ()
        return Told(202, (("Location", self._location(name, session)), ("Range", "0-0"), *minimum))

    def _mount(self, name: str, digest: str, source: str) -> Told | None:
        if self.mounts not in (201, 202):
            return refusal(self.mounts, "UNSUPPORTED")
        content = self.repository(source).blobs.get(digest) if source in self.repositories else None
        if self.mounts == 202 or content is None:
            return None
        self.repository(name).blobs[digest] = content
        return Told(201, (("Location", f"/v2/{name}/blobs/{digest}"), ("Docker-Content-Digest", digest)))

    def _location(self, name: str, session: str) -> str:
        path = f"/v2/{name}/blobs/uploads/{session}"
        query = f"?{self.location_query}" if self.location_query else ""
        before = {
            "absolute": self.origin,
            "relative": "",
            "http": f"http://{self.host}",
            "other-host": "https://storage.test",
            "evil": "http://evil.test",
        }
        return before[self.location] + path + query

    def _session(self, asked: Asked, match: re.Match[str]) -> Told:
        name, session = match["name"], match["session"]
        if session not in self.sessions:
            return refusal(404, "BLOB_UPLOAD_UNKNOWN")
        if self.location_query and self.location_query not in asked.url.query.decode():
            return refusal(400, "BLOB_UPLOAD_INVALID", "the state of the upload is missing")
        if asked.method == "GET":
            stored = max(0, len(self.sessions[session]) - 1)
            return Told(204, (("Location", self._location(name, session)), ("Range", f"0-{stored}")))
        if asked.method == "PATCH":
            return self._patch(asked, name, session)
        if asked.method == "PUT":
            return self._commit(asked, name, session)
        return refusal(405, "UNSUPPORTED")

    def _patch(self, asked: Asked, name: str, session: str) -> Told:
        stored = self.sessions[session]
        place = asked.headers.get("content-range", f"{len(stored)}-{len(stored) + len(asked.body) - 1}")
        if place != f"{len(stored)}-{len(stored) + len(asked.body) - 1}":
            return refusal(416, "BLOB_UPLOAD_INVALID", f"range {place} after {len(stored)} bytes")
        if self.chunk_maximum and len(asked.body) > self.chunk_maximum:
            return refusal(416, "SIZE_INVALID", "chunk too large")
        stored += asked.body
        return Told(202, (("Location", self._location(name, session)), ("Range", f"0-{len(stored) - 1}")))

    def _commit(self, asked: Asked, name: str, session: str) -> Told:
        if asked.body and not self.monolithic and not self.sessions[session]:
            return refusal(self.monolithic_refusal, "UNSUPPORTED", "upload in chunks")
        if "content-length" not in asked.headers:
            return refusal(411, "SIZE_INVALID")
        content = bytes(self.sessions.pop(session)) + asked.body
        digest = asked.url.params.get("digest", "")
        if digest_of(content, digest.partition(":")[0] or "sha256") != digest:
            return refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
        self.repository(name).blobs[digest] = content
        return Told(201, (("Location", f"/v2/{name}/blobs/{digest}"), ("Docker-Content-Digest", digest)))

    # the other origins

    def _cdn(self, asked: Asked) -> Told:
        if "authorization" in asked.headers:
            return Told(400, (), b"<Error>Only one auth mechanism allowed</Error>")
        match = _CDN.fullmatch(asked.path)
        everywhere = (repository.blobs for repository in self.repositories.values())
        found = next((blobs[match["digest"]] for blobs in everywhere if match and match["digest"] in blobs), None)
        return Told(403, (), b"<Error>AccessDenied</Error>") if found is None else self._content(asked, found)

    def _upload_elsewhere(self, asked: Asked) -> Told:
        if "authorization" in asked.headers:
            return Told(400, (), b"<Error>Only one auth mechanism allowed</Error>")
        return self._route(asked)


def refusal(status: int, code: str, message: str = "", missing: Iterable[str] = ()) -> Told:
    """Return an answer with the errors that the specification wants."""
    errors = [{"code": code, "message": message, "detail": {"digest": digest}} for digest in missing]
    body = {"errors": errors or [{"code": code, "message": message}]}
    return Told(status, (("Content-Type", "application/json"),), json.dumps(body).encode())


def _missing(content: bytes, repository: Repository) -> list[str]:
    try:
        document = json.loads(content)
    except ValueError:
        return []
    if not isinstance(document, dict):
        return []
    blobs = [document.get("config"), *document.get("layers", [])]
    wanted = [blob["digest"] for blob in blobs if isinstance(blob, dict) and not blob.get("urls")]
    children = [child["digest"] for child in document.get("manifests", [])]
    return [d for d in wanted if d not in repository.blobs] + [d for d in children if d not in repository.manifests]
