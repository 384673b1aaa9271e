"""The command line: commands, and a flag for every input."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from rebaser import __version__
from rebaser.ci.inputs import INPUTS, Input, meant
from rebaser.errors import InputError, InputProblem

_EPILOG = """\
exit codes: 0 unchanged, rebased, rebuilt or skipped; 1 refused, findings say why; 2 wrong input; 3 a registry said no,
or the tag moved meanwhile; 4 the image is broken or unsupported; 5 the rebuild failed; 70 a bug in the rebaser;
130 interrupted.
Every flag is also a variable: --new-base is REBASE_NEW_BASE.
"""


@dataclass(frozen=True, slots=True)
class Arguments:
    """A parsed command line: the command, the texts of the inputs that were given as flags, and the rest."""

    command: str
    texts: dict[str, str]
    json: bool
    directory: str
    other: str = ""


_SWITCHES = frozenset(f"--{known.name}" for known in INPUTS if known.default == "false")
"""Flags that stand alone: what follows one is the image, and never its value, which is given as `--dry-run=false`."""


class _Parser(argparse.ArgumentParser):
    """Tells a wrong command line as an `InputError`, like any other wrong input."""

    def error(self, message: str) -> NoReturn:
        raise InputError(InputProblem("command line", message, f"See `{self.prog} --help`."))


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """Return what the command line says.

    Raises:
        InputError: it is not understood; a mistyped flag is named with the one that may be meant.
    """
    parser = _parser()
    known, unknown = parser.parse_known_args([f"{text}=true" if text in _SWITCHES else text for text in argv])
    if unknown:
        flags = [text for text in unknown if text.startswith("-")]
        raise InputError(*(_unknown(text) for text in flags or unknown))
    given = vars(known)
    texts = {known.name: given[known.name] for known in INPUTS if given.get(known.name) is not None}
    return Arguments(
        given["command"], texts, bool(given.get("json")), given.get("directory") or "", given.get("other") or ""
    )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="rebaser",
        description="Move an already-built container image onto an updated base image, in the registry.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"rebaser {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    rebase = _command(commands, "rebase", "rebase an image")
    _add_inputs(rebase, INPUTS)
    inspect = _command(commands, "inspect", "tell an image's base, how that is known, and whether it is stale")
    _add_inputs(inspect, [known for known in INPUTS if known.name in _INSPECTED])
    diff = _command(commands, "diff", "tell how two images differ: config, packages, files, layers")
    _add_inputs(diff, [known for known in INPUTS if known.name in _COMPARED])
    diff.add_argument("other", metavar="OTHER", help="the image to compare with")
    diff.add_argument("--json", action="store_true", help="print all differences as JSON")
    demo = _command(commands, "demo", "do the whole job on images made on the spot, in an OCI layout; no network")
    demo.add_argument("directory", nargs="?", help="an empty or absent directory to keep the images in", default="")
    rebase.add_argument("--json", action="store_true", help="print the report to stdout, and nothing else there")
    inspect.add_argument("--json", action="store_true", help="print the same facts as JSON")
    return parser


_COMPARED = (
    "image",
    "platforms",
    "cache-dir",
    "username",
    "password",
    "registry-auth",
    "github-token",
    "insecure-registries",
)
_INSPECTED = (
    "image",
    "new-base",
    "old-base",
    "platforms",
    "username",
    "password",
    "registry-auth",
    "github-token",
    "insecure-registries",
)


def _command(commands: "argparse._SubParsersAction[_Parser]", name: str, meaning: str) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=meaning,
        description=meaning[0].upper() + meaning[1:] + ".",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def _add_inputs(parser: argparse.ArgumentParser, inputs: Sequence[Input[object]]) -> None:
    for known in inputs:
        meaning = f"{known.meaning}: {known.shape}".replace("%", "%%")
        meaning += f" (default: {known.default})" if known.default else ""
        if known.name == "image":
            parser.add_argument("image", nargs="?", metavar="IMAGE", help=meaning)
        elif known.default == "false":
            meaning += f"; alone it means true, else write --{known.name}=false"
            parser.add_argument(f"--{known.name}", nargs="?", metavar=f"={known.word}", dest=known.name, help=meaning)
        else:
            parser.add_argument(f"--{known.name}", metavar=known.word, dest=known.name, help=meaning)


def _unknown(text: str) -> InputProblem:
    flag = meant(text.partition("=")[0], [f"--{known.name}" for known in INPUTS])
    return InputProblem("command line", f"{text[:60]!r} is not known{flag}", "See `rebaser --help`.")
