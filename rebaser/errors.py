"""What can go wrong, as one tree.

    RebaserError                 code, message, remedy            exit
    ├─ InputError                every wrong input at once          2
    ├─ TransportError            where images live said no          3
    │  └─ ImageNotFound          ... because it is not there        3
    ├─ ImageError                the image is broken/unsupported    4
    ├─ RebuildError              it could not be built again         5
    ├─ Interrupted               it was told to end              130
    └─ InternalError             a bug in the rebaser              70

"Cannot be rebased" is not here: that is a finding, and a result. Every code has a section in docs/errors.md.
"""

from dataclasses import dataclass


class RebaserError(Exception):
    """Something could not be found out or could not be done.

    `code` is stable and documented; `message` states the fact; `remedy` is an imperative that names an input.
    """

    exit_code = 70

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One wrong input: its name as in CONTRACT, what is wrong with it, and what it should be."""

    name: str
    message: str
    remedy: str


class InputError(RebaserError):
    """The inputs are wrong; all problems are told at once."""

    exit_code = 2

    def __init__(self, *problems: InputProblem) -> None:
        message = "; ".join(f"{problem.name}: {problem.message}" for problem in problems)
        remedy = " ".join(dict.fromkeys(problem.remedy for problem in problems))
        super().__init__("input-invalid", message, remedy)
        self.problems = problems


class TransportError(RebaserError):
    """A registry or another place where images live said no, or could not be reached."""

    exit_code = 3


class ImageNotFound(TransportError):  # noqa: N818  named for what happened, as the caller reads it
    """The reference or blob does not exist where it was looked for."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__("image-not-found", message, remedy)


class ImageError(RebaserError):
    """The image itself is broken, or of a kind that cannot be rebased."""

    exit_code = 4


class RebuildError(RebaserError):
    """The image could not be built from its source. `log` are the builder's last lines, safe to print."""

    exit_code = 5

    def __init__(self, code: str, message: str, remedy: str, log: tuple[str, ...] = ()) -> None:
        super().__init__(code, message, remedy)
        self.log = log


class Interrupted(RebaserError):  # noqa: N818  named for what happened
    """The run was told to end before it was done: a cancelled job, or Ctrl-C."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__(
            "interrupted",
            "It was interrupted; no tag is moved before everything is stored",
            "Run it again with the same inputs, whenever you like: it comes to the same end.",
        )


class InternalError(RebaserError):
    """A promise that the code makes to itself does not hold: a bug, never the user's mistake."""

    def __init__(self, message: str) -> None:
        super().__init__("bug", message, "Please report this, with the report.json of the run.")
