"""The builder inside docker's engine, from before BuildKit. It knows no secrets, mounts and here-documents."""

from dataclasses import dataclass, replace

from rebaser.rebuild.builders.base import Built, Order, shared_options, with_epoch
from rebaser.rebuild.builders.buildkit import remove, save, saved
from rebaser.rebuild.process import Argv


@dataclass(frozen=True, slots=True)
class Classic:
    """The engine's own builder. Its cache goes by commands alone, so it is not used (CVE-2024-24557)."""

    takes_contexts: bool = False
    takes_secrets: bool = False
    name: str = "classic"

    def settings(self) -> dict[str, str]:
        """Return what makes `docker build` this builder."""
        return {"DOCKER_BUILDKIT": "0"}

    def commands(self, order: Order) -> tuple[Argv, ...]:
        """Return the build and the save."""
        options = shared_options(replace(order, build_args=with_epoch(order)))
        build = (
            "docker",
            "build",
            "--no-cache",
            "--force-rm",
            *options,
            f"--tag={order.name}",
            "--",
            str(order.context),
        )
        return build, save(order)

    def cleaning(self, order: Order) -> tuple[Argv, ...]:
        """Return what removes the image from the engine."""
        return (remove(order),)

    def result(self, order: Order) -> Built:
        """Return the archive."""
        return saved(order)
