"""The API of a Docker engine, as far as images go in and out. Docker Engine API v1.24 and later; podman speaks it too.

Where it listens is DOCKER_HOST, with DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, as the docker command has them.
"""

import json
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from urllib.parse import quote, urlencode, urlsplit

import httpx

from rebaser.errors import ImageNotFound, TransportError
from rebaser.printable import printable
from rebaser.transports.traffic import Traffic

USUAL_HOST = "unix:///var/run/docker.sock"
MAX_SAVED = 200 * 1024**3  # bytes of an image as the engine gives it away
MAX_ANSWER = 4 * 1024 * 1024  # bytes of any other answer
_CONNECT, _SILENCE = 15.0, 900.0  # seconds; the engine says nothing while it unpacks a layer
_NOT_FOUND, _BAD_REQUEST = 404, 400


@dataclass(frozen=True, slots=True)
class EngineAddress:
    """Where an engine listens, and the directory with the files of its TLS; empty where it is spoken to in clear."""

    host: str = USUAL_HOST
    certificates: str = ""


def engine_from(environment: Mapping[str, str]) -> EngineAddress:
    """Return the engine that an environment names."""
    usual = str(Path(environment.get("HOME") or "/root", ".docker"))
    directory = environment.get("DOCKER_CERT_PATH") or usual
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    return EngineAddress(environment.get("DOCKER_HOST") or USUAL_HOST, directory if verify else "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine answered: HTTP's status, and bytes, which mostly are JSON."""

    status: int
    content: bytes

    @property
    def told(self) -> Mapping[str, object]:
        """Return the object that it is in JSON; an empty one where it is none."""
        return _object(self.content)

    @property
    def is_success(self) -> bool:
        """Answer whether the engine did it; what it had done already counts."""
        return self.status < _BAD_REQUEST


class Engine:
    """An engine; it is spoken to when it is first asked for something. To be closed."""

    def __init__(self, address: EngineAddress, traffic: Traffic, transport: httpx.BaseTransport | None = None) -> None:
        self._address = address
        self._traffic = traffic
        self._transport = transport
        self._client: httpx.Client | None = None
        self._lock = Lock()

    @property
    def host(self) -> str:
        """Return where it listens."""
        return self._address.host

    def identity(self, name: str) -> str | None:
        """Return the ID of the image that a name, or an ID, names now; None when there is none.

        Raises:
            TransportError: `engine-unreachable`, or `engine-refused` with what it said.
        """
        with self._asked("GET", f"/images/{quote(name, safe='/:@')}/json") as answer:
            if answer.status_code == _NOT_FOUND:
                return None
            told = _object(self._content(answer))
            identity = told.get("Id")
            if not isinstance(identity, str):
                raise self.refused("it tells of an image without an Id")
            return identity

    def keeps_platforms(self) -> bool:
        """Answer whether its image store keeps images for several platforms, and their manifests: containerd's does."""
        with self._asked("GET", "/info") as answer:
            status = _object(self._content(answer)).get("DriverStatus")
        return "io.containerd.snapshotter" in json.dumps(status)

    @contextmanager
    def saved(self, identity: str) -> Iterator[Iterator[bytes]]:
        """Give out an image as `docker save` writes it.

        Raises:
            ImageNotFound: it is not there.
            TransportError: `engine-unreachable` or `engine-refused`.
        """
        with self._asked("GET", f"/images/{quote(identity, safe='/:@')}/get") as answer:
            if answer.status_code == _NOT_FOUND:
                raise ImageNotFound(
                    f"There is no image {printable(identity)} in the engine at {self.host}",
                    "Correct the name in `image`, `old-base` or `new-base`; `docker images` lists what is there.",
                )
            self._require_success(answer)
            yield self._streamed(answer)

    def load(self, chunks: Iterable[bytes]) -> None:
        """Take in an archive of images.

        Raises:
            TransportError: `engine-unreachable`, or `engine-refused` with what it said.
        """
        headers = {"Content-Type": "application/x-tar"}
        with self._asked("POST", "/images/load?quiet=1", self._counted(chunks), headers) as answer:
            for line in self._content(answer).splitlines():
                if error := _object(line).get("error"):
                    raise self.refused(str(error))

    def tag(self, identity: str, repository: str, tag: str) -> None:
        """Give an image a name.

        Raises:
            TransportError: `engine-unreachable`, or `engine-refused` with what it said.
        """
        query = f"repo={quote(repository, safe='')}&tag={quote(tag, safe='')}"
        with self._asked("POST", f"/images/{identity}/tag?{query}") as answer:
            self._content(answer)

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Answer:
        """Return the answer to a request, whether the engine did it or not.

        Raises:
            TransportError: `engine-unreachable`; `engine-refused`, where the answer has no end.
        """
        content = None if body is None else iter((json.dumps(body).encode(),))
        headers = {"Content-Type": "application/json"} if body is not None else None
        with self._asked(method, path, content, headers) as answer:
            return Answer(answer.status_code, self._whole(answer))

    def beginning(self, path: str, query: Mapping[str, str], limit: int) -> Answer:
        """Return the first bytes, at most `limit`, of the answer to a GET; the rest is not waited for.

        Raises:
            TransportError: `engine-unreachable`.
        """
        content = b""
        with self._asked("GET", f"{path}?{urlencode(query)}") as answer:
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) >= limit:
                    break
            return Answer(answer.status_code, content[:limit])

    def close(self) -> None:
        """Close its connections."""
        if self._client is not None:
            self._client.close()

    @contextmanager
    def _asked(
        self, method: str, path: str, content: Iterable[bytes] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        self._traffic.count(requests=1)
        with self._lock:
            client = self._client = self._client or self._connected()
        try:
            with client.stream(method, path, content=content, headers=headers) as answer:
                yield answer
        except httpx.HTTPError as error:
            raise self._unreachable(str(error) or type(error).__name__) from error

    def _content(self, answer: httpx.Response) -> bytes:
        content = self._whole(answer)
        if not answer.is_success:
            said = _object(content).get("message")
            raise self.refused(str(said or f"HTTP {answer.status_code}"))
        return content

    def _whole(self, answer: httpx.Response) -> bytes:
        content = b""
        for chunk in answer.iter_bytes():
            content += chunk
            if len(content) > MAX_ANSWER:
                raise self.refused(f"its answer has more than {MAX_ANSWER} bytes")
        return content

    def _require_success(self, answer: httpx.Response) -> None:
        if not answer.is_success:
            self._content(answer)

    def _streamed(self, answer: httpx.Response) -> Iterator[bytes]:
        size = 0
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > MAX_SAVED:
                raise self.refused(f"the saved image has more than {MAX_SAVED} bytes")
            self._traffic.count(down=len(chunk))
            yield chunk

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._traffic.count(up=len(chunk))
            yield chunk

    def _connected(self) -> httpx.Client:
        timeout = httpx.Timeout(_SILENCE, connect=_CONNECT)
        kind, _, rest = self.host.partition("://")
        if self._transport is not None:
            return httpx.Client(base_url="http://docker", transport=self._transport, timeout=timeout)
        if kind == "unix" and rest:
            wire = httpx.HTTPTransport(uds=rest)
            return httpx.Client(base_url="http://docker", transport=wire, timeout=timeout, trust_env=False)
        if kind in ("tcp", "http", "https") and _is_address(rest):
            secure = bool(self._address.certificates) or kind == "https"
            wire = httpx.HTTPTransport(verify=self._context() if secure else False)
            base = f"{'https' if secure else 'http'}://{rest}"
            return httpx.Client(base_url=base, transport=wire, timeout=timeout, trust_env=False)
        raise self._unreachable("only unix:// and tcp:// are spoken here")

    def _context(self) -> ssl.SSLContext:
        if not self._address.certificates:
            return ssl.create_default_context()
        directory = Path(self._address.certificates)
        try:
            context = ssl.create_default_context(cafile=str(directory / "ca.pem"))
            context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
        except (OSError, ssl.SSLError) as error:
            raise self._unreachable(f"ca.pem, cert.pem and key.pem in {directory}: {error}") from error
        return context

    def _unreachable(self, why: str) -> TransportError:
        return TransportError(
            "engine-unreachable",
            f"No container engine can be spoken to at {printable(self.host)}: {printable(why)}",
            "Start the engine, give this user or container its socket, or set the variable DOCKER_HOST; or name an "
            "archive instead in `image`, `old-base` or `new-base`: docker-archive:FILE.",
        )

    def refused(self, said: str) -> TransportError:
        """Return the error for what the engine would not do, in its own words."""
        return TransportError(
            "engine-refused",
            f"The engine at {printable(self.host)} said no: {printable(said)}",
            "Do what it asks for, or name another place in `image`, `old-base`, `new-base` or `tags`.",
        )


def _object(content: bytes) -> Mapping[str, object]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(f"//{text}")
        return bool(parts.hostname) and parts.port is not None and parts.path in ("", "/") and "@" not in text
    except ValueError:
        return False
