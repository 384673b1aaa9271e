"""A network that exists only in memory: several origins, a journal of all requests, faults, an audit of secrets."""

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from threading import RLock

import httpx

PIECE = 64 * 1024  # bytes; bodies arrive in such


class Reset(Exception):  # noqa: N818  what happened on the wire
    """The connection broke here."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived at an origin."""

    method: str
    url: httpx.URL
    headers: httpx.Headers
    body: bytes = field(repr=False)

    @property
    def host(self) -> str:
        return self.url.netloc.decode()

    @property
    def origin(self) -> str:
        return f"{self.url.scheme}://{self.host}"

    @property
    def path(self) -> str:
        return self.url.path

    @property
    def line(self) -> str:
        return f"{self.method} {self.origin}{self.url.raw_path.decode()}"


@dataclass(frozen=True, slots=True)
class Told:
    """An answer on its way back. A body that is not bytes is sent as it is made."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | Iterable[bytes] = b""

    def with_headers(self, *more: tuple[str, str]) -> "Told":
        gone = {name.lower() for name, _ in more}
        return replace(self, headers=(*((n, v) for n, v in self.headers if n.lower() not in gone), *more))

    def without(self, name: str) -> "Told":
        return replace(self, headers=tuple((n, v) for n, v in self.headers if n.lower() != name.lower()))


Site = Callable[[Asked], Told]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request: before it reaches its site, or on the answer's way back."""

    name: str
    before: Callable[[Asked], Told | None] = lambda _asked: None
    after: Callable[[Told], Told] = lambda told: told


def reset_before() -> Fault:
    def reset(_asked: Asked) -> Told | None:
        raise Reset

    return Fault("reset before it was handled", before=reset)


def reset_after() -> Fault:
    def reset(_told: Told) -> Told:
        raise Reset

    return Fault("answer lost", after=reset)


def answers(status: int, *headers: tuple[str, str], body: bytes = b"") -> Fault:
    return Fault(f"{status} {dict(headers)}", before=lambda _asked: Told(status, headers, body))


def answers_late(status: int) -> Fault:
    return Fault(f"{status} after it was done", after=lambda _told: Told(status))


def breaks_off(keep: int) -> Fault:
    return Fault(f"breaks off after {keep} bytes", after=lambda told: replace(told, body=_broken(whole(told), keep)))


def stops_short() -> Fault:
    return Fault("short body", after=lambda told: replace(told, body=whole(told)[:-1]).without("content-length"))


def wrong_bytes() -> Fault:
    return Fault("wrong bytes", after=lambda told: replace(told, body=bytes(b ^ 1 for b in whole(told))))


def trailing_bytes() -> Fault:
    return Fault("trailing bytes", after=lambda told: replace(told, body=whole(told) + b"x").without("content-length"))


def endless() -> Fault:
    return Fault("endless body", after=lambda told: replace(told, body=_endless()).without("content-length"))


def header(name: str, value: str) -> Fault:
    return Fault(f"{name}: {value[:40]}", after=lambda told: told.with_headers((name, value)))


def whole(told: Told) -> bytes:
    return told.body if isinstance(told.body, bytes) else b"".join(told.body)


def _broken(content: bytes, keep: int) -> Iterator[bytes]:
    yield content[:keep]
    raise Reset


def _endless() -> Iterator[bytes]:
    while True:
        yield b"0" * 65536


class Wire(httpx.BaseTransport):
    """Carries requests to the sites; `faults` are by the number of the request, counted from 0 since `forget`."""

    def __init__(self) -> None:
        self.sites: dict[str, Site] = {}
        self.journal: list[Asked] = []
        self.faults: dict[int, Fault] = {}
        self.always: Fault | None = None  # instead of `faults`, from request `always_from` on
        self.always_from = 0
        self.secrets: dict[str, set[str]] = {}  # secret → origins that may see it
        self._lock = RLock()

    def forget(self) -> None:
        """Empty the journal, so that the next request is number 0."""
        self.journal.clear()
        self.faults.clear()
        self.always = None

    @property
    def lines(self) -> list[str]:
        return [asked.line for asked in self.journal]

    def carry(self, asked: Asked) -> Told:
        """Take a request to its site and the answer back, with whatever fault was ordered for it.

        Raises:
            Reset: the connection broke.
        """
        with self._lock:
            number = len(self.journal)
            self.journal.append(asked)
            fault = self.always if self.always and number >= self.always_from else self.faults.get(number)
            fault = fault or Fault("none")
            early = fault.before(asked)
            if early is not None:
                return early
            return fault.after(self._site(asked)(asked))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = b"".join(request.stream) if isinstance(request.stream, httpx.SyncByteStream) else b""
        asked = Asked(request.method, request.url, httpx.Headers(request.headers), body)
        try:
            told = self.carry(asked)
        except Reset as error:
            raise httpx.ReadError("connection reset", request=request) from error
        length = [] if any(n.lower() == "content-length" for n, _ in told.headers) else _length(told)
        return httpx.Response(told.status, headers=[*told.headers, *length], stream=_Body(told, request))

    def _site(self, asked: Asked) -> Site:
        site = self.sites.get(asked.host)
        if site is None:
            raise httpx.ConnectError(f"no such host: {asked.host}")
        return site

    def audit(self) -> None:
        """Fail when a secret was seen where it was not meant to be, or a cookie anywhere."""
        for asked in self.journal:
            assert "cookie" not in asked.headers, f"a cookie was sent: {asked.line}"
            text = _everything(asked)
            for secret, origins in self.secrets.items():
                assert secret not in text or asked.origin in origins, f"{secret} was seen at {asked.line}"


def _length(told: Told) -> list[tuple[str, str]]:
    return [("Content-Length", str(len(told.body)))] if isinstance(told.body, bytes) and told.body else []


class _Body(httpx.SyncByteStream):
    def __init__(self, told: Told, request: httpx.Request) -> None:
        self._told = told
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        if self._request.method == "HEAD":
            return
        body = self._told.body
        try:
            yield from _pieces(body) if isinstance(body, bytes) else body
        except Reset as error:
            raise httpx.ReadError("connection reset", request=self._request) from error


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[at : at + PIECE] for at in range(0, len(body), PIECE))


_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")


def _everything(asked: Asked) -> str:
    """Return all text of a request, and again what of it is base64, decoded."""
    plain = " ".join([asked.line, *(f"{n}: {v}" for n, v in asked.headers.multi_items()), asked.body.decode("latin-1")])
    return " ".join([plain, *map(_decoded, _BASE64.findall(plain[:100_000]))])


def _decoded(text: str) -> str:
    padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
    try:
        return base64.urlsafe_b64decode(padded.replace("+", "-").replace("/", "_")).decode("latin-1")
    except ValueError:
        return ""
