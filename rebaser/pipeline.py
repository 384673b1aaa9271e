"""One rebase, from start to end: the stages in their order, and nothing else."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
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
from rebaser.destinations import look_at_tags, tag_targets
from rebaser.documents import Documents
from rebaser.errors import InternalError
from rebaser.oci.document import Document
from rebaser.oci.reference import DEFAULT_TAG, Reference, Repository
from rebaser.plan.compose import compose
from rebaser.plan.model import Plan, PlatformPlan, Wishes
from rebaser.plan.referring import with_places
from rebaser.recipe import Work
from rebaser.request import Policy, Request
from rebaser.transports.base import Transports

if TYPE_CHECKING:  # start-up: layers are looked into once there is something to compare
    from rebaser.plan.packages import PackageChanges
    from rebaser.rebuilding import Workshop

THREADS = 24  # some only wait for others; the connections bound how many requests are under way


@dataclass(frozen=True, slots=True)
class Tools:
    """What the pipeline uses and a test replaces. Without a `workshop` nothing is rebuilt."""

    transports: Transports
    clock: Callable[[], float] = time.monotonic
    progress: Callable[[str], None] = lambda _stage: None
    cache: Path | None = None
    workshop: "Workshop | None" = None


@dataclass(slots=True)
class Run:
    """The values of the stages so far; what is not reached yet is None, and after a failure stays so."""

    request: Request
    policy: Policy
    original: gather.Original | None = None
    plans: tuple[PlatformPlan, ...] = ()
    results: tuple[CheckResult, ...] = ()
    packages: Mapping[tuple[int, ...], "PackageChanges"] = field(default_factory=dict)
    decision: Decision | None = None
    plan: Plan | None = None
    work: Work | None = None
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
        """Return what the tags name at the end: the new document, or the original one where nothing is to be moved.

        None where that is not known: nothing was read, or a build that was not made would tell.
        """
        outcome = self.decision.outcome if self.decision is not None else None
        if outcome in (Outcome.REBASE, Outcome.REBUILD):
            return self.plan.root if self.plan is not None else None
        return self.original.document if self.original else None


def rebase(run: Run, tools: Tools) -> None:
    """Carry out `run.request`; what it came to is in `run`.

    Raises:
        RebaserError: something could not be found out or done. A refusal is not raised, it is the decision.
    """
    request, documents = run.request, Documents(tools.transports)
    with _threads() as pool, Ahead(request, documents, pool).under_way() as ahead:
        with _stage("read", run, tools):
            looks = look_at_tags(request, tools.transports, pool)
            gatherer = gather.Gatherer(documents, pool)
            run.original = gatherer.original(request.image, request.platforms)
            run.request = gather.with_destinations(request, run.original.reference)
            targets = tag_targets(run.tags, request.image, run.original, looks, tools.transports)
        with _stage("plan", run, tools):
            work = partial(plan_child, gatherer, run.original, request)
            run.plans = tuple(pool.map(lambda place: work(*place), run.original.children()))
        wishes = Wishes(request.on_conflict, request.manifest_format, request.created, request.merge_layer)
        with _stage("look", run, tools):
            _look(run, run.original.reference.repository, wishes, tools)
        with _stage("check", run, tools):
            run.results = (*(result for plan in run.plans for result in run_checks(PLAN_CHECKS, plan)), *run.results)
            run.decision = decide(run.plans, run.results, run.policy)
            if run.decision.outcome is Outcome.REBASE:
                run.plan = _composed(run, run.original, wishes)
        ahead.stop()
        if run.decision.outcome is Outcome.REBUILD:
            with _stage("build", run, tools):
                _rebuild(run, gatherer, tools)
                if not request.dry_run:
                    run.plan = _composed(run, run.original, wishes)
        if not request.dry_run and run.decision.outcome not in (Outcome.SKIP, Outcome.REFUSE):
            with _stage("write", run, tools):
                writer = Writer(tools.transports, pool)
                stored = _store(run, run.original, targets, writer)
                _move(run, stored, targets, writer)


def _look(run: Run, home: Repository, wishes: Wishes, tools: Tools) -> None:
    """Look into the layers, if that is wanted and anything is to be rebased."""
    if run.request.checks == "config" or all(plan.current or plan.draft is None for plan in run.plans):
        return
    from rebaser.looking import look

    looked = look(run.plans, home, wishes, tools.transports, tools.cache)
    run.plans = tuple(one.plan for one in looked)
    run.results = tuple(result for one in looked for result in one.results)
    run.packages = {one.plan.path: one.packages for one in looked if one.packages is not None}


def _rebuild(run: Run, gatherer: gather.Gatherer, tools: Tools) -> None:
    """Have what cannot be rebased built from source; a dry run only finds out from which."""
    from rebaser.rebuilding import Commission, find_source, rebuilt

    wanted, workshop, run.work = run.request.rebuild, tools.workshop, Work()
    if wanted is None or workshop is None:
        raise InternalError("a rebuild was decided on without a source or a workshop")
    commission = Commission(wanted, workshop, run.work, run.request.created)
    source = find_source(run.plans, commission)
    if not run.request.dry_run:
        run.plans = rebuilt(run.plans, source, commission, gatherer)


def _composed(run: Run, original: gather.Original, wishes: Wishes) -> Plan:
    plan = compose(original.root, run.plans, run.request.image.repository, wishes)
    return with_places(plan, (tag.repository for tag in run.tags))


@dataclass(frozen=True, slots=True)
class _Stored:
    """What is stored, by digest, and in which places; no tag names it yet. The last of the documents is the result."""

    documents: tuple[Document, ...]
    places: tuple[Repository, ...]

    @property
    def document(self) -> Document:
        return self.documents[-1]


def _store(run: Run, original: gather.Original, targets: tuple[TagTarget, ...], writer: Writer) -> _Stored:
    home, document = original.reference.repository, run.plan.root if run.plan else original.document
    waiting = [target.reference.repository for target in targets if target.named != document.digest]
    places = tuple(dict.fromkeys(waiting if targets else [home]))  # what a tag names already is stored there
    if run.plan is not None:
        store_plan(run.plan, home, places, writer, run.receipt)
        return _Stored(run.plan.documents, places)
    places = tuple(place for place in places if place != home)
    for place in places:
        copy_image(writer.transports.open(home), place, document, writer, run.receipt)
    return _Stored((document,), places)


def _move(run: Run, stored: _Stored, targets: tuple[TagTarget, ...], writer: Writer) -> None:
    run.receipt.not_moved[:] = [target.reference for target in targets]
    if run.request.keep_original:
        leaving = [target for target in targets if target.named != stored.document.digest]
        keep_originals(leaving, run.request.keep_original, writer, run.receipt)
    put_tags(confirm(stored.documents, stored.places, targets, writer), stored.document, writer, run.receipt)


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
