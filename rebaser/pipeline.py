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
from rebaser.checks.runner import run_checks, run_trial_checks, skipped
from rebaser.decide import Decision, Outcome, decide, decide_again
from rebaser.destinations import look_at_tags, tag_targets
from rebaser.documents import Documents
from rebaser.errors import InternalError
from rebaser.oci.document import Document
from rebaser.oci.reference import DEFAULT_TAG, Reference, Repository, Transport
from rebaser.plan.compose import compose
from rebaser.plan.model import Plan, PlatformPlan, Wishes
from rebaser.plan.referring import with_places
from rebaser.recipe import Work
from rebaser.request import Policy, Request
from rebaser.transports.base import Transports

if TYPE_CHECKING:  # start-up: layers are looked into once there is something to compare
    from rebaser.plan.deviation import Verification
    from rebaser.plan.packages import PackageChanges
    from rebaser.rebuilding import Workshop
    from rebaser.smoke.stored import Trying
    from rebaser.transports.docker_engine import Engine
    from rebaser.trial.model import Trial

THREADS = 24  # some only wait for others; the connections bound how many requests are under way


@dataclass(frozen=True, slots=True)
class Tools:
    """What the pipeline uses and a test replaces.

    Without a `workshop` nothing is rebuilt; `engine` gives the container engine, where results are tried.
    """

    transports: Transports
    clock: Callable[[], float] = time.monotonic
    progress: Callable[[str], None] = lambda _stage: None
    cache: Path | None = None
    workshop: "Workshop | None" = None
    engine: "Callable[[], Engine] | None" = None


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
    trial: "Trial | None" = None
    verification: "Verification | None" = None
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
        if request.smoke_tests:
            run.results = (*run.results, *_untried(run))
        means = _Means(run.original, gatherer, wishes, Writer(tools.transports, pool), tools)
        if run.decision.outcome is Outcome.REBUILD:
            _build(run, means)
        if not request.dry_run and run.decision.outcome not in (Outcome.SKIP, Outcome.REFUSE):
            _write(run, targets, means)


def _look(run: Run, home: Repository, wishes: Wishes, tools: Tools) -> None:
    """Look into the layers, if that is wanted and anything is to be rebased."""
    if run.request.checks == "config" or all(plan.current or plan.draft is None for plan in run.plans):
        return
    from rebaser.looking import look

    looked = look(run.plans, home, wishes, tools.transports, tools.cache)
    run.plans = tuple(one.plan for one in looked)
    run.results = tuple(result for one in looked for result in one.results)
    run.packages = {one.plan.path: one.packages for one in looked if one.packages is not None}


@dataclass(frozen=True, slots=True)
class _Means:
    """What carries out a decision: the original, what reads and writes, and what was wished for."""

    original: gather.Original
    gatherer: gather.Gatherer
    wishes: Wishes
    writer: Writer
    tools: Tools

    @property
    def home(self) -> Repository:
        return self.original.reference.repository


def _build(run: Run, means: _Means) -> None:
    """Have what cannot be rebased built from source; a dry run only finds out from which."""
    with _stage("build", run, means.tools):
        run.work = Work()
        plans = _rebuilt(run, run.work, means)
        if not run.request.dry_run:
            run.plans = plans
            run.plan = _composed(run, means.original, means.wishes)


def _rebuilt(run: Run, work: Work, means: _Means) -> tuple[PlatformPlan, ...]:
    from rebaser.rebuilding import Commission, find_source, rebuilt

    wanted, workshop = run.request.rebuild, means.tools.workshop
    if wanted is None or workshop is None:
        raise InternalError("a rebuild was decided on without a source or a workshop")
    commission = Commission(wanted, workshop, work, run.request.created)
    source = find_source(run.plans, commission)
    return run.plans if run.request.dry_run else rebuilt(run.plans, source, commission, means.gatherer)


def _verify(run: Run, stored: "_Stored", means: _Means) -> None:
    """Build from source as well, and compare; what is built is nobody's but ours."""
    from rebaser.verification import verified

    workshop = means.tools.workshop
    if workshop is None:
        raise InternalError("a result is to be verified without a workshop")
    with _stage("verify", run, means.tools):
        plans = _rebuilt(run, Work(), means)
        plan = compose(means.original.root, plans, means.home, means.wishes)
        place = Repository(Transport.OCI_LAYOUT, "", str(workshop.directory / "verified"))
        store_plan(plan, means.home, [place], means.writer, Receipt())
        built = Reference(place, None, plan.root.digest)
        platforms = {one.original.platform: built for one in plans if one.built}
        result = Reference(stored.places[0] if stored.places else means.home, None, stored.document.digest)
        run.verification = verified(result, platforms, means.tools.transports, means.tools.cache)


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


def _write(run: Run, targets: tuple[TagTarget, ...], means: _Means) -> None:
    """Store the result, try it where that is wanted, and move the tags if it passed; else what is rebuilt instead."""
    trying = _trying(run, means.tools)
    verifying = run.request.verify == "rebuild" and run.plan is not None and run.work is None
    if trying is None and not verifying:
        with _stage("write", run, means.tools):
            _move(run, _store(run, targets, means), targets, means.writer)
        return
    stored = _stored_and_tried(run, targets, trying, means)
    if stored is None:
        return
    if verifying and run.work is None:
        _verify(run, stored, means)
    with _stage("write", run, means.tools):
        _move(run, stored, targets, means.writer)


def _stored_and_tried(
    run: Run, targets: tuple[TagTarget, ...], trying: "Trying | None", means: _Means
) -> "_Stored | None":
    """Return what is stored and passed; None where nothing did. What fails may be rebuilt, once."""
    with _stage("write", run, means.tools):
        stored = _store(run, targets, means)
    if trying is None or _passes(run, trying, stored, means):
        return stored
    if not _is_to_be_built(run):
        return None
    _build(run, means)
    return _stored_and_tried(run, targets, trying, means)


def _store(run: Run, targets: tuple[TagTarget, ...], means: _Means) -> _Stored:
    home, document = means.home, run.plan.root if run.plan else means.original.document
    waiting = [target.reference.repository for target in targets if target.named != document.digest]
    places = tuple(dict.fromkeys(waiting if targets else [home]))  # what a tag names already is stored there
    if run.plan is not None:
        store_plan(run.plan, home, places, means.writer, run.receipt)
        return _Stored(run.plan.documents, places)
    places = tuple(place for place in places if place != home)
    for place in places:
        copy_image(means.writer.transports.open(home), place, document, means.writer, run.receipt)
    return _Stored((document,), places)


def _move(run: Run, stored: _Stored, targets: tuple[TagTarget, ...], writer: Writer) -> None:
    run.receipt.not_moved[:] = [target.reference for target in targets]
    if run.request.keep_original:
        leaving = [target for target in targets if target.named != stored.document.digest]
        keep_originals(leaving, run.request.keep_original, writer, run.receipt)
    put_tags(confirm(stored.documents, stored.places, targets, writer), stored.document, writer, run.receipt)


def _trying(run: Run, tools: Tools) -> "Trying | None":
    """Return what tries the result, if that is wanted, before anything is stored that could not be tried."""
    if not run.request.smoke_tests or run.plan is None:
        return None
    if tools.engine is None:
        raise InternalError("there are tests of the result, and nobody gave an engine")
    from rebaser.smoke.stored import trying

    return trying(run.request.smoke_tests, run.plans, tools.engine())


def _passes(run: Run, trying: "Trying", stored: _Stored, means: _Means) -> bool:
    """Try what is stored and decide once more with what came of it; what was rebuilt and fails is refused."""
    from rebaser.checks.trial_catalog import TRIAL_CHECKS

    if not stored.places:  # the tags name it already: it was tried when they were put
        return True
    tools = means.tools
    with _stage("try", run, tools):
        reference = Reference(stored.places[0], None, stored.document.digest)
        run.trial = trying.of(reference, gather.Gatherer(Documents(tools.transports), means.writer.pool))
    found = [result for plan in run.plans for result in run_trial_checks(TRIAL_CHECKS, plan, run.trial)]
    checks = {check.id for check in TRIAL_CHECKS}
    run.results = (*(result for result in run.results if result.check not in checks), *found)
    trial = decide(run.plans, found, run.policy)
    run.decision = decide_again(run.decision, trial) if run.decision is not None else trial
    return run.decision.outcome in (Outcome.REBASE, Outcome.REBUILD) and not _is_to_be_built(run)


def _is_to_be_built(run: Run) -> bool:
    return run.decision is not None and run.decision.outcome is Outcome.REBUILD and run.work is None


def _untried(run: Run) -> tuple[CheckResult, ...]:
    """Return the checks of a trial as they stand until there is one."""
    from rebaser.checks.trial_catalog import TRIAL_CHECKS

    reason = "a dry run stores nothing that could be tried" if run.request.dry_run else "nothing was made to be tried"
    return tuple(result for plan in run.plans for result in skipped(TRIAL_CHECKS, plan, reason))


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
    start, before = tools.clock(), sum(run.seconds.values())
    try:
        yield
    finally:
        within = sum(run.seconds.values()) - before  # of stages in this one, which count for themselves
        run.seconds[name] = tools.clock() - start - within
