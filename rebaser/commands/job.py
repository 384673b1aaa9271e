"""The job of `rebaser rebase`: carried out, reported on every end, and the exit code."""

import json
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path

from rebaser.ci.arguments import Arguments
from rebaser.ci.inputs import DEFAULT_REPORT_DIR, Inputs
from rebaser.ci.progress import Progress
from rebaser.commands.base import Surroundings, given_texts, problem, say
from rebaser.commands.files import write_files
from rebaser.decide import Outcome
from rebaser.errors import InputError, InternalError, RebaserError
from rebaser.pipeline import Run, Tools, rebase
from rebaser.report.build import Facts, image_report, report
from rebaser.report.model import ImageReport
from rebaser.report.text import render
from rebaser.request import Policy
from rebaser.transports.open import Places
from rebaser.transports.registry.early import Early
from rebaser.transports.registry.network import Network
from rebaser.transports.traffic import Traffic


def carry_out(inputs: Inputs, network: Network, early: Early, arguments: Arguments, here: Surroundings) -> int:
    """Rebase an image, tell what became of it, and return the exit code."""
    done, traffic = Run(inputs.request, inputs.policy), Traffic()
    failure = _carried_out(done, Places(network, traffic, early=early), traffic, here)
    told = image_report(_facts(done, traffic, failure))
    code = _exit_code(done, failure)
    try:
        _show(told, arguments, here)
    finally:  # a reader that has gone away does not cost the files
        code = _keep(told, Path(inputs.report_dir), code, here)
    return code


def print_wrong_command_line(error: InputError, here: Surroundings) -> None:
    """Print the JSON report of a command line that was not understood."""
    _print_json(_not_begun(given_texts(Arguments("rebase", {}, json=True, directory=""), here), error), here)


def _carried_out(done: Run, opened: Places, traffic: Traffic, here: Surroundings) -> RebaserError | None:
    """Do it, and return what went wrong; a bug is reported like any failure."""
    with (
        opened as places,
        Progress(here.err, lambda: (traffic.bytes_down, traffic.bytes_up)) as shown,
    ):
        try:
            rebase(done, Tools(places, progress=shown.stage))
        except RebaserError as error:
            return error
        except Exception as error:  # noqa: BLE001  the report tells of it
            say(here.err, traceback.format_exc())
            return InternalError(f"{type(error).__name__}: {error}")
    return None


def _exit_code(done: Run, failure: RebaserError | None) -> int:
    if failure is not None:
        return failure.exit_code
    return 1 if done.decision is not None and done.decision.outcome is Outcome.REFUSE else 0


def _keep(told: ImageReport, directory: Path, code: int, here: Surroundings) -> int:
    """Write the files and return the exit code: that of the run, unless only the files failed."""
    try:
        write_files(_files(told), directory, f"the image itself: {told.result} {told.digest or ''}".rstrip())
    except InputError as error:
        say(here.err, problem(error))
        return code or error.exit_code
    return code


def _files(told: ImageReport) -> dict[str, str]:
    patches = {platform.platform: platform.configPatch for platform in told.platforms}
    values = {"report.json": report([told]).model_dump(mode="json"), "config-patch.json": patches}
    return {name: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for name, value in values.items()}


def _not_begun(texts: dict[str, str], error: InputError) -> ImageReport:
    return image_report(Facts(texts.get("image", ""), None, None, None, Policy(), dry_run=False, error=error))


def report_wrong_inputs(error: InputError, arguments: Arguments, here: Surroundings) -> None:
    """Tell of a run that did not begin, in files where they can be written; the error itself is told anyway."""
    texts = given_texts(arguments, here)
    told = _not_begun(texts, error)
    if arguments.json:
        _print_json(told, here)
    with suppress(InputError):
        write_files(_files(told), Path(texts.get("report-dir") or DEFAULT_REPORT_DIR), "nothing was done")


def _facts(done: Run, traffic: Traffic, failure: RebaserError | None) -> Facts:
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
        done.plan.notices if done.plan else (),
        done.tags,
        tuple(done.receipt.moved),
        tuple(done.receipt.not_moved),
        dict(blobs),
        done.seconds,
        traffic.requests,
        traffic.bytes_down,
        traffic.bytes_up,
        failure,
    )


def _show(told: ImageReport, arguments: Arguments, here: Surroundings) -> None:
    if arguments.json:
        _print_json(told, here)
    say(here.err if arguments.json or told.error else here.out, render(told))


def _print_json(told: ImageReport, here: Surroundings) -> None:
    say(here.out, json.dumps(report([told]).model_dump(mode="json"), indent=2))  # ASCII, whatever stdout encodes
