"""What a builder is to build: the Dockerfile read and judged, the new base put in, the secrets in files."""

import re
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from rebaser.errors import RebuildError
from rebaser.oci.platform import Platform
from rebaser.oci.reference import Reference
from rebaser.printable import printable
from rebaser.rebuild.builders.base import Builder, Order
from rebaser.rebuild.checkout import Checkout
from rebaser.rebuild.dockerfile import Dockerfile, ImageName
from rebaser.rebuild.instructions import MAX_DOCKERFILE
from rebaser.rebuild.pinning import context_name, final_base, rewritten
from rebaser.recipe import Recipe, Secret

_FRONTEND = re.compile(
    r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Bases:
    """What to build on, and what the Dockerfile may call it.

    `new` names it by digest: its index's, where it has one, as other stages may ask for other platforms. `known` are
    the names of the old base and of the new.
    """

    new: Reference
    known: tuple[Reference, ...]


def private_place(room: Path) -> Path:
    """Return the directory for what is not to be left behind: secrets and logins."""
    place = room / "private"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def content_of(file: Path) -> bytes:
    """Return what a Dockerfile, or the ignore file beside it, holds; of a longer one the beginning.

    Raises:
        RebuildError: it cannot be read.
    """
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise OSError(0, "it is not a regular file")  # noqa: TRY301
        with file.open("rb") as opened:
            return opened.read(MAX_DOCKERFILE + 1)
    except OSError as error:
        message = f"The Dockerfile {printable(str(file))} cannot be read: {error.strerror}"
        raise RebuildError("dockerfile-invalid", message, "Name it in `file`, or the right `context`.") from error


def base_of(dockerfile: Dockerfile, recipe: Recipe, bases: Bases) -> ImageName:
    """Return the final base, of a Dockerfile that no foreign program is to read.

    Raises:
        RebuildError: it is another base than was meant, or a foreign program is asked for.
    """
    if dockerfile.syntax and not _FRONTEND.fullmatch(dockerfile.syntax):
        raise RebuildError(
            "frontend-refused",
            f"The Dockerfile asks to be read by a program of its own: {printable(dockerfile.syntax)}",
            "Take its syntax directive out, or let it name docker/dockerfile, or name another Dockerfile in `file`.",
        )
    return final_base(dockerfile, recipe.target, bases.known)


def new_order(checkout: Checkout, recipe: Recipe, platform: Platform, room: Path, created: int | None) -> Order:
    """Return the order on the Dockerfile as it is, with a directory for what comes of it."""
    name = str(platform).replace("/", "-")
    out = room / name
    out.mkdir()
    ignore = checkout.dockerfile.with_name(f"{checkout.dockerfile.name}.dockerignore")
    return Order(
        context=checkout.context,
        dockerfile=checkout.dockerfile,
        platform=platform,
        out=out,
        name=f"localhost/rebaser-rebuild:{re.sub(r'[^a-z0-9]', '', room.name.lower())}-{name}",
        target=recipe.target,
        build_args=recipe.build_args,
        secrets=tuple((secret.id, _secret_file(secret, private_place(room))) for secret in recipe.secrets),
        ignore=ignore if ignore.is_file() else None,
        created=created,
    )


def _secret_file(secret: Secret, private: Path) -> Path:
    file = private / f"secret-{secret.id}"
    file.touch(mode=0o600)
    file.write_text(secret.value, "utf-8")
    return file


def on_base(order: Order, dockerfile: Dockerfile, found: ImageName, base: str, builder: Builder) -> Order:
    """Return the order with the new base: as a named context, or in a copy of the Dockerfile outside the context."""
    name = context_name(dockerfile, found) if builder.takes_contexts else None
    if name is not None:
        return replace(order, contexts=((name, base),))
    copy = order.out.with_name(f"{order.out.name}.Dockerfile")
    copy.write_bytes(rewritten(dockerfile, found, base))
    ignore = None
    if order.ignore is not None:
        ignore = copy.with_name(f"{copy.name}.dockerignore")
        ignore.write_bytes(content_of(order.ignore))
    return replace(order, dockerfile=copy, ignore=ignore)
