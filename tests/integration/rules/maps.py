"""Labels, ports and volumes: settings with keys."""

from tests.integration.rules.model import Rule


def _ports(*names: str) -> dict[str, dict[str, dict[str, str]]]:
    return {"ExposedPorts": {name: {} for name in names}}


def _volumes(*paths: str) -> dict[str, dict[str, dict[str, str]]]:
    return {"Volumes": {path: {} for path in paths}}


RULES = (
    Rule(
        "labels of the app win, the others are the new base's",
        old="LABEL a=1 b=2 gone=old",
        new="LABEL a=11 b=22 added=new",
        app="LABEL b=app d=x",
        rebuilt={"Labels": {"a": "11", "b": "app", "added": "new", "d": "x"}},
    ),
    Rule(
        "a label that the app sets to the old base's value stays",
        old="LABEL a=1 gone=old",
        new="LABEL a=11",
        app="LABEL a=1 gone=old",
        rebuilt={"Labels": {"a": "1", "gone": "old"}},
    ),
    Rule(
        "a label given on the command line counts as the app's",
        old="LABEL a=1",
        new="LABEL a=11 b=22",
        app="ENV X=1",
        options=("--label=b=two words",),
        rebuilt={"Labels": {"a": "11", "b": "two words"}},
    ),
    Rule("labels can go", old="LABEL a=1", new="ENV X=1", app="ENV Y=1", rebuilt={"Labels": None}),
    Rule(
        "ports of the app stay even where the old base had them and the new one has not",
        old="EXPOSE 80 81",
        new="EXPOSE 81 82/udp",
        app="EXPOSE 90 91-92/udp 80",
        rebuilt=_ports("80/tcp", "81/tcp", "82/udp", "90/tcp", "91/udp", "92/udp"),
    ),
    Rule(
        "volumes of the app stay even where the old base had them and the new one has not",
        old="VOLUME /old /both",
        new="VOLUME /new /both",
        app='VOLUME /app /old\nVOLUME ["/with blank"]',
        rebuilt=_volumes("/app", "/both", "/new", "/old", "/with blank"),
    ),
    Rule(
        "keys made out of the base's variables follow them",
        old="ENV P=80",
        new="ENV P=90",
        app="EXPOSE $P\nVOLUME /v$P\nLABEL port=$P",
        rebuilt={**_ports("90/tcp"), **_volumes("/v90"), "Labels": {"port": "90"}},
    ),
)
