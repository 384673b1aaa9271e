"""How a container starts: entrypoint and command."""

from tests.integration.rules.model import Rule


def _start(name: str, app: str, entrypoint: list[str] | None, cmd: list[str] | None) -> Rule:
    old, new = (f'ENTRYPOINT ["{age}-entry"]\nCMD ["{age}-cmd"]' for age in ("old", "new"))
    return Rule(name, old, new, app, {"Entrypoint": entrypoint, "Cmd": cmd})


RULES = (
    _start("neither is the app's", "LABEL a=b", ["new-entry"], ["new-cmd"]),
    _start("CMD leaves the base's entrypoint", 'CMD ["c"]', ["new-entry"], ["c"]),
    _start("CMD in shell form", "CMD c $X", ["new-entry"], ["/bin/sh", "-c", "c $X"]),
    _start("CMD as the old base has it", 'CMD ["old-cmd"]', ["new-entry"], ["old-cmd"]),
    _start("an empty CMD", "CMD []", ["new-entry"], None),
    _start("ENTRYPOINT takes the base's CMD away", 'ENTRYPOINT ["e"]', ["e"], None),
    _start("ENTRYPOINT as the old base has it", 'ENTRYPOINT ["old-entry"]', ["old-entry"], None),
    _start("ENTRYPOINT in shell form", "ENTRYPOINT e $X", ["/bin/sh", "-c", "e $X"], None),
    _start("an empty ENTRYPOINT", "ENTRYPOINT []", None, None),
    _start("an empty ENTRYPOINT, then CMD", 'ENTRYPOINT []\nCMD ["c"]', None, ["c"]),
    _start("CMD, then ENTRYPOINT", 'CMD ["c"]\nENTRYPOINT ["e"]', ["e"], ["c"]),
    _start("ENTRYPOINT, then CMD", 'ENTRYPOINT ["e"]\nCMD ["c"]', ["e"], ["c"]),
    _start("CMD, then ENTRYPOINT twice", 'CMD ["c"]\nENTRYPOINT ["e"]\nENTRYPOINT ["f"]', ["f"], ["c"]),
    _start("both as the old base has them", 'ENTRYPOINT ["old-entry"]\nCMD ["old-cmd"]', ["old-entry"], ["old-cmd"]),
    Rule(
        "the new base has an entrypoint where the old one had a command",
        old='CMD ["old-cmd"]',
        new='ENTRYPOINT ["new-entry"]',
        app="LABEL a=b",
        rebuilt={"Entrypoint": ["new-entry"], "Cmd": None},
    ),
    Rule(
        "shell form goes through the new base's shell",
        old='SHELL ["/bin/sh", "-e", "-c"]',
        new='SHELL ["/bin/sh", "-x", "-c"]',
        app="CMD c\nENTRYPOINT e",
        rebuilt={"Entrypoint": ["/bin/sh", "-x", "-c", "e"], "Cmd": ["/bin/sh", "-x", "-c", "c"]},
    ),
    Rule(
        "BuildKit notes that the app ran CMD, though the new base did not",
        old='CMD ["old-cmd"]',
        new="LABEL a=b",
        app='CMD ["c"]',
        rebuilt={"Cmd": ["c"], "ArgsEscaped": None},
        buildkit={"ArgsEscaped": True},
    ),
    Rule(
        "BuildKit takes that note from the base when the app did not run CMD",
        old="LABEL a=b",
        new='CMD ["new-cmd"]',
        app="LABEL c=d",
        rebuilt={"Cmd": ["new-cmd"], "ArgsEscaped": None},
        buildkit={"ArgsEscaped": True},
    ),
)
