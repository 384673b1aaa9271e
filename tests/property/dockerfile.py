"""Lines of a Dockerfile, as values."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Flavour = Literal["classic", "buildkit"]
Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Assign:
    """ENV or LABEL; values may hold `$NAME`."""

    keyword: Literal["ENV", "LABEL"]
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class Start:
    """CMD or ENTRYPOINT: a list, or a text that the shell is given."""

    keyword: Literal["CMD", "ENTRYPOINT"]
    command: tuple[str, ...] | str


@dataclass(frozen=True, slots=True)
class Declare:
    """EXPOSE or VOLUME."""

    keyword: Literal["EXPOSE", "VOLUME"]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Put:
    """An instruction with one text: USER, WORKDIR, STOPSIGNAL, MAINTAINER, ARG."""

    keyword: Literal["USER", "WORKDIR", "STOPSIGNAL", "MAINTAINER", "ARG"]
    text: str
    layer: bool = True  # of the classic builder's WORKDIR: whether the directory had to be made


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """HEALTHCHECK; durations in seconds, 0 for an option that is not given; no test means NONE."""

    test: str
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Shell:
    """SHELL."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Make:
    """RUN or COPY; `layer` is whether the classic builder found that a RUN changed something."""

    keyword: Literal["RUN", "COPY"]
    text: str
    layer: bool = True


@dataclass(frozen=True, slots=True)
class OnBuild:
    """ONBUILD."""

    line: "Line"


Line: TypeAlias = Assign | Start | Declare | Put | Healthcheck | Shell | Make | OnBuild
