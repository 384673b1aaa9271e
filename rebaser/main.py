"""From the environment to an exit code: the only place that reads the process, prints, and catches everything."""

import json
import os
import sys
import traceback
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
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
    here = surroundings or Surroundings(os.environ, sys.stdout, sys.stderr)
    try:
        arguments = parse_arguments(sys.argv[1:] if argv is None else argv)
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


def _rebase(arguments: Arguments, here: Surroundings) -> int:
    try:
        inputs = _inputs(arguments, here.environment)
        network = _network(inputs.access, inputs.request, here.environment)
    except InputError as error:
        _report_wrong_inputs(arguments, here.environment, error)
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
    _write_files(told, Path(inputs.report_dir))
    _show(told, arguments, here)
    if failure is not None:
        return failure.exit_code
    return 1 if run.decision is not None and run.decision.outcome is Outcome.REFUSE else 0


def _report_wrong_inputs(arguments: Arguments, environment: Mapping[str, str], error: InputError) -> None:
    """Write the report of a run that did not begin, where one can be written; the error itself is told anyway."""
    texts = from_environment(environment) | arguments.texts
    told = image_report(Facts(texts.get("image", ""), None, None, None, Policy(), dry_run=False, error=error))
    with suppress(InputError):
        _write_files(told, Path(texts.get("report-dir") or DEFAULT_REPORT_DIR))


def _inspect(arguments: Arguments, here: Surroundings) -> int:
    inputs = _inputs(arguments, here.environment)
    network = _network(inputs.access, inputs.request, here.environment)
    with Places(network, Traffic()) as places:
        found = inspect(inputs.request, places)
    if arguments.json:
        here.out.write(json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n")
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
    places = [tag.repository for tag in request.tags] or [request.image.repository]
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
        run.request.tags,
        tuple(run.receipt.moved),
        tuple(run.receipt.not_moved),
        dict(counts),
        run.seconds,
        traffic.requests,
        traffic.bytes_down,
        traffic.bytes_up,
        failure,
    )


def _write_files(told: ImageReport, directory: Path) -> None:
    whole = report([told]).model_dump(mode="json")
    patches = {platform.platform: platform.configPatch for platform in told.platforms}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _put(directory / "report.json", whole)
        _put(directory / "config-patch.json", patches)
    except OSError as error:
        remedy = "Name a directory that can be written to in `report-dir`."
        problem = (
            f"{directory} cannot be written: {error.strerror}; the image itself: {told.result} {told.digest or ''}"
        )
        raise InputError(InputProblem("report-dir", problem, remedy)) from error


def _put(path: Path, value: object) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def _show(told: ImageReport, arguments: Arguments, here: Surroundings) -> None:
    if arguments.json:
        here.out.write(json.dumps(report([told]).model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n")
        here.out.flush()
    _say(here.err if arguments.json or told.error else here.out, render(told))


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
