"""Builds an image from its source on the new base, for each platform, and says where the results are.

What a result then is worth is not judged here: that its first layers are the new base's has to be proved by diff IDs,
as for every image.
"""

import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Final

from rebaser.errors import RebuildError
from rebaser.oci.platform import Platform
from rebaser.oci.reference import Reference, parse_reference
from rebaser.rebuild.builders.base import Builder, Built, Order
from rebaser.rebuild.checkout import Checkout
from rebaser.rebuild.dockerfile import SCRATCH, Dockerfile, read_dockerfile
from rebaser.rebuild.orders import Bases, base_of, content_of, new_order, on_base, private_place
from rebaser.rebuild.pinning import pinned
from rebaser.rebuild.process import Argv, Listener, Ran, hidden_parts, run
from rebaser.rebuild.remedies import AGAIN, reason, remedy
from rebaser.rebuild.surroundings import builder_environment
from rebaser.recipe import Recipe
from rebaser.transports.registry.login import Login

BUILD_SECONDS: Final = 3600.0  # for one platform
MAX_TOLD: Final = 20_000  # lines of a log; the build of a large project prints a few thousand
_CLEANING_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Room:
    """Where and how a build runs. `directory` is empty, private, and the caller's to remove, with the results.

    `login_of` gives the login of a registry to pull from; it is asked only for those that the Dockerfile names.
    `seconds` bound the build of one platform.
    """

    directory: Path
    environment: Mapping[str, str]
    login_of: Callable[[str], Login | None] = lambda _registry: None
    insecure: Collection[str] = ()
    tell: Callable[[str], None] = lambda _line: None
    seconds: float = BUILD_SECONDS


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The images by platform, what built them, how the Dockerfile names the base, and the last lines of the builder."""

    images: Mapping[Platform, Built]
    builder: str
    base: str
    log: tuple[str, ...]


def rebuild(
    checkout: Checkout,
    recipe: Recipe,
    bases: Bases,
    *,
    platforms: Iterable[Platform],
    builder: Builder,
    room: Room,
    created: int | None = None,
) -> Rebuilt:
    """Build what `checkout` holds on the new base: each platform an image of its own, one after the other.

    `created` are the seconds since 1970 by which the builder dates the image, as SOURCE_DATE_EPOCH.

    Raises:
        RebuildError: the Dockerfile, the base or the builder won't do, or the build failed; then with its last lines.
    """
    _refuse_unsuited(builder, recipe)
    content, base = content_of(checkout.dockerfile), pinned(bases.new)
    dockerfiles, orders, found = [], {}, None
    private = private_place(room.directory)
    try:
        for platform in platforms:
            dockerfile = read_dockerfile(content, dict(recipe.build_args), platform)
            found = base_of(dockerfile, recipe, bases)
            order = new_order(checkout, recipe, platform, room.directory, created)
            orders[platform] = on_base(order, dockerfile, found, base, builder)
            dockerfiles.append(dockerfile)
        logins = _logins(dockerfiles, bases.new, room.login_of)
        environment = builder_environment(room.environment, private, logins, room.insecure) | builder.settings()
        listener = Listener(
            _at_most(MAX_TOLD, room.tell), hidden=hidden_parts([secret.value for secret in recipe.secrets])
        )
        logs = [_built(order, builder, environment, room.seconds, listener) for order in orders.values()]
    finally:
        shutil.rmtree(private, ignore_errors=True)
    images = {platform: builder.result(order) for platform, order in orders.items()}
    return Rebuilt(images, builder.name, found.text if found else "", logs[-1] if logs else ())


def _at_most(lines: int, tell: Callable[[str], None]) -> Callable[[str], None]:
    left = chain(repeat(tell, lines), [lambda _line: tell("… the rest of the log is not shown")])

    def tell_next(line: str) -> None:
        next(left, _silent)(line)

    return tell_next


def _silent(_line: str) -> None:
    return None


def _refuse_unsuited(builder: Builder, recipe: Recipe) -> None:
    if recipe.secrets and not builder.takes_secrets:
        raise RebuildError(
            "builder-unsuited",
            f"The builder {builder.name} has no secrets, and `secrets` gives some",
            "Install docker's buildx or buildah and name it in `builder`, or leave `secrets` out.",
        )


def _logins(
    dockerfiles: Iterable[Dockerfile], base: Reference, login_of: Callable[[str], Login | None]
) -> dict[str, Login]:
    """Return the logins for the registries of all images that are pulled."""
    registries = {base.repository.registry}
    for name in (name for dockerfile in dockerfiles for name in dockerfile.images if name.text != SCRATCH):
        try:
            registries.add(parse_reference(name.text).repository.registry)
        except ValueError:
            continue  # the builder will say what is wrong with it
    found = {registry: login_of(registry) for registry in sorted(registries)}
    return {registry: login for registry, login in found.items() if login is not None}


def _built(
    order: Order, builder: Builder, environment: Mapping[str, str], seconds: float, listener: Listener
) -> tuple[str, ...]:
    """Run the commands of an order, clean up after them, and return the last lines of the build."""
    try:
        logs = [_succeeded(argv, builder, environment, seconds, listener) for argv in builder.commands(order)]
    finally:
        for argv in builder.cleaning(order):
            with suppress(OSError):
                run(argv, environment, _CLEANING_SECONDS)
    if not builder.result(order).path.exists():
        raise RebuildError("rebuild-failed", f"{builder.name} ended well and left no image", AGAIN, logs[0])
    return logs[0]


def _succeeded(
    argv: Argv, builder: Builder, environment: Mapping[str, str], seconds: float, listener: Listener
) -> tuple[str, ...]:
    try:
        ran = run(argv, environment, seconds, listener)
    except OSError as error:
        ran = Ran(127, (f"{argv[0]}: {error.strerror}",))
    if ran.code == 0:
        return ran.log
    if ran.code is None:
        message = f"The build by {builder.name} was ended after {seconds:.0f} seconds"
        raise RebuildError("rebuild-timeout", message, "Make the build faster, or give it a larger machine.", ran.log)
    said = reason(ran.log)
    raise RebuildError(
        "rebuild-failed", f"The build by {builder.name} failed ({ran.code}): {said}", remedy(ran.log), ran.log
    )
