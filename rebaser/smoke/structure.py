"""Carries out a file of container-structure-test: each of its tests is a result of its own."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack

from rebaser.oci.strict_json import JsonObject
from rebaser.printable import printable
from rebaser.smoke.containers import Ended, carry_out, container, settings, stored_change
from rebaser.smoke.files import content_at, file_at
from rebaser.smoke.loading import Tried, temporary_image
from rebaser.smoke.output import last_lines
from rebaser.trial import judging
from rebaser.trial.model import Command, SmokeResult, StructureFile
from rebaser.trial.structure import CommandTest, Structure


def structure_results(file: StructureFile, tried: Tried) -> Iterator[SmokeResult]:
    """Yield what came of each test, commands first.

    Raises:
        TransportError: `engine-unreachable`, or `engine-refused` with what it said.
    """
    tests = file.tests
    for command in tests.command_tests:
        yield _of_command(f"{file.told}: {command.name}", command, tests, tried)
    if tests.file_existence_tests or tests.file_content_tests:
        yield from _of_files(file, tried)
    if tests.metadata_test:
        wrong = judging.of_metadata(tests.metadata_test, tried.config)
        yield _result(f"{file.told}: metadataTest", wrong)


def _of_command(name: str, test: CommandTest, tests: Structure, tried: Tried) -> SmokeResult:
    environment = judging.set_variables(
        (*tests.global_env_vars, *test.env_vars), judging.variables(_environment(tried.config))
    )
    user = tests.container_run_options.user
    steps = [*test.setup, (test.command, *test.args), *test.teardown]
    commands = [Command(tuple(argv), "", environment, user) for argv in steps]
    ended = tuple(_steps(commands, tried))
    tested = ended[len(test.setup)] if len(ended) > len(test.setup) else ended[-1]
    problems = [f"{' '.join(argv)}: {one.trouble}" for argv, one in zip(steps, ended, strict=False) if one.trouble]
    if not problems:
        said = judging.Said(tested.exit_code or 0, _text(tested.out), _text(tested.error))
        problems += judging.of_command(test, said)
    seconds = sum(one.seconds for one in ended)
    return SmokeResult(
        printable(name), tested.exit_code, last_lines(tested.out, tested.error), seconds, _joined(problems)
    )


def _steps(commands: list[Command], tried: Tried) -> Iterator[Ended]:
    """Run commands one after the other, each on what the one before left, whatever its exit code.

    One that cannot be started, or has to be ended, is the last.
    """
    with ExitStack() as kept:
        image = tried.image
        for position, command in enumerate(commands):
            identity = kept.enter_context(container(tried.engine, settings(image, command)))
            ended = carry_out(tried.engine, identity, tried.watch)
            yield ended
            if ended.trouble:
                return
            if position + 1 < len(commands):
                image = stored_change(tried.engine, identity)
                kept.enter_context(temporary_image(tried.engine, image))


def _of_files(file: StructureFile, tried: Tried) -> Iterator[SmokeResult]:
    """Look into a container that is never started."""
    with container(tried.engine, settings(tried.image, Command(("/",), ""))) as identity:
        for existence in file.tests.file_existence_tests:
            there = file_at(tried.engine, identity, existence.path)
            yield _result(f"{file.told}: {existence.name}", judging.of_file(existence, there))
        for content in file.tests.file_content_tests:
            name = f"{file.told}: {content.name}"
            try:
                held = content_at(tried.engine, identity, content.path)
            except ValueError as error:
                yield _result(name, (str(error),))
            else:
                yield _result(name, judging.of_content(content, _text(held)))


def _result(name: str, problems: Iterable[str]) -> SmokeResult:
    return SmokeResult(printable(name), None, (), 0.0, _joined(problems))


def _joined(problems: Iterable[str]) -> str:
    return "; ".join(printable(problem) for problem in problems)


def _environment(config: JsonObject) -> list[str]:
    entries = config.get("Env")
    return [str(entry) for entry in entries] if isinstance(entries, list) else []


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
