"""Where indexes of layers are kept between runs."""

from collections.abc import Mapping
from pathlib import Path


def cache_directory(told: str, environment: Mapping[str, str]) -> Path | None:
    """Return the directory: where that is told, else in the user's own cache directory; None without a home.

    A directory that others can write to is never taken unasked: who writes there says what layers hold.
    """
    home = environment.get("XDG_CACHE_HOME") or (f"{environment['HOME']}/.cache" if environment.get("HOME") else "")
    return Path(told) if told else Path(home) / "rebaser" if home else None
