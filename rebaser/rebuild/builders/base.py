"""What a builder is: a frozen value that turns an order into commands. It starts nothing itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from rebaser.oci.platform import Platform
from rebaser.rebuild.process import Argv


@dataclass(frozen=True, slots=True)
class Order:
    """One image to build, for one platform. All paths are absolute and exist; `out` is an empty directory.

    `contexts` are names with the images that stand for them; `secrets` are ids with the files that hold them; `name` is
    what the result may be called among the builder's own images.
    """

    context: Path
    dockerfile: Path
    platform: Platform
    out: Path
    name: str
    target: str = ""
    build_args: tuple[tuple[str, str], ...] = ()
    contexts: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, Path], ...] = ()
    ignore: Path | None = None
    created: int | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """Where a result is: an OCI layout's directory, or a file as `docker save` writes it."""

    transport: Literal["oci", "docker-archive"]
    path: Path

    def __str__(self) -> str:
        """Return the reference under which the transports open it."""
        return f"{self.transport}:{self.path}"


class Builder(Protocol):
    """A builder. `takes_contexts` and `takes_secrets` tell what an order to it may hold."""

    @property
    def name(self) -> str:
        """Return what the input `builder` calls it."""

    @property
    def takes_contexts(self) -> bool:
        """Answer whether an image can stand for a name of the Dockerfile."""

    @property
    def takes_secrets(self) -> bool:
        """Answer whether instructions can mount secrets."""

    def settings(self) -> dict[str, str]:
        """Return the variables that its commands need."""

    def commands(self, order: Order) -> tuple[Argv, ...]:
        """Return what builds an image and puts it where `result` says, in this order."""

    def cleaning(self, order: Order) -> tuple[Argv, ...]:
        """Return what removes that which the commands leave behind elsewhere."""

    def result(self, order: Order) -> Built:
        """Return where the image is after the commands."""


def shared_options(order: Order) -> Argv:
    """Return the options that all builders write alike."""
    target = (f"--target={order.target}",) if order.target else ()
    given = tuple(f"--build-arg={name}={value}" for name, value in order.build_args)
    return f"--file={order.dockerfile}", f"--platform={order.platform}", *target, *given


def with_epoch(order: Order) -> tuple[tuple[str, str], ...]:
    """Return the build arguments with SOURCE_DATE_EPOCH, by which docker's builders date what they make."""
    if order.created is None or any(name == "SOURCE_DATE_EPOCH" for name, _ in order.build_args):
        return order.build_args
    return *order.build_args, ("SOURCE_DATE_EPOCH", str(order.created))
