"""Images as any tool may have made them: nulls, doublets, values equal to the base's, every kind of poor history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from hypothesis import strategies as st

from rebaser.oci.image import Image
from rebaser.oci.strict_json import Json, JsonObject, Number
from tests.builders import ALayer, buildkit, classic
from tests.property.docker_build import Built, layer_of
from tests.property.rebasing import image_of

History = Literal["absent", "null", "empty", "foreign", "short", "squashed", "placeholder", "buildkit", "classic"]
HISTORIES: tuple[History, ...] = get_args(History)

_ENTRIES = (
    "A=1",
    "A=2",
    "B=1",
    "NOVALUE",
    "C=",
    "X=a=b",
    "PATH=/usr/bin:/bin",
    "PATH=/x:/usr/bin:/bin",
    "PATH=/new/bin",
)
_MEMBERS: dict[str, tuple[Json, ...]] = {
    "Labels": ({}, {"a": "1"}, {"a": "2", "b": ""}, {"a": "1", "b": "x", "c": "3"}),
    "ExposedPorts": ({}, {"80/tcp": {}}, {"80/tcp": {}, "81/tcp": {}}),
    "Volumes": ({}, {"/v1": {}}, {"/v1": {}, "/v2": {}}),
    "Cmd": ([], ["run"], ["serve", "--all"], ["/bin/sh", "-c", "serve"]),
    "Entrypoint": ([], ["entry"], ["other"]),
    "User": ("", "root", "0", "app"),
    "WorkingDir": ("", "/", "/srv", "/srv/app/"),
    "StopSignal": ("", "SIGINT", "SIGTERM"),
    "Shell": ([], ["/bin/bash", "-c"]),
    "OnBuild": ([], ["RUN x"]),
    "Healthcheck": ({}, {"Test": ["NONE"]}, {"Test": ["CMD", "x"], "Interval": 5}),
    "Hostname": ("", "h"),
    "X-Unknown": (1, Number("1.0"), True, {"deep": [None, 1]}, "text"),
    "~/ odd": ("1", ""),
}
_TOP: dict[str, tuple[Json, ...]] = {
    "author": ("me", "you", ""),
    "os.version": ("10.0.1", "10.0.2"),
    "x.vendor": ({"k": 1}, [], Number("1e3")),
    "moby.buildkit.cache.v0": ("aGk=",),
    "container": ("abc",),
}
_TIMES = ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00.123456789+01:00", "2023-12-31T23:59:59.5Z", "not a time")


NOTHING = Built({}, ())


@dataclass(frozen=True, slots=True)
class Found:
    """Three images, of which the second begins with the layers of the first, and how each tells its history."""

    old: Built
    app: Built
    new: Built
    histories: tuple[History, History, History]

    @property
    def images(self) -> tuple[Image, Image, Image]:
        """The old base, the application and the new base, as they are read."""
        return image_of(self.old), image_of(self.app), image_of(self.new)


@st.composite
def found_images(draw: st.DrawFn) -> Found:
    """Three images of whatever origin."""
    old_kind, app_kind, new_kind = (draw(st.sampled_from(HISTORIES)) for _ in range(3))
    old = draw(_image("old", old_kind, NOTHING, ({}, {})))
    new = draw(_image("new", new_kind, NOTHING, (old.document, old.document)))
    app = draw(_image("app", app_kind, old, (old.document, new.document)))
    return Found(old, app, new, (old_kind, app_kind, new_kind))


@st.composite
def _image(draw: st.DrawFn, name: str, kind: History, base: Built, others: tuple[JsonObject, JsonObject]) -> Built:
    below = base.layers
    own = tuple(layer_of(f"{name}-{number}") for number in range(draw(st.integers(0 if below else 1, 3))))
    settings = _settings(others[0]), _settings(others[1])
    document: JsonObject = {"architecture": "amd64", "os": "linux"}
    document |= draw(_like(_TOP, others))
    config: JsonObject = draw(_like(_MEMBERS, settings))
    env = draw(_environment(settings))
    config |= {} if env == "absent" else {"Env": env}
    document |= draw(
        st.sampled_from([{"config": config}, {"config": config}, {"config": config}, {"config": None}, {}])
    )
    created = draw(st.sampled_from([None, *_TIMES]))
    document |= {"created": created} if created else {}
    document |= _history(kind, base.document.get("history"), [*below, *own], len(own))
    document["rootfs"] = {"type": "layers", "diff_ids": [layer.diff_id for layer in (*below, *own)]}
    return Built(document, (*below, *own))


@st.composite
def _like(draw: st.DrawFn, members: dict[str, tuple[Json, ...]], others: tuple[JsonObject, JsonObject]) -> JsonObject:
    """Members that are the other images', null, or new; or missing."""
    result: JsonObject = {}
    for key in draw(st.permutations(sorted(members))):
        choice = draw(st.sampled_from(["first", "first", "second", "second", "own", "null", "absent"]))
        if choice == "own" or (choice == "second" and others[0] is others[1]):
            result[key] = draw(st.sampled_from(members[key]))
        elif choice == "null" and key != "X-Unknown":
            result[key] = None
        elif choice in ("first", "second"):
            side = others[choice == "second"]
            result |= {key: side[key]} if key in side else {}
    return result


@st.composite
def _environment(draw: st.DrawFn, others: tuple[JsonObject, JsonObject]) -> Json:
    choice = draw(st.sampled_from(["first", "second", "more", "more", "own", "own", "null", "absent"]))
    own = [*draw(st.lists(st.sampled_from(_ENTRIES), max_size=4)), *draw(st.sampled_from([[], ["NOVALUE"]]))]
    if choice in ("null", "absent"):
        return None if choice == "null" else "absent"
    inherited = others[choice == "second"].get("Env")
    listed = inherited if isinstance(inherited, list) and choice != "own" else []
    return [*listed, *(own if choice in ("own", "more") else [])]


def _history(kind: History, below: Json, layers: Sequence[ALayer], own: int) -> JsonObject:
    told = below if isinstance(below, list) else []
    empty = classic("ENV A=1") if kind == "classic" else buildkit("ENV A=1")
    run = classic("RUN make") if kind == "classic" else buildkit("RUN make")
    placeholder: JsonObject = {"created_by": "fileop target", "comment": "buildkit.exporter.image.v0"}
    made = sum(not (isinstance(entry, dict) and entry.get("empty_layer")) for entry in told)
    kinds: dict[str, JsonObject] = {
        "absent": {},
        "null": {"history": None},
        "empty": {"history": []},
        "foreign": {"history": [{"created_by": "bazel build ..."} for _ in layers]},
        "short": {"history": [*told]},
        "squashed": {"history": [{"created_by": "squashed"}] if layers else []},
        "placeholder": {"history": [*told, empty, *[run] * own, *[placeholder] * (len(layers) - own - made)]},
    }
    return kinds.get(kind, {"history": [*told, empty, *[run] * own]})


def _settings(document: JsonObject) -> JsonObject:
    settings = document.get("config")
    return settings if isinstance(settings, dict) else {}
