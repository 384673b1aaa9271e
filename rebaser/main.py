"""From the environment to an exit code: the only place that reads the process, prints, and catches everything."""

import io
import json
import os
import sys
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TextIO

from rebaser.ci.arguments import Arguments, parse_arguments
from rebaser.ci.inputs import DEFAULT_REPORT_DIR, Access, Inputs, from_environment, read_inputs
from rebaser.ci.progress import Progress
from rebaser.decide import Outcome, Policy
from rebaser.demo import demonstrate
from rebaser.errors import InputError, InputProblem, InternalError, RebaserError
from rebaser.inspection import inspect
from rebaser.oci.reference import Transport
from rebaser.pipeline import Run, Tools, rebase
from rebaser.printable import printable
from rebaser.report.build import Facts, image_report, report
from rebaser.report.model import ImageReport
from rebaser.report.text import render
from rebaser.request import Request
from rebaser.transports.open import Places
from rebaser.transports.registry.credentials import Given, credentials_from
from rebaser.transports.registry.network import Network, proxies_from
from rebaser.transports.traffic import Traffic

INTERRUPTED = 130
_EXIT_BUG = 70


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The process, as a value: what a test replaces."""

    environment: Mapping[str, str]
    out: TextIO
    err: TextIO


def main(argv: Sequence[str] | None = None, surroundings: Surroundings | None = None) -> int:
    """Run a command and return its exit code; the codes are DESIGN's."""
    here = surroundings or _process()
    try:
        arguments = _arguments(sys.argv[1:] if argv is None else argv, here)
        return _COMMANDS[arguments.command](arguments, here)
    except RebaserError as error:
        _say(here.err, _problem(error))
        return error.exit_code
    except KeyboardInterrupt:
        _say(here.err, "Interrupted; no tag is moved before everything is stored, so it can simply be run again.")
        return INTERRUPTED
    except BrokenPipeError:
        return INTERRUPTED
    except Exception:  # noqa: BLE001  the last resort
        _say(
            here.err, f"{traceback.format_exc()}\nThis is a bug in the rebaser. Please report it with the lines above."
        )
        return _EXIT_BUG


def _process() -> Surroundings:
    """Return the process itself; what its streams cannot encode is escaped, for a moved tag must not end as a bug."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    return Surroundings(os.environ, sys.stdout, sys.stderr)


def _arguments(argv: Sequence[str], here: Surroundings) -> Arguments:
    try:
        return parse_arguments(argv)
    except InputError as error:
        if "rebase" in argv[:1] and "--json" in argv:
            _print_json(_not_begun(from_environment(here.environment), error), here)
        raise


def _rebase(arguments: Arguments, here: Surroundings) -> int:
    try:
        inputs = _inputs(arguments, here.environment)
        network = _network(inputs.access, inputs.request, here.environment)
        _make_writable(Path(inputs.report_dir))
    except InputError as error:
        _report_wrong_inputs(arguments, here, error)
        raise
    traffic = Traffic()
    run = Run(inputs.request, inputs.policy)
    failure: RebaserError | None = None
    with (
        Places(network, traffic) as places,
        Progress(here.err, lambda: (traffic.bytes_down, traffic.bytes_up)) as shown,
    ):
        try:
            rebase(run, Tools(places, progress=shown.stage))
        except RebaserError as error:
            failure = error
        except Exception as error:  # noqa: BLE001  a bug is reported like any failure
            failure = InternalError(f"{type(error).__name__}: {error}")
            _say(here.err, traceback.format_exc())
    told = image_report(_facts(run, traffic, failure))
    code = _exit_code(run, failure)
    try:
        _show(told, arguments, here)
    finally:  # a reader that has gone away does not cost the files
        code = _keep(told, Path(inputs.report_dir), code, here)
    return code


def _exit_code(run: Run, failure: RebaserError | None) -> int:
    if failure is not None:
        return failure.exit_code
    return 1 if run.decision is not None and run.decision.outcome is Outcome.REFUSE else 0


def _keep(told: ImageReport, directory: Path, code: int, here: Surroundings) -> int:
    """Write the files and return the exit code: that of the run, unless only the files failed."""
    try:
        _write_files(told, directory)
    except InputError as error:
        _say(here.err, _problem(error))
        return code or error.exit_code
    return code


def _not_begun(texts: Mapping[str, str], error: InputError) -> ImageReport:
    return image_report(Facts(texts.get("image", ""), None, None, None, Policy(), dry_run=False, error=error))


def _report_wrong_inputs(arguments: Arguments, here: Surroundings, error: InputError) -> None:
    """Tell of a run that did not begin, in files where they can be written; the error itself is told anyway."""
    texts = from_environment(here.environment) | arguments.texts
    told = _not_begun(texts, error)
    if arguments.json:
        _print_json(told, here)
    with suppress(InputError):
        _write_files(told, Path(texts.get("report-dir") or DEFAULT_REPORT_DIR))


def _inspect(arguments: Arguments, here: Surroundings) -> int:
    inputs = _inputs(arguments, here.environment)
    network = _network(inputs.access, inputs.request, here.environment)
    with Places(network, Traffic()) as places:
        found = inspect(inputs.request, places)
    if arguments.json:
        here.out.write(json.dumps(found.as_json(), indent=2) + "\n")
    else:
        _say(here.out, found.as_text())
    return 0


def _demo(arguments: Arguments, here: Surroundings) -> int:
    demonstrate(arguments.directory, lambda line: _say(here.out, line))
    return 0


_COMMANDS = {"rebase": _rebase, "inspect": _inspect, "demo": _demo}


def _inputs(arguments: Arguments, environment: Mapping[str, str]) -> Inputs:
    return read_inputs(from_environment(environment) | arguments.texts, environment)


def _network(access: Access, request: Request, environment: Mapping[str, str]) -> Network:
    places = [tag.repository for tag in request.tags or ()] or [request.image.repository]
    registry = next((place.registry for place in places if place.transport is Transport.REGISTRY), "")
    given = Given(registry, access.username, access.password, access.registry_auth)
    return Network(
        credentials_from(given, environment),
        frozenset(access.insecure_registries),
        environment.get("SSL_CERT_FILE") or None,
        proxies_from(environment),
    )


def _facts(run: Run, traffic: Traffic, failure: RebaserError | None) -> Facts:
    document = run.document
    done = failure is None and not run.request.dry_run
    counts = Counter(how.value for how in run.receipt.blobs.values())
    return Facts(
        str(run.request.image),
        run.request.image,
        run.original.digest if run.original else None,
        document.digest if document and (done or run.request.dry_run) else None,
        run.policy,
        run.request.dry_run,
        run.plans,
        run.results,
        run.decision,
        run.plan.notices if run.plan else (),
        run.tags,
        tuple(run.receipt.moved),
        tuple(run.receipt.not_moved),
        dict(counts),
        run.seconds,
        traffic.requests,
        traffic.bytes_down,
        traffic.bytes_up,
        failure,
    )


def _make_writable(directory: Path) -> None:
    """Make the directory of the report, before any tag is moved.

    Raises:
        InputError: nothing can be written there.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise _unwritable(directory, error, "nothing was done") from error


def _unwritable(directory: Path, error: OSError, became: str) -> InputError:
    remedy = "Name a directory that can be written to in `report-dir`."
    return InputError(InputProblem("report-dir", f"{directory} cannot be written: {error.strerror}; {became}", remedy))


def _write_files(told: ImageReport, directory: Path) -> None:
    whole = report([told]).model_dump(mode="json")
    patches = {platform.platform: platform.configPatch for platform in told.platforms}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _put(directory / "report.json", whole)
        _put(directory / "config-patch.json", patches)
    except OSError as error:
        became = f"the image itself: {told.result} {told.digest or ''}".rstrip()
        raise _unwritable(directory, error, became) from error


def _put(path: Path, value: object) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def _show(told: ImageReport, arguments: Arguments, here: Surroundings) -> None:
    if arguments.json:
        _print_json(told, here)
    _say(here.err if arguments.json or told.error else here.out, render(told))


def _print_json(told: ImageReport, here: Surroundings) -> None:
    _say(here.out, json.dumps(report([told]).model_dump(mode="json"), indent=2))  # ASCII, whatever stdout encodes


def _problem(error: RebaserError) -> str:
    if isinstance(error, InputError):
        lines = [
            f"  {problem.name}: {printable(problem.message)}\n    → {problem.remedy}" for problem in error.problems
        ]
        return "\n".join(["Wrong input:", *lines])
    return f"Failed: {printable(error.message, 2000)}\n  → {error.remedy}\n  ({error.code})"


def _say(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()
