"""The job of `rebaser rebase`: carried out, told on every end, and the exit code.

What tells it is imported while the registry is waited for.
"""

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from rebaser.ci.arguments import Arguments
from rebaser.ci.inputs import DEFAULT_REPORT_DIR, Inputs
from rebaser.ci.progress import Progress
from rebaser.commands.base import Surroundings, given_texts, problem, say
from rebaser.commands.cache import cache_directory
from rebaser.decide import Outcome
from rebaser.errors import InputError, InternalError, Interrupted, RebaserError
from rebaser.pipeline import Run, Tools, rebase
from rebaser.request import Policy
from rebaser.transports.open import Places
from rebaser.transports.registry.network import Network
from rebaser.transports.registry.transports import RegistryTransports
from rebaser.transports.traffic import Traffic

if TYPE_CHECKING:
    from rebaser.report.build import Facts
    from rebaser.report.model import ImageReport


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done, and how registries are reached, which may have been asked already."""

    inputs: Inputs
    network: Network
    registries: RegistryTransports
    traffic: Traffic


def carry_out(job: Job, arguments: Arguments, here: Surroundings) -> int:
    """Rebase an image, tell what became of it, and return the exit code."""
    for later in (
        "rebaser.commands.publish",
        "rebaser.trail",
        *(("rebaser.looking",) if job.inputs.request.checks == "all" else ()),
    ):
        Thread(target=import_module, args=(later,), daemon=True).start()
    done = Run(job.inputs.request, job.inputs.policy)
    from rebaser.transports.docker_engine import engine_from

    opened = Places(job.network, job.traffic, registries=job.registries, engine=engine_from(here.environment))
    from rebaser.ci.invocation import maker

    cache = cache_directory(job.inputs.cache_dir, here.environment)
    tools = partial(Tools, cache=cache, maker=maker(here.environment))
    failure = _carried_out(done, opened, job.traffic, here, tools)
    from rebaser.commands.publish import Publishing, publish
    from rebaser.report.build import image_report

    told = image_report(_facts(done, job.traffic, failure))
    how = Publishing(Path(job.inputs.report_dir), arguments.json, done.trail.files if done.trail else {})
    return publish(told, how, here, _exit_code(done, failure))


def report_wrong_inputs(error: InputError, arguments: Arguments, here: Surroundings) -> None:
    """Tell of a run that did not begin, wherever that can be told; the error itself is told by whoever got it."""
    from rebaser.commands.publish import Publishing, hand_over, keep, show

    texts = given_texts(arguments, here)
    told = _not_begun(texts, error)
    how = Publishing(Path(texts.get("report-dir") or DEFAULT_REPORT_DIR), arguments.json)
    if arguments.json:
        show(told, how, here)
    for tell in (keep, hand_over):
        try:
            tell(told, how, here)
        except InputError as further:
            if further.problems[0].name != "report-dir":  # which the error tells already, or which does not matter now
                say(here.err, problem(further))


def print_wrong_command_line(error: InputError, here: Surroundings) -> None:
    """Print the JSON report of a command line that was not understood."""
    from rebaser.commands.publish import Publishing, show

    arguments = Arguments("rebase", {}, json=True, directory="")
    show(_not_begun(given_texts(arguments, here), error), Publishing(Path(), json=True), here)


def _carried_out(
    done: Run, opened: Places, traffic: Traffic, here: Surroundings, tools: Callable[..., Tools]
) -> RebaserError | None:
    """Do it, and return what went wrong; a bug is reported like any failure, and so is an interruption."""
    try:
        with (
            opened as places,
            Progress(here.err, lambda: (traffic.bytes_down, traffic.bytes_up)) as shown,
        ):
            rebase(done, tools(places, progress=shown.stage))
    except RebaserError as error:
        return error
    except KeyboardInterrupt:
        return Interrupted()
    except Exception as error:  # noqa: BLE001  the report tells of it
        say(here.err, traceback.format_exc())
        return InternalError(f"{type(error).__name__}: {error}")
    return None


def _exit_code(done: Run, failure: RebaserError | None) -> int:
    if failure is not None:
        return failure.exit_code
    return 1 if done.decision is not None and done.decision.outcome is Outcome.REFUSE else 0


def _not_begun(texts: dict[str, str], error: InputError) -> "ImageReport":
    from rebaser.report.build import Facts, image_report

    return image_report(Facts(texts.get("image", ""), None, None, None, Policy(), dry_run=False, error=error))


def _facts(done: Run, traffic: Traffic, failure: RebaserError | None) -> "Facts":
    from rebaser.report.build import Facts

    document, request = done.document, done.request
    counted = failure is None or request.dry_run
    blobs = Counter(how.value for how in done.receipt.blobs.values())
    return Facts(
        str(request.image),
        request.image,
        done.original.digest if done.original else None,
        document.digest if document and counted else None,
        done.policy,
        request.dry_run,
        done.plans,
        done.results,
        done.decision,
        (*(done.plan.notices if done.plan else ()), *done.receipt.notices),
        done.tags,
        tuple(done.receipt.moved),
        tuple(done.receipt.not_moved),
        tuple(done.receipt.kept),
        dict(blobs),
        done.seconds,
        traffic.requests,
        traffic.bytes_down,
        traffic.bytes_up,
        failure,
        done.packages,
    )
