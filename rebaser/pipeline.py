"""One rebase, from start to end: the stages in their order, and nothing else."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rebaser import gather
from rebaser.ahead import Ahead
from rebaser.ancestry import plan_child
from rebaser.apply import Receipt, TagTarget, Writer, confirm, copy_image, keep_originals, put_tags, store_plan
from rebaser.checks.base import CheckResult
from rebaser.checks.catalog import PLAN_CHECKS
from rebaser.checks.runner import run_checks
from rebaser.decide import Decision, Outcome, decide
from rebaser.documents import Documents
from rebaser.errors import TransportError
from rebaser.oci.digest import Digest
from rebaser.oci.document import Document
from rebaser.oci.reference import DEFAULT_TAG, Reference, Repository
from rebaser.plan.compose import compose
from rebaser.plan.model import Plan, PlatformPlan, Wishes
from rebaser.plan.referring import with_places
from rebaser.request import LOCAL_MAKER, Maker, Policy, Request
from rebaser.transports.base import Transports

if TYPE_CHECKING:  # start-up: layers are looked into once there is something to compare
    from rebaser.plan.inventory import Inventory
    from rebaser.plan.packages import PackageChanges
    from rebaser.plan.trail import Trail

THREADS = 24  # some only wait for others; the connections bound how many requests are under way


@dataclass(frozen=True, slots=True)
class Tools:
    """What the pipeline uses and a test replaces."""

    transports: Transports
    clock: Callable[[], float] = time.monotonic
    progress: Callable[[str], None] = lambda _stage: None
    cache: Path | None = None
    maker: Maker = LOCAL_MAKER


@dataclass(slots=True)
class Run:
    """The values of the stages so far; what is not reached yet is None, and after a failure stays so."""

    request: Request
    policy: Policy
    original: gather.Original | None = None
    plans: tuple[PlatformPlan, ...] = ()
    results: tuple[CheckResult, ...] = ()
    packages: Mapping[tuple[int, ...], "PackageChanges"] = field(default_factory=dict)
    inventories: Mapping[tuple[int, ...], "Inventory"] = field(default_factory=dict)
    decision: Decision | None = None
    plan: Plan | None = None
    trail: "Trail | None" = None
    receipt: Receipt = field(default_factory=Receipt)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def tags(self) -> tuple[Reference, ...]:
        """Return where the result goes; the image's own tag, where that is meant, once the image is read."""
        if self.request.tags is not None or self.original is None:
            return self.request.tags or ()
        return (self.request.image.with_tag(self.original.reference.tag or DEFAULT_TAG),)

    @property
    def document(self) -> Document | None:
        """Return what the tags name at the end: the new document, or the original one where nothing is rebased."""
        if self.plan is not None and self.decision is not None and self.decision.outcome is Outcome.REBASE:
            return self.plan.root
        return self.original.document if self.original else None


def rebase(run: Run, tools: Tools) -> None:
    """Carry out `run.request`; what it came to is in `run`.

    Raises:
        RebaserError: something could not be found out or done. A refusal is not raised, it is the decision.
    """
    request, documents = run.request, Documents(tools.transports)
    with _threads() as pool, Ahead(request, documents, pool).under_way() as ahead:
        with _stage("read", run, tools):
            looks = _looks(request, tools.transports, pool)
            gatherer = gather.Gatherer(documents, pool)
            run.original = gatherer.original(request.image, request.platforms)
            run.request = gather.with_destinations(request, run.original.reference)
            before = pool.submit(_earlier, run.original, request, tools.transports)
            targets = _targets(run, run.original, looks, tools.transports)
        with _stage("plan", run, tools):
            work = partial(plan_child, gatherer, run.original, request)
            run.plans = tuple(pool.map(lambda place: work(*place), run.original.children()))
        wishes = _wishes(request)
        with _stage("look", run, tools):
            _look(run, run.original.reference.repository, wishes, tools)
        with _stage("check", run, tools):
            run.results = (*(result for plan in run.plans for result in run_checks(PLAN_CHECKS, plan)), *run.results)
            run.decision = decide(run.plans, run.results, run.policy)
            if run.decision.outcome is Outcome.REBASE:
                plan = compose(run.original.root, run.plans, request.image.repository, wishes)
                run.plan = with_places(plan, (tag.repository for tag in run.tags))
                run.trail = _trail(run, run.original, run.plan, before, tools.maker)
        ahead.stop()
        if not request.dry_run:
            with _stage("write", run, tools):
                _write(run, targets, Writer(tools.transports, pool))


def _look(run: Run, home: Repository, wishes: Wishes, tools: Tools) -> None:
    """Look into the layers, if that is wanted and anything is to be rebased."""
    if run.request.checks == "config" or all(plan.current or plan.draft is None for plan in run.plans):
        return
    from rebaser.looking import look

    looked = look(run.plans, home, wishes, tools.transports, tools.cache)
    run.plans = tuple(one.plan for one in looked)
    run.results = tuple(result for one in looked for result in one.results)
    run.packages = {one.plan.path: one.packages for one in looked if one.packages is not None}
    run.inventories = {one.plan.path: one.inventory for one in looked if one.inventory is not None}


def _wishes(request: Request) -> Wishes:
    return Wishes(request.on_conflict, request.manifest_format, request.created, request.merge_layer, sbom=request.sbom)


def _earlier(original: gather.Original, request: Request, transports: Transports) -> tuple[Digest, ...]:
    from rebaser.trail import earlier

    return earlier(original, request, transports)


def _trail(
    run: Run, original: gather.Original, plan: Plan, before: Future[tuple[Digest, ...]], maker: Maker
) -> "Trail":
    from rebaser.trail import Told, make_trail

    places = tuple(dict.fromkeys(tag.repository for tag in run.tags)) or (original.reference.repository,)
    told = Told(original, run.request, run.policy, run.plans, run.results, plan, places, run.inventories)
    return make_trail(told, before, maker)


Looks = Mapping[Reference, Future[Digest | None]]
"""Tags of the result, and what they named at the start."""


def _looks(request: Request, transports: Transports, pool: ThreadPoolExecutor) -> Looks:
    """Look at the tags of the result; at the image's own only if it is not read by that very tag."""
    image = request.image
    read = image.with_tag(image.tag) if image.tag and image.digest is None else None
    return {
        tag: pool.submit(transports.open(tag.repository).resolve, str(tag.tag))
        for tag in request.tags or ()
        if tag != read and tag.tag
    }


def _targets(run: Run, original: gather.Original, looks: Looks, transports: Transports) -> tuple[TagTarget, ...]:
    """Return the tags to be put with what they named at the start; the image's own must name the original.

    Where the original was read by its tag, that is what the tag named.
    """
    own = original.reference.with_tag(str(original.reference.tag)) if original.reference.tag else None
    named = {tag: look.result() for tag, look in looks.items()}
    for tag in run.tags:
        if tag not in named:
            known = tag in (own, run.request.image)
            named[tag] = original.digest if known else transports.open(tag.repository).resolve(str(tag.tag))
    targets = tuple(TagTarget(tag, named[tag]) for tag in run.tags)
    for target in targets:
        if target.reference == own and target.named != original.digest:
            raise TransportError(
                "tag-moved",
                f"{own} names {target.named or 'nothing'}, not the image {original.digest} that is to be rebased",
                "Name the image by its tag alone in `image`, or give the result another tag in `tags`.",
            )
    return targets


def _write(run: Run, targets: tuple[TagTarget, ...], writer: Writer) -> None:
    original, decision = run.original, run.decision
    if original is None or decision is None or decision.outcome in (Outcome.SKIP, Outcome.REFUSE):
        return
    home, document = original.reference.repository, run.plan.root if run.plan else original.document
    waiting = [target.reference.repository for target in targets if target.named != document.digest]
    places = tuple(dict.fromkeys(waiting if targets else [home]))  # what a tag names already is stored there
    documents = run.plan.documents if run.plan else (document,)
    if run.plan is not None:
        store_plan(run.plan, home, places, writer, run.receipt)
        _store_trail(run, places, writer)
    else:
        places = tuple(place for place in places if place != home)
        for place in places:
            copy_image(writer.transports.open(home), place, document, writer, run.receipt)
    run.receipt.not_moved[:] = [target.reference for target in targets]
    if run.request.keep_original:
        leaving = [target for target in targets if target.named != document.digest]
        keep_originals(leaving, run.request.keep_original, writer, run.receipt)
    put_tags(confirm(documents, places, targets, writer), document, writer, run.receipt)


def _store_trail(run: Run, places: Sequence[Repository], writer: Writer) -> None:
    from rebaser.trail import store_trail

    if run.trail is not None:
        store_trail(run.trail, places, writer, run.receipt)


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """Give out a pool that, where the run breaks off, begins nothing more and is not waited for."""
    pool = ThreadPoolExecutor(THREADS)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def _stage(name: str, run: Run, tools: Tools) -> Iterator[None]:
    tools.progress(name)
    start = tools.clock()
    try:
        yield
    finally:
        run.seconds[name] = tools.clock() - start
