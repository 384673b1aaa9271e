"""No service: a terminal, or a job that reads files. Text goes out as it is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Local:
    """Two streams; results are in the files of the report."""

    out: TextIO
    err: TextIO
    summary_room: int = 0

    def print_json(self, text: str) -> None:
        """Print it."""
        self.out.write(text + "\n")
        self.out.flush()

    def texts(self) -> Mapping[str, str]:
        """Return none: inputs are flags and variables."""
        return {}

    def mask(self, forms: Iterable[str]) -> None:
        """Do nothing: what must not be seen is not printed in the first place."""

    def annotate(self, level: str, title: str, message: str) -> None:
        """Do nothing: the text says it."""

    def set_outputs(self, values: Mapping[str, str]) -> None:
        """Do nothing: the report has it."""

    def add_summary(self, markdown: str) -> None:
        """Do nothing: the report has it."""
