"""A package of a distribution, and whether a set of packages holds together."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from rebaser.contents.versions import Ecosystem, compare

Operator = Literal["", "<", "<=", "=", ">=", ">", "!"]
"""How a version is to be; empty is any, `!` says that the package must not be there."""


class Demand(NamedTuple):
    """One package, or capability, that would do."""

    name: str
    operator: Operator = ""
    version: str = ""


Requirement: TypeAlias = tuple[Demand, ...]
"""What a package depends on: any one of these."""


class Provision(NamedTuple):
    """A name that a package stands for beside its own; without a version it satisfies demands without one."""

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package, with what it needs and what it stands for."""

    ecosystem: Ecosystem
    name: str
    version: str
    architecture: str = ""
    source: str = ""
    source_version: str = ""
    requires: tuple[Requirement, ...] = ()
    provides: tuple[Provision, ...] = ()


_Offers: TypeAlias = Mapping[str, list[tuple[Package, str]]]


def unmet(
    packages: Iterable[Package], has_file: Callable[[str], bool] = lambda _path: False
) -> tuple[tuple[Package, Requirement], ...]:
    """Return the requirements that the packages do not meet themselves; `has_file` answers for those that are paths."""
    listed = tuple(packages)
    offers = _offers(listed)
    return tuple(
        (package, requirement)
        for package in listed
        for requirement in package.requires
        if not any(_is_met(demand, package, offers, has_file) for demand in requirement)
    )


def needed(by: Iterable[Package], there: Iterable[Package], spare: Iterable[Package]) -> tuple[Package, ...]:
    """Return those of `spare` that `by` depends on, also through each other, and for which nothing `there` would do."""
    offers, more = _offers(there), _offers(spare)
    found: dict[tuple[str, str], Package] = {}
    waiting = list(by)
    while waiting:
        package = waiting.pop()
        for requirement in package.requires:
            if any(_is_met(demand, package, offers, lambda _path: False) for demand in requirement):
                continue
            for one in _that_would_do(requirement, package, more):
                if (one.name, one.architecture) not in found:
                    found[one.name, one.architecture] = one
                    waiting.append(one)
    return tuple(found.values())


def written(requirement: Requirement) -> str:
    """Return a requirement as people read it: `libssl3 (>= 3.0.0) | libssl1.1`."""
    return " | ".join(
        f"{demand.name} ({demand.operator} {demand.version})" if demand.operator else demand.name
        for demand in requirement
    )


def _offers(packages: Iterable[Package]) -> _Offers:
    offers: dict[str, list[tuple[Package, str]]] = {}
    for package in packages:
        offers.setdefault(package.name, []).append((package, package.version))
        for name, version in package.provides:
            offers.setdefault(name, []).append((package, version))
    return offers


def _that_would_do(requirement: Requirement, by: Package, offers: _Offers) -> Iterator[Package]:
    for demand in requirement:
        yield from (one for one, version in offers.get(demand.name, ()) if _fits(version, demand, by.ecosystem))


def _is_met(demand: Demand, by: Package, offers: _Offers, has_file: Callable[[str], bool]) -> bool:
    offered = offers.get(demand.name, ())
    if demand.operator == "!":
        return not offered
    if not offered and demand.name.startswith("/"):
        return has_file(demand.name)
    return any(_fits(version, demand, by.ecosystem) for _, version in offered)


def _fits(version: str, demand: Demand, ecosystem: Ecosystem) -> bool:
    if not demand.operator:
        return True
    if not version:
        return False
    found = compare(ecosystem, version, demand.version)
    return {"<": found < 0, "<=": found <= 0, "=": found == 0, ">=": found >= 0, ">": found > 0}.get(
        demand.operator, False
    )
