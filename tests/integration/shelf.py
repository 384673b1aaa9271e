"""The catalogue's images in registries."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.images.engine import Builder
from tests.images.images import Images
from tests.integration.registries import Registry


@dataclass(frozen=True)
class Shelf:
    """Bases and applications; whoever asks for one gets its name in the registry.

    Bases are packed for `first`, and copied from there.
    """

    images: Images
    first: Registry
    _bases: dict[tuple[str, Builder, str], str] = field(default_factory=dict)

    def base(self, name: str, builder: Builder, registry: Registry) -> str:
        """A base, put there when it is first asked for."""
        key = (name, builder, registry.name)
        if key not in self._bases:
            self._bases[key] = self._put_base(name, builder, registry)
        return self._bases[key]

    def bases(self, names: Iterable[str], builder: Builder, registry: Registry) -> list[str]:
        """Several, all at once: packing a layer takes one processor."""
        with ThreadPoolExecutor() as pool:
            return list(pool.map(lambda name: self.base(name, builder, registry), names))

    def app(self, name: str, base: str, builder: Builder, registry: Registry, repository: str) -> str:
        """An application, put anew into a repository, to be changed there."""
        return registry.push(self.images.app(name, base, builder), repository)

    def _put_base(self, name: str, builder: Builder, registry: Registry) -> str:
        repository = f"bases/{name}"
        if registry == self.first:
            return registry.push(self.images.base(name, builder), repository, builder)
        return registry.copy(f"docker://{self.base(name, builder, self.first)}", repository, builder)
