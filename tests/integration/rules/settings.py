"""Settings that have one value."""

from tests.integration.rules.model import Rule, Settings
from tests.integration.rules.variables import PATH

_SECOND = 1_000_000_000
_OLD = 'STOPSIGNAL SIGINT\nUSER app\nWORKDIR /old\nSHELL ["/bin/sh", "-e", "-c"]'
_NEW = 'STOPSIGNAL SIGQUIT\nUSER root\nWORKDIR /new\nSHELL ["/bin/sh", "-x", "-c"]'
_CHECKED_OLD = "HEALTHCHECK --interval=5s --timeout=6s --start-period=7s --retries=8 CMD old"
_CHECKED_NEW = "HEALTHCHECK --interval=15s --timeout=16s --start-period=17s --retries=18 CMD new"


def _four(signal: str | None, user: str | None, directory: str | None, shell: str | None) -> Settings:
    wrapped = ["/bin/sh", shell, "-c"] if shell else None
    return {"StopSignal": signal, "User": user, "WorkingDir": directory, "Shell": wrapped}


def _check(test: list[str], interval: int = 0, timeout: int = 0, start: int = 0, retries: int = 0) -> Settings:
    times = {"Interval": interval, "Timeout": timeout, "StartPeriod": start}
    set_times = {name: seconds * _SECOND for name, seconds in times.items() if seconds}
    return {"Healthcheck": {"Test": test, **set_times, **({"Retries": retries} if retries else {})}}


def _checked(name: str, app: str, buildkit: Settings, classic: Settings) -> Rule:
    return Rule(f"health: {name}", _CHECKED_OLD, _CHECKED_NEW, app, {}, classic=classic, buildkit=buildkit)


_INHERITED = _check(["CMD-SHELL", "new"], 15, 16, 17, 18)

RULES = (
    Rule("what the app does not say is the new base's", _OLD, _NEW, "ENV A=1", _four("SIGQUIT", "root", "/new", "-x")),
    Rule("what the app does not say goes with the base", _OLD, "", "ENV A=1", _four(None, None, None, None)),
    Rule("what the app says as the old base does stays", _OLD, _NEW, _OLD, _four("SIGINT", "app", "/old", "-e")),
    Rule("an empty user is nobody's", "USER app", "USER app", 'USER ""', {"User": None}),
    Rule(
        "a relative directory starts from the base's",
        old="WORKDIR /old",
        new="WORKDIR /new",
        app="WORKDIR sub\nWORKDIR ../side",
        rebuilt={"WorkingDir": "/new/side"},
    ),
    Rule(
        "the author is inherited by BuildKit alone",
        old="MAINTAINER Old",
        new="MAINTAINER New",
        app="ENV A=1",
        rebuilt={},
        classic={"author": None},
        buildkit={"author": "New"},
    ),
    Rule("the app's author wins", "MAINTAINER Old", "MAINTAINER New", "MAINTAINER App", {"author": "App"}),
    Rule("the author can go", "MAINTAINER Old", "ENV A=1", "ENV A=1", {"author": None}),
    Rule(
        "triggers of the base run, and are gone",
        old="ONBUILD ENV T=old",
        new="ONBUILD ENV T=new U=new",
        app='ENV A=1\nONBUILD LABEL a="b c"',
        rebuilt={"OnBuild": ['LABEL a="b c"'], "Env": [f"PATH={PATH}", "T=new", "U=new", "A=1"]},
    ),
    _checked("nothing said", "ENV A=1", buildkit=_INHERITED, classic=_INHERITED),
    _checked(
        "classic fills in what the app leaves out",
        "HEALTHCHECK CMD app",
        buildkit=_check(["CMD-SHELL", "app"]),
        classic=_check(["CMD-SHELL", "app"], 15, 16, 17, 18),
    ),
    _checked(
        "classic fills in around what the app says",
        'HEALTHCHECK --interval=1s --retries=5 CMD ["app"]',
        buildkit=_check(["CMD", "app"], 1, retries=5),
        classic=_check(["CMD", "app"], 1, 16, 17, 5),
    ),
    _checked(
        "switched off",
        "HEALTHCHECK NONE",
        buildkit=_check(["NONE"]),
        classic=_check(["NONE"], 15, 16, 17, 18),
    ),
    _checked(
        "the app says what the old base does",
        _CHECKED_OLD,
        buildkit=_check(["CMD-SHELL", "old"], 5, 6, 7, 8),
        classic=_check(["CMD-SHELL", "old"], 5, 6, 7, 8),
    ),
    Rule(
        "health: nothing is left of the old base's once the new one has none",
        _CHECKED_OLD,
        "",
        "HEALTHCHECK CMD app",
        _check(["CMD-SHELL", "app"]),
    ),
)
