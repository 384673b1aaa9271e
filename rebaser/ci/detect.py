"""Which service runs us, as the environment tells."""

import os
from collections.abc import Mapping
from typing import TextIO

from rebaser.ci.base import CiService
from rebaser.ci.github import GitHub
from rebaser.ci.local import Local


def detect(environment: Mapping[str, str], out: TextIO, err: TextIO) -> CiService:
    """Return the service; a terminal is one too."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return GitHub(environment, out, err, lambda: os.urandom(16).hex())
    return Local(out, err)
