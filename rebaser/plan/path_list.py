"""Variables that hold a list of paths, and how an application's list follows its base's.

`ENV PATH=/app/bin:$PATH` was expanded when the image was built: the old base's list stands somewhere in the
application's. It is found there on element boundaries, and the new base's list takes its place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NAMES = frozenset(
    {
        "CLASSPATH",
        "CMAKE_PREFIX_PATH",
        "CPATH",
        "CPLUS_INCLUDE_PATH",
        "C_INCLUDE_PATH",
        "DYLD_LIBRARY_PATH",
        "GEM_PATH",
        "GI_TYPELIB_PATH",
        "GOPATH",
        "INFOPATH",
        "LD_LIBRARY_PATH",
        "LIBRARY_PATH",
        "MANPATH",
        "NODE_PATH",
        "PATH",
        "PERL5LIB",
        "PERLLIB",
        "PKG_CONFIG_PATH",
        "PSMODULEPATH",
        "PYTHONPATH",
        "RUBYLIB",
        "TERMINFO_DIRS",
    }
)
_NAME_PATTERN = re.compile(r"XDG_[A-Z_]+_DIRS")


@dataclass(frozen=True, slots=True)
class Followed:
    """The application's list on the new base, and at how many places the old base's list stood in it."""

    value: str
    places: int


def is_path_list(name: str) -> bool:
    """Answer whether the variable `name` holds a list of paths."""
    upper = name.upper()
    return upper in _NAMES or _NAME_PATTERN.fullmatch(upper) is not None


def follow(old: str, app: str, new: str, separator: str) -> Followed:
    """Return `app`, a list built under the base's list `old`, as it would be under `new`. Empty elements are kept.

    Where `old` stands in it several times, the last one is taken for the inherited one (`X:$PATH` is what people
    write); where it doesn't stand in it at all, elements are followed one by one.
    """
    olds, apps, news = (text.split(separator) for text in (old, app, new))
    places = [at for at in range(len(apps) - len(olds) + 1) if apps[at : at + len(olds)] == olds]
    if not places:
        return Followed(separator.join(_one_by_one(olds, apps, news)), 0)
    at = places[-1]
    followed = [*apps[:at], *news, *apps[at + len(olds) :]]
    return Followed(separator.join(followed), len(places))


def _one_by_one(olds: Sequence[str], apps: Sequence[str], news: Sequence[str]) -> list[str]:
    result = [element for element in apps if element not in olds or element in news]
    for position, element in enumerate(news):
        if element not in olds and element not in result:
            result.insert(_place(news[:position], news[position + 1 :], result), element)
    return result


def _place(before: Sequence[str], behind: Sequence[str], result: Sequence[str]) -> int:
    """Return the place behind the nearest of the elements `before`, else before the nearest of those `behind`."""
    for element in reversed(before):
        if element in result:
            return result.index(element) + 1
    return next((result.index(element) for element in behind if element in result), len(result))
