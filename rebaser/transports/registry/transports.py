"""Opens repositories of registries. All that are on one registry share its connections, tokens and counts."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx

from rebaser.oci.reference import DEFAULT_TAG, Reference, Repository
from rebaser.transports.registry.asks import manifest_ask
from rebaser.transports.registry.connection import Connection
from rebaser.transports.registry.early import Early
from rebaser.transports.registry.network import Network
from rebaser.transports.registry.retry import Retrying, Timing
from rebaser.transports.registry.wire import Counted, Routed
from rebaser.transports.traffic import Traffic

if TYPE_CHECKING:
    from rebaser.transports.registry.client import RegistryRepository


class RegistryTransports:
    """Opens each repository once. Callable from several threads; to be closed at the end.

    `transport` stands in for the network in tests; it then carries the requests to every registry. `early` may hold
    connections that are open already; it is closed with the rest.
    """

    def __init__(
        self,
        network: Network,
        traffic: Traffic,
        *,
        timing: Timing | None = None,
        transport: httpx.BaseTransport | None = None,
        early: Early | None = None,
    ) -> None:
        self._network = network
        self._traffic = traffic
        self._timing = timing or Timing()
        self._transport = transport
        self._early = early or Early(network)
        self._clients: dict[str, httpx.Client] = {}
        self._connections: dict[str, Connection] = {}
        self._repositories: dict[Repository, RegistryRepository] = {}
        self._lock = Lock()

    def open(self, repository: Repository) -> RegistryRepository:
        """Return the store at `repository`, the same at each call; nothing is contacted yet."""
        with self._lock:
            found = self._repositories.get(repository)
            if found is None:
                from rebaser.transports.registry.client import RegistryRepository

                found = RegistryRepository(repository, self._connection(repository.registry), self._timing)
                self._repositories[repository] = found
            return found

    def ask_ahead(self, reference: Reference) -> None:
        """Ask for the manifest at `reference` now; whoever reads it next finds the answer there, or under way."""
        name = reference.digest or reference.tag or DEFAULT_TAG
        with self._lock:
            connection = self._connection(reference.repository.registry)
        connection.ask_ahead(manifest_ask(reference.repository, name))

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
        self._early.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connection(self, registry: str) -> Connection:
        if registry not in self._connections:
            self._clients[registry] = self._client()
            self._connections[registry] = Connection(registry, self._network, self._clients[registry], self._timing)
        return self._connections[registry]

    def _client(self) -> httpx.Client:
        inner = self._transport or Routed(self._network, self._early)
        return httpx.Client(
            transport=Retrying(Counted(inner, self._traffic, self._timing), self._timing),
            headers={"User-Agent": self._network.user_agent},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(self._network.read_timeout, connect=self._network.connect_timeout),
            follow_redirects=False,
            trust_env=False,
        )
