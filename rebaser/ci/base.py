"""The seam between the rebaser and the service that runs it: where inputs come from, and where results go."""

from collections.abc import Iterable, Mapping
from typing import Protocol, TextIO


class CiService(Protocol):
    """A place that runs jobs. Everything handed to it is data, whatever it looks like."""

    @property
    def out(self) -> TextIO:
        """Return where text for people goes; nothing that is written there is taken for a command."""

    @property
    def err(self) -> TextIO:
        """Return where the text of errors goes, likewise."""

    def print_json(self, text: str) -> None:
        """Print JSON for a program; it is all that goes to the standard output then."""

    def texts(self) -> Mapping[str, str]:
        """Return the texts of the inputs that the service hands over, by name, without empty ones."""

    def mask(self, forms: Iterable[str]) -> None:
        """Have these texts hidden in the log from now on."""

    def annotate(self, level: str, title: str, message: str) -> None:
        """Show a line where people look first; `level` is error, warning or notice."""

    def set_outputs(self, values: Mapping[str, str]) -> None:
        """Hand results to later steps, all or none.

        Raises:
            InputError: they cannot be written.
        """

    @property
    def summary_room(self) -> int:
        """Return how many bytes a summary may have; 0 where none is shown."""

    def add_summary(self, markdown: str) -> None:
        """Show a summary.

        Raises:
            InputError: it cannot be written.
        """
