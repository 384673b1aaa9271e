"""BuildKit, through `docker buildx build`.

Where the instance can export, it writes an OCI layout; the one inside an engine that keeps images in its old store
cannot, so there the image is loaded into the engine, saved, and removed.
"""

from dataclasses import dataclass, replace
from typing import Final

from rebaser.rebuild.builders.base import Built, Order, shared_options, with_epoch
from rebaser.rebuild.process import Argv

_ARCHIVE: Final = "image.tar"


@dataclass(frozen=True, slots=True)
class BuildKit:
    """An instance of buildx, the default one without a name. `exports` tells whether it writes OCI layouts."""

    instance: str = ""
    takes_contexts: bool = False
    exports: bool = False
    takes_secrets: bool = True
    name: str = "buildkit"

    def settings(self) -> dict[str, str]:
        """Return nothing: buildx is asked by its own name."""
        return {}

    def commands(self, order: Order) -> tuple[Argv, ...]:
        """Return the build, and the save where the build cannot export."""
        build = ("docker", "buildx", "build", "--progress=plain", *self._options(order))
        if self.exports:
            return (
                (*build, f"--output={fields('type=oci', f'dest={order.out}', 'tar=false')}", "--", str(order.context)),
            )
        return (*build, "--load", f"--tag={order.name}", "--", str(order.context)), save(order)

    def cleaning(self, order: Order) -> tuple[Argv, ...]:
        """Return what removes the image that was loaded."""
        return () if self.exports else (remove(order),)

    def result(self, order: Order) -> Built:
        """Return the layout, or the archive."""
        return Built("oci", order.out) if self.exports else saved(order)

    def _options(self, order: Order) -> Argv:
        instance = (f"--builder={self.instance}",) if self.instance else ()
        contexts = tuple(f"--build-context={name}=docker-image://{image}" for name, image in order.contexts)
        secrets = tuple(f"--secret={fields(f'id={key}', f'src={file}')}" for key, file in order.secrets)
        return *instance, *shared_options(replace(order, build_args=with_epoch(order))), *contexts, *secrets


def fields(*parts: str) -> str:
    """Return the parts as one record of comma-separated values, which is how docker writes options with members."""
    quoted = ('"' + part.replace('"', '""') + '"' if set(part) & set(',"\n') else part for part in parts)
    return ",".join(quoted)


def save(order: Order) -> Argv:
    """Return what writes an image of the engine into a file."""
    return "docker", "save", f"--output={order.out / _ARCHIVE}", order.name


def remove(order: Order) -> Argv:
    """Return what takes an image out of the engine."""
    return "docker", "image", "rm", order.name


def saved(order: Order) -> Built:
    """Return where `save` puts the image."""
    return Built("docker-archive", order.out / _ARCHIVE)
