"""Rebuilds an image where it cannot be rebased: finds its source, has it built on the new base, and proves the result.

Every platform that is to move is built, none is rebased: one source for all of them. Nothing is stored where the result
goes; a failure leaves everything as it was.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from rebaser.built_images import Shelf, open_built
from rebaser.context import GitRepository, GitSource
from rebaser.errors import RebuildError
from rebaser.gather import Gatherer
from rebaser.oci.digest import Digest
from rebaser.oci.reference import Reference
from rebaser.plan.model import PlatformPlan, Seam
from rebaser.printable import printable
from rebaser.rebuild.builders.base import Builder
from rebaser.rebuild.builders.choice import choose
from rebaser.rebuild.building import Room, rebuild
from rebaser.rebuild.checkout import Checkout, fetched_checkout, local_checkout
from rebaser.rebuild.fetching import fetch
from rebaser.rebuild.orders import Bases
from rebaser.rebuild.process import Argv, Ran, run
from rebaser.rebuild.sources import REVISION, SOURCE, automatic_source
from rebaser.rebuild.surroundings import PASSED
from rebaser.recipe import Rebuild, Work
from rebaser.transports.registry.login import Login
from rebaser.transports.registry.origin import is_loopback

_ASKING_SECONDS = 60.0  # buildx may have to start the builder that it is asked about
_ASKING = PASSED | {"HOME", "DOCKER_CONFIG"}


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where images are built, and who we are for that.

    `directory` is empty, private and its owner's to remove, with the results; `running` is the repository whose job
    this is. `login_of` gives the login of a registry, `git_login` that of a repository. `find` gives the builder of a
    name, by default one of this machine's.
    """

    directory: Path
    environment: Mapping[str, str]
    running: GitRepository | None = None
    login_of: Callable[[str], Login | None] = lambda _registry: None
    git_login: Callable[[GitRepository], Login | None] = lambda _repository: None
    insecure: Collection[str] = ()
    tell: Callable[[str], None] = lambda _line: None
    find: Callable[[str], Builder] | None = None


@dataclass(frozen=True, slots=True)
class Commission:
    """A build that is wanted, where it is made, by which time it is dated, and what is known of it so far."""

    wanted: Rebuild
    workshop: Workshop
    work: Work
    created: int | None = None


def find_source(plans: Sequence[PlatformPlan], commission: Commission) -> Path | GitSource:
    """Return the source to build the moving platforms from; nothing is fetched yet.

    Raises:
        RebuildError: the directory is not there, or the labels lead to no source that may be built.
    """
    wanted = commission.wanted
    source = wanted.context or _said_source(plans, wanted, commission.workshop.running)
    commission.work.source = printable(str(source.absolute() if isinstance(source, Path) else source))
    if isinstance(source, Path):
        local_checkout(source, wanted.recipe.file)
    return source


def rebuilt(
    plans: Sequence[PlatformPlan], source: Path | GitSource, commission: Commission, gatherer: Gatherer
) -> tuple[PlatformPlan, ...]:
    """Return the plans, each that is not current with an image built from `source`.

    Raises:
        RebuildError: the source or a builder can't be had, a build failed, or its result is not what was wanted.
    """
    wanted, workshop, work = commission.wanted, commission.workshop, commission.work
    try:
        checkout = _checkout(source, commission)
        builder = (workshop.find or _finder(workshop))(wanted.recipe.builder)
        work.builder = builder.name
        site = _Site(checkout, builder, commission, gatherer)
        return tuple(plan if plan.current else site.built(plan) for plan in plans)
    except RebuildError as error:
        work.log = error.log or work.log
        raise


@dataclass(frozen=True, slots=True)
class _Site:
    """A build under way: what is the same for all platforms."""

    checkout: Checkout
    builder: Builder
    commission: Commission
    gatherer: Gatherer

    def built(self, plan: PlatformPlan) -> PlatformPlan:
        """Return the plan with an image; where the labels led to the source, it has those labels again."""
        wanted, work, directory = self.commission.wanted, self.commission.work, self.commission.workshop.directory
        bases, platform = _bases(plan), plan.original.platform
        done = rebuild(
            self.checkout,
            wanted.recipe,
            bases,
            platforms=[platform],
            builder=self.builder,
            room=_room(self.commission.workshop, bases.new),
            created=self.commission.created,
        )
        work.base, work.log = printable(done.base), done.log
        labels = (SOURCE, REVISION) if wanted.context is None else ()
        shelf = Shelf(self.gatherer, directory / "layers")
        built = open_built(plan, done.images[platform], self.builder.name, shelf, labels)
        return replace(plan, draft=None, built=built)


def _room(workshop: Workshop, base: Reference) -> Room:
    """Return a room of its own for one build; a registry on this machine is spoken to in clear, as everywhere."""
    directory, registry = Path(mkdtemp(dir=workshop.directory)), base.repository.registry
    here = is_loopback(registry.rpartition(":")[0] or registry)
    insecure = (*workshop.insecure, *((registry,) if here else ()))
    return Room(directory, workshop.environment, workshop.login_of, insecure, workshop.tell)


def _said_source(plans: Sequence[PlatformPlan], wanted: Rebuild, running: GitRepository | None) -> GitSource:
    """Return what the labels of all platforms lead to."""
    found = {_source_of(plan, wanted, running) for plan in plans if not plan.current}
    if len(found) == 1:
        return found.pop()
    named = ", ".join(sorted(printable(str(one)) for one in found))
    message = f"The image's platforms name different sources in their labels: {named}"
    raise RebuildError("source-refused", message, "Name the source of all of them in `context`.")


def _source_of(plan: PlatformPlan, wanted: Rebuild, running: GitRepository | None) -> GitSource:
    """Return what the labels lead to; those of the old base are known only where the image is proved to stand on it."""
    base = plan.old_base if isinstance(plan.seam, Seam) else None
    theirs = None if base is None else base.image.config.labels if base.image else {}
    return automatic_source(plan.original.config.labels, theirs, running, wanted.allowed)


def _checkout(source: Path | GitSource, commission: Commission) -> Checkout:
    workshop, file = commission.workshop, commission.wanted.recipe.file
    if isinstance(source, Path):
        return local_checkout(source, file)
    place, login = workshop.directory / "source", workshop.git_login(source.repository)
    commission.work.commit = fetch(source, place, workshop.environment, login)
    return fetched_checkout(place, source.directory, file)


def _bases(plan: PlatformPlan) -> Bases:
    new = plan.new_base.reference
    if new is None:
        message = "The new base is scratch, and there is nothing in that to build on"
        raise RebuildError("base-not-pullable", message, "Name an image in `new-base`.")
    known = [(base.reference, base.digest) for base in (plan.old_base, plan.new_base) if base]
    named = tuple(_exact(reference, digest) for reference, digest in known if reference)
    return Bases(_exact(new, plan.new_base.digest), named)


def _exact(reference: Reference, digest: Digest | None) -> Reference:
    return reference.with_digest(digest) if digest else reference


def _finder(workshop: Workshop) -> Callable[[str], Builder]:
    """Return what looks for a builder on this machine; its clients get no variable that they do not need."""
    environment = {name: value for name, value in workshop.environment.items() if name in _ASKING}

    def ask(argv: Argv) -> Ran | None:
        try:
            return run(argv, environment, _ASKING_SECONDS)
        except OSError:
            return None

    return lambda wanted: choose(wanted, ask, environment)
