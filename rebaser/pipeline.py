"""One rebase, from start to end: the stages in their order, and nothing else."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from rebaser import gather
from rebaser.ancestry import plan_child
from rebaser.apply import Receipt, TagTarget, Writer, copy_image, move_tags, store_plan
from rebaser.checks.base import CheckResult
from rebaser.checks.catalog import ALL_CHECKS
from rebaser.checks.runner import run_checks
from rebaser.decide import Decision, Outcome, decide
from rebaser.errors import TransportError
from rebaser.oci.document import Document
from rebaser.oci.reference import DEFAULT_TAG, Reference
from rebaser.plan.compose import compose
from rebaser.plan.model import Plan, PlatformPlan, Wishes
from rebaser.request import Policy, Request
from rebaser.transports.base import Transports

THREADS = 8  # requests at once; more makes registries throttle


@dataclass(frozen=True, slots=True)
class Tools:
    """What the pipeline uses and a test replaces."""

    transports: Transports
    clock: Callable[[], float] = time.monotonic
    progress: Callable[[str], None] = lambda _stage: None


@dataclass(slots=True)
class Run:
    """The values of the stages so far; what is not reached yet is None, and after a failure stays so."""

    request: Request
    policy: Policy
    original: gather.Original | None = None
    plans: tuple[PlatformPlan, ...] = ()
    results: tuple[CheckResult, ...] = ()
    decision: Decision | None = None
    plan: Plan | None = None
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
    request = run.request
    with ThreadPoolExecutor(THREADS) as pool:
        with _stage("read", run, tools):
            gatherer = gather.Gatherer(tools.transports, pool)
            run.original = gatherer.original(request.image, request.platforms)
            targets = _targets(run, run.original, tools.transports, pool)
        with _stage("plan", run, tools):
            work = partial(plan_child, gatherer, run.original, request)
            run.plans = tuple(pool.map(lambda place: work(*place), run.original.children()))
        with _stage("check", run, tools):
            run.results = tuple(result for plan in run.plans for result in run_checks(ALL_CHECKS, plan))
            run.decision = decide(run.plans, run.results, run.policy)
            if run.decision.outcome is Outcome.REBASE:
                wishes = Wishes(request.on_conflict, request.manifest_format, request.created)
                run.plan = compose(run.original.root, run.plans, request.image.repository, wishes)
        if not request.dry_run:
            with _stage("write", run, tools):
                _write(run, targets, Writer(tools.transports, pool))


def _targets(
    run: Run, original: gather.Original, transports: Transports, pool: ThreadPoolExecutor
) -> tuple[TagTarget, ...]:
    """Return the tags to be put with what they named at the start; the image's own must name the original.

    Where the original was read by its tag, that is what the tag named.
    """
    own = original.reference.with_tag(str(original.reference.tag)) if original.reference.tag else None
    read_by_tag = run.request.image.digest is None

    def named(reference: Reference) -> TagTarget:
        if reference == own and read_by_tag:
            return TagTarget(reference, original.digest)
        return TagTarget(reference, transports.open(reference.repository).resolve(str(reference.tag)))

    targets = tuple(pool.map(named, run.tags))
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
    if run.plan is not None:
        store_plan(run.plan, home, places, writer, run.receipt)
    else:
        for place in places:
            if place != home:
                copy_image(writer.transports.open(home), place, document, writer, run.receipt)
    move_tags(targets, document, writer, run.receipt)


@contextmanager
def _stage(name: str, run: Run, tools: Tools) -> Iterator[None]:
    tools.progress(name)
    start = tools.clock()
    try:
        yield
    finally:
        run.seconds[name] = tools.clock() - start
