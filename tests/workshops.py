"""A workshop whose builder builds nothing: it hands over images that were made before, through real processes."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rebaser.oci.reference import Repository, Transport
from rebaser.rebuild.builders.base import Built, Order
from rebaser.rebuild.process import Argv
from rebaser.rebuilding import Workshop
from rebaser.transports.docker_archive import DockerArchive
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.traffic import Traffic
from tests.builders import AnImage, store


@dataclass(frozen=True)
class CopyingBuilder:
    """Has an image for each platform in `directory`, and fails, with a word on why, for all others.

    `orders` are those that it got.
    """

    directory: Path
    transport: Literal["oci", "docker-archive"] = "oci"
    orders: list[Order] = field(default_factory=list)
    takes_contexts: bool = False
    takes_secrets: bool = True
    name: str = "copying"

    def make(self, image: AnImage) -> None:
        """Have an image ready for its platform."""
        path = self._made(str(image.platform))
        if self.transport == "oci":
            store(image, OciLayout(Repository(Transport.OCI_LAYOUT, "", str(path)), Traffic()), "built")
            return
        archive = DockerArchive(Repository(Transport.DOCKER_ARCHIVE, "", str(path)), Traffic())
        store(image, archive, "localhost/built:1")
        archive.close()

    def settings(self) -> dict[str, str]:
        return {}

    def commands(self, order: Order) -> tuple[Argv, ...]:
        self.orders.append(order)
        found, result = self._made(str(order.platform)), self.result(order).path
        script = 'echo "Step 1: $1"; test -e "$1" || { echo "ERROR: nothing is known of \x1b[31m$1"; exit 3; }'
        return (("sh", "-c", f'{script}; cp -r "$1" "$2"', "sh", str(found), str(result)),)

    def cleaning(self, _order: Order) -> tuple[Argv, ...]:
        return ()

    def result(self, order: Order) -> Built:
        return Built(self.transport, order.out / "image")

    def _made(self, platform: str) -> Path:
        return self.directory / platform.replace("/", "-")


def a_builder(directory: Path) -> CopyingBuilder:
    """A builder that has nothing ready yet, below a directory."""
    made = directory / "made"
    made.mkdir()
    return CopyingBuilder(made)


def a_workshop(directory: Path, builder: CopyingBuilder) -> Workshop:
    """A workshop below a directory, with nothing of the machine but its programs."""
    place = directory / "workshop"
    place.mkdir()
    environment = {"PATH": os.environ["PATH"]}  # noqa: TID251  programs have to be found
    return Workshop(place, environment, find=lambda _wanted: builder)


def a_context(directory: Path, dockerfile: str) -> Path:
    """A directory with a Dockerfile in it."""
    context = directory / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(dockerfile, "utf-8")
    return context
