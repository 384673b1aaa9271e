"""Buildah, which needs no engine: for machines and runners without one.

It builds in a store of its own, which is thrown away. The image is kept in docker's format and leaves as an archive of
docker's, since the OCI format has no place for a HEALTHCHECK or SHELL and would lose them.
"""

from dataclasses import dataclass

from rebaser.rebuild.builders.base import Built, Order, shared_options
from rebaser.rebuild.builders.buildkit import saved
from rebaser.rebuild.process import Argv


@dataclass(frozen=True, slots=True)
class Buildah:
    """Buildah with a storage driver and an isolation; `vfs` and `chroot` work nearly everywhere, if slowly."""

    driver: str = "vfs"
    isolation: str = "chroot"
    takes_contexts: bool = False
    takes_secrets: bool = True
    name: str = "buildah"

    def settings(self) -> dict[str, str]:
        """Return nothing: all is said in options."""
        return {}

    def commands(self, order: Order) -> tuple[Argv, ...]:
        """Return the build and the push into a file."""
        buildah, archive = self._buildah(order), self.result(order)
        ignore = (f"--ignorefile={order.ignore}",) if order.ignore else ()
        secrets = tuple(f"--secret=id={key},src={file}" for key, file in order.secrets)
        dated = () if order.created is None else (f"--timestamp={order.created}",)
        options = (f"--isolation={self.isolation}", "--format=docker", "--layers", "--no-cache")
        given = (*options, *shared_options(order), *ignore, *secrets, *dated)
        build = (*buildah, "build", *given, f"--tag={order.name}", "--", str(order.context))
        return build, (*buildah, "push", "--quiet", order.name, f"{archive}:{order.name}")

    def cleaning(self, order: Order) -> tuple[Argv, ...]:
        """Return what empties the store: without root, its files belong to users that only buildah can be."""
        return ((*self._buildah(order), "rmi", "--all", "--force"),)

    def result(self, order: Order) -> Built:
        """Return the archive."""
        return saved(order)

    def _buildah(self, order: Order) -> Argv:
        store = order.out.with_name(f"{order.out.name}-store")
        return "buildah", f"--root={store}", f"--runroot={store}-run", f"--storage-driver={self.driver}"
