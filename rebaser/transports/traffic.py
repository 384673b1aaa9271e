"""Counts what goes over the wire, for the report."""

from dataclasses import dataclass, field
from threading import Lock


@dataclass(slots=True)
class Traffic:
    """Requests, and bytes of bodies, since the start. Shared by all stores of a run."""

    requests: int = 0
    bytes_down: int = 0
    bytes_up: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def count(self, *, requests: int = 0, down: int = 0, up: int = 0) -> None:
        """Add to the counts; callable from any thread."""
        with self._lock:
            self.requests += requests
            self.bytes_down += down
            self.bytes_up += up
