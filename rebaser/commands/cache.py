"""Where indexes of layers are kept between runs."""

import tempfile
from collections.abc import Mapping
from pathlib import Path


def cache_directory(told: str, environment: Mapping[str, str]) -> Path:
    """Return the directory: where that is told, else in the user's own cache directory."""
    if told:
        return Path(told)
    home = environment.get("XDG_CACHE_HOME") or f"{environment.get('HOME') or tempfile.gettempdir()}/.cache"
    return Path(home) / "rebaser"
