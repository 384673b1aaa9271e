"""What the registry tests share: a client whose time does not pass, and a registry on the wire."""

from dataclasses import dataclass, field
from typing import Any

from rebaser.oci.reference import Repository, Transport
from rebaser.transports.registry.client import RegistryRepository
from rebaser.transports.registry.credentials import Credentials
from rebaser.transports.registry.login import Login
from rebaser.transports.registry.network import Network
from rebaser.transports.registry.retry import Timing
from rebaser.transports.registry.transports import RegistryTransports
from rebaser.transports.traffic import Traffic
from tests.fakes.registry import Auth, FakeRegistry

NOW = 1_746_000_000.0
PASSWORD = "password-canary"
IDENTITY = "identity-canary"


@dataclass
class Clock:
    """Time that passes only in sleep."""

    elapsed: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    @property
    def timing(self) -> Timing:
        return Timing(lambda: self.elapsed, lambda: NOW + self.elapsed, self.sleep, lambda: 0.5)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.elapsed += seconds


@dataclass
class Here:
    """A client and the registry that it talks to."""

    fake: FakeRegistry = field(default_factory=FakeRegistry)
    network: Network = field(default_factory=Network)
    clock: Clock = field(default_factory=Clock)
    traffic: Traffic = field(default_factory=Traffic)

    def __post_init__(self) -> None:
        timing = self.clock.timing
        self.transports = RegistryTransports(self.network, self.traffic, timing=timing, transport=self.fake.wire)

    def open(self, path: str = "shop", registry: str = "") -> RegistryRepository:
        return self.transports.open(repository(path, registry or self.fake.host))

    @property
    def lines(self) -> list[str]:
        """Return the requests without the registry's own origin."""
        return [line.replace(f" {self.fake.origin}/", " /") for line in self.fake.wire.lines]


def repository(path: str, registry: str = "registry.test") -> Repository:
    return Repository(Transport.REGISTRY, registry, path)


def logins(**by_host: Login) -> Credentials:
    """Return credentials by host; `_` stands for a dot."""
    return Credentials(({host.replace("_", "."): login for host, login in by_host.items()}.get,))


def with_password(username: str = "alice", **network: object) -> Network:
    credentials = logins(registry_test=Login(username, PASSWORD))
    return Network(credentials=credentials, **network)  # type: ignore[arg-type]


def guarded(auth: Auth = "bearer", **knobs: Any) -> FakeRegistry:  # noqa: ANN401  each knob has its own type
    """Return a registry that knows one user."""
    fake = FakeRegistry(auth=auth, **knobs)
    fake.add_user("alice", PASSWORD)
    return fake
