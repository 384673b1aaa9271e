"""The rules in which a rebase can't come out as the rebuild does: no config tells how what it holds was written."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Untold:
    """What has to be told, and why.

    `conflicts` are the kinds of the report's conflicts and what they are about, `differs` the members in which the
    rebased config then differs from the rebuilt one. `check` is the one that refuses, until it is tolerated.
    """

    conflicts: frozenset[tuple[str, str]]
    differs: frozenset[str]
    why: str
    check: str | None = None


def _derived(*conflicts: tuple[str, str], differs: tuple[str, ...] = ("config.Env",)) -> Untold:
    why = "values are recorded expanded, so it can't be seen that they were made out of the base's"
    return Untold(frozenset(conflicts), frozenset(differs), why)


_WOULD_BE_ROOT = Untold(
    frozenset({("user-becomes-root", "/config/User")}),
    frozenset({"config.User"}),
    "on the new base it would run as root, which no one asked for",
    check="inherited-value",
)

UNTOLD: Mapping[str, Untold] = {
    "a variable keeps the new base's place, others come in the order in which the app set them first": _derived(
        ("env-derived", "/config/Env/Y")
    ),
    "a variable made out of the base's follows it": _derived(("env-derived", "/config/Env/CLASSPATH")),
    "a variable with blanks and quotes is taken as it is": _derived(("env-derived", "/config/Env/OLD")),
    "keys made out of the base's variables follow them": _derived(
        ("value-derived", "/config/ExposedPorts/80/tcp"),
        ("value-derived", "/config/Volumes//v80"),
        ("value-derived", "/config/Labels/port"),
        differs=("config.ExposedPorts", "config.Labels", "config.Volumes"),
    ),
    "shell form goes through the new base's shell": Untold(
        frozenset({("shell-form", "/config/Cmd"), ("shell-form", "/config/Entrypoint")}),
        frozenset({"config.Cmd", "config.Entrypoint"}),
        "a command in shell form is recorded as the list that the base's shell makes of it",
    ),
    "what the app does not say is the new base's": _WOULD_BE_ROOT,
    "what the app does not say goes with the base": _WOULD_BE_ROOT,
    "a relative directory starts from the base's": Untold(
        frozenset({("workdir-relative", "/config/WorkingDir")}),
        frozenset({"config.WorkingDir"}),
        "a directory is recorded resolved",
    ),
    "triggers of the base run, and are gone": Untold(
        frozenset({("onbuild-changed", "/config/OnBuild")}),
        frozenset({"config.Env"}),
        "the old base's triggers have run, the new base's have not",
        check="onbuild-changed",
    ),
}
