"""One rule of `docker build`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """Three pieces of Dockerfile and the outcome.

    `old` and `new` are what two bases say, `app` what an application says that is built on either. `rebuilt` is what
    the application's config then holds on the new base; `classic` and `buildkit` add where the builders do not agree.
    None stands for absent and for every way to say empty.
    """

    name: str
    old: str
    new: str
    app: str
    rebuilt: Settings
    classic: Settings = field(default_factory=dict)
    buildkit: Settings = field(default_factory=dict)
    options: tuple[str, ...] = ()
