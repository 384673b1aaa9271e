"""GitHub Actions: a container action's inputs are variables, its results go into files, its log obeys commands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

from rebaser.ci.inputs import INPUTS
from rebaser.ci.workflow_commands import Harmless, command
from rebaser.errors import InputError, InputProblem

MAX_SUMMARY = 1024 * 1024  # bytes of one step; the runner drops a larger one whole
_OUTPUT, _SUMMARY = "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"
_ESCAPED = {ord("\r"): r"\x0d", 0: r"\x00"}  # a line end of the runner, and what no variable can hold


@dataclass(frozen=True, slots=True)
class GitHub:
    """One step, of the action or of a script. The runner reads both streams; commands go to `stderr`.

    `chance` returns 32 random digits, for the ends of values, which nothing in a value may be able to guess.
    """

    environment: Mapping[str, str]
    stdout: TextIO
    stderr: TextIO
    chance: Callable[[], str]

    @property
    def out(self) -> TextIO:
        """Return where results for people go, in which nothing is a command."""
        return cast("TextIO", Harmless(self.stdout))

    @property
    def err(self) -> TextIO:
        """Return where errors and progress go, likewise."""
        return cast("TextIO", Harmless(self.stderr))

    def print_json(self, text: str) -> None:
        """Print JSON as it is, but for what the runner would take for a command if nobody reads it."""
        self.stdout.write(text.replace("##[", r"\u0023#[") + "\n")
        self.stdout.flush()

    def texts(self) -> Mapping[str, str]:
        """Return the inputs: `INPUT_NEW-BASE`, as the runner names them, or with `_` as a shell can export them."""
        names = {known.name: f"INPUT_{known.name.upper()}" for known in INPUTS}
        told = {name: self._variable(key) or self._variable(key.replace("-", "_")) for name, key in names.items()}
        return {name: text for name, text in told.items() if text.strip()}

    def mask(self, forms: Iterable[str]) -> None:
        """Have the runner hide these texts; it takes them line by line."""
        for form in forms:
            self._tell(command("add-mask", form))

    def annotate(self, level: str, title: str, message: str) -> None:
        """Show an annotation of the run."""
        self._tell(command(level, message, [("title", title)]))

    def set_outputs(self, values: Mapping[str, str]) -> None:
        """Append the outputs to the runner's file, in one write.

        Raises:
            InputError: the file cannot be written.
        """
        self._append(_OUTPUT, "".join(self._record(name, value) for name, value in values.items()))

    @property
    def summary_room(self) -> int:
        """Return how many bytes are left of those that GitHub shows of one step."""
        path = self._variable(_SUMMARY)
        try:
            return MAX_SUMMARY - Path(path).stat().st_size if path else 0
        except OSError:
            return MAX_SUMMARY

    def add_summary(self, markdown: str) -> None:
        """Append to the step's summary.

        Raises:
            InputError: the file cannot be written.
        """
        self._append(_SUMMARY, markdown)

    def _record(self, name: str, value: str) -> str:
        end, told = f"rebaser_{self.chance()}", value.translate(_ESCAPED)
        while end in told:
            end = f"rebaser_{self.chance()}"
        return f"{name}<<{end}\n{told}\n{end}\n"

    def _append(self, variable: str, text: str) -> None:
        path = self._variable(variable)
        if not path:
            return
        try:
            with Path(path).open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.write(text)
        except OSError as error:
            problem = f"the file {path} cannot be written: {error.strerror}"
            remedy = "Run the container as root, as the runner does, with its files mounted."
            raise InputError(InputProblem(variable, problem, remedy)) from error

    def _tell(self, line: str) -> None:
        self.stderr.write(line)
        self.stderr.flush()

    def _variable(self, name: str) -> str:
        return self.environment.get(name, "")
