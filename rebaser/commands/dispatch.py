"""From a command line to an exit code: reads the process, imports the command that is asked for, catches everything."""

import gc
import io
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import NoReturn

from rebaser.ci.arguments import Arguments, parse_arguments
from rebaser.ci.detect import detect
from rebaser.commands.base import Command, Surroundings, problem, say
from rebaser.errors import InputError, RebaserError

INTERRUPTED = 130
_EXIT_BUG = 70


def run(argv: Sequence[str], surroundings: Surroundings | None) -> int:
    """Run a command and return its exit code; without `surroundings`, in this process, which ends with it at once.

    There is nothing to be tidied up then: an interrupted run does not wait for requests that are under way, and no
    run for its memory to be handed back piece by piece.
    """
    if surroundings is not None:
        return _exit_code(argv, surroundings)
    code = _exit_code(argv, _process())
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # whoever read it has gone away
            stream.flush()
    os._exit(code)


def _exit_code(argv: Sequence[str], here: Surroundings) -> int:
    try:
        arguments = _arguments(argv, here)
        return _command(arguments.command)(arguments, here)
    except RebaserError as error:
        say(here.err, problem(error))
        return error.exit_code
    except KeyboardInterrupt:
        say(here.err, "Interrupted; no tag is moved before everything is stored, so it can simply be run again.")
        return INTERRUPTED
    except BrokenPipeError:
        return INTERRUPTED
    except Exception:  # noqa: BLE001  the last resort
        say(here.err, f"{traceback.format_exc()}\nThis is a bug in the rebaser. Please report it with the lines above.")
        return _EXIT_BUG


def _process() -> Surroundings:
    """Return the process itself; what its streams cannot encode is escaped, for a moved tag must not end as a bug.

    A cancelled job gets SIGTERM; as the first process of a container we would not even be ended by it.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _interrupt)
    gc.disable()  # while modules are imported there is nothing to collect, and looking for it takes a while
    return Surroundings(os.environ, detect(os.environ, sys.stdout, sys.stderr))


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _arguments(argv: Sequence[str], here: Surroundings) -> Arguments:
    try:
        return parse_arguments(argv)
    except InputError as error:
        if "rebase" in argv[:1] and "--json" in argv:
            import_module("rebaser.commands.job").print_wrong_command_line(error, here)
        raise


def _command(name: str) -> Command:
    run: Command = import_module(f"rebaser.commands.{name}").run
    return run
