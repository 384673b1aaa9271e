"""Opens places by their kind; the same place gives the same store."""

from threading import Lock
from types import TracebackType
from typing import Self

import httpx

from rebaser.oci.reference import Repository, Transport
from rebaser.transports.base import ImageStore
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.registry.network import Network
from rebaser.transports.registry.retry import Timing
from rebaser.transports.registry.transports import RegistryTransports
from rebaser.transports.traffic import Traffic


class Places:
    """All places of a run, sharing connections, tokens and counts. To be closed at the end.

    `transport` stands in for the network in tests, `timing` for the clock; `registries` may be busy
    already.
    """

    def __init__(
        self,
        network: Network,
        traffic: Traffic,
        *,
        timing: Timing | None = None,
        transport: httpx.BaseTransport | None = None,
        registries: RegistryTransports | None = None,
    ) -> None:
        self._registries = registries or RegistryTransports(network, traffic, timing=timing, transport=transport)
        self._traffic = traffic
        self._layouts: dict[Repository, OciLayout] = {}
        self._lock = Lock()

    def open(self, repository: Repository) -> ImageStore:
        """Return the store at `repository`; nothing is contacted yet."""
        if repository.transport is Transport.REGISTRY:
            return self._registries.open(repository)
        with self._lock:
            return self._layouts.setdefault(repository, OciLayout(repository, self._traffic))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._registries.close()
