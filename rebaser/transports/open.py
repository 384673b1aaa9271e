"""Opens places by their kind; the same place gives the same store."""

from contextlib import ExitStack
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx

from rebaser.oci.reference import Repository, Transport
from rebaser.transports.base import ImageStore
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.registry.network import Network
from rebaser.transports.registry.retry import Timing
from rebaser.transports.registry.transports import RegistryTransports
from rebaser.transports.traffic import Traffic

if TYPE_CHECKING:  # start-up: most runs speak to registries only
    from rebaser.transports.docker_engine import Engine, EngineAddress


class Places:
    """All places of a run, sharing connections, tokens and counts. To be closed at the end.

    `transport` stands in for the network in tests, `timing` for the clock; `registries` may be busy
    already. `engine` is where images of a container engine are.
    """

    def __init__(
        self,
        network: Network,
        traffic: Traffic,
        *,
        timing: Timing | None = None,
        transport: httpx.BaseTransport | None = None,
        registries: RegistryTransports | None = None,
        engine: "EngineAddress | None" = None,
    ) -> None:
        self._registries = registries or RegistryTransports(network, traffic, timing=timing, transport=transport)
        self._traffic = traffic
        self._address = engine
        self._spoken_to: Engine | None = None
        self._stores: dict[Repository, ImageStore] = {}
        self._closing = ExitStack()
        self._closing.callback(self._registries.close)
        self._lock = Lock()

    def open(self, repository: Repository) -> ImageStore:
        """Return the store at `repository`; nothing is contacted yet."""
        if repository.transport is Transport.REGISTRY:
            return self._registries.open(repository)
        with self._lock:
            if repository not in self._stores:
                self._stores[repository] = self._opened(repository)
            return self._stores[repository]

    def engine(self) -> "Engine":
        """Return the container engine, which is not contacted yet."""
        with self._lock:
            return self._engine()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _opened(self, repository: Repository) -> ImageStore:
        if repository.transport is Transport.OCI_LAYOUT:
            return OciLayout(repository, self._traffic)
        if repository.transport is Transport.DOCKER_ARCHIVE:
            from rebaser.transports.docker_archive import DockerArchive

            archive = DockerArchive(repository, self._traffic)
            self._closing.callback(archive.close)
            return archive
        from rebaser.transports.docker_daemon import DockerDaemon

        daemon = DockerDaemon(repository, self._engine())
        self._closing.callback(daemon.close)
        return daemon

    def _engine(self) -> "Engine":
        from rebaser.transports.docker_engine import Engine, EngineAddress

        if self._spoken_to is None:
            self._spoken_to = Engine(self._address or EngineAddress(), self._traffic)
            self._closing.callback(self._spoken_to.close)
        return self._spoken_to
