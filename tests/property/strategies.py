"""Images for the laws: what `docker build` makes, and what any other tool may have made."""

from dataclasses import dataclass

from hypothesis import strategies as st

from rebaser.oci.image import Image
from rebaser.oci.strict_json import JsonObject
from tests.property import dockerfile as lines
from tests.property.docker_build import TRIGGERS, Built, build, layer_of
from tests.property.dockerfile import Flavour, Line
from tests.property.rebasing import image_of

# Values that are referred to are long enough to be recognized where they were expanded.
_TELLING = {
    "JAVA_HOME": ("/opt/j17", "/opt/j21"),
    "PORT": ("8080", "9090"),
    "DATA": ("/data-one", "/data-two"),
    "RUNAS": ("oldapp", "newapp"),
}
_BASE_PATHS = ("/usr/bin:/bin", "/usr/local/bin:/bin:/usr/bin", "/opt/j17/bin:/usr/sbin")
_SHORT = ("1", "2", "3", "", "two words", "x=y")
_LABELS = ("shared", "org.opencontainers.image.title", "a b", "empty")

flavours: st.SearchStrategy[Flavour] = st.sampled_from(["classic", "buildkit"])
_durations = st.sampled_from([0, 0, 1, 5])


@dataclass(frozen=True, slots=True)
class Scene:
    """An old and a new base and one between, and the application's lines, with the builder that it is built by."""

    old: Built
    new: Built
    between: Built
    written: tuple[Line, ...]
    flavour: Flavour

    @property
    def app(self) -> Built:
        return build(self.old, self.written, self.flavour)

    @property
    def rebuilt(self) -> Built:
        return build(self.new, self.written, self.flavour)

    @property
    def images(self) -> tuple[Image, Image, Image]:
        """The old base, the application and the new base, as they are read."""
        return image_of(self.old), image_of(self.app), image_of(self.new)


def _pairs(names: st.SearchStrategy[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[lines.Pairs]:
    return st.lists(st.tuples(names, values), min_size=1, max_size=3, unique_by=lambda pair: pair[0]).map(tuple)


def _assign_telling(name: str) -> st.SearchStrategy[Line]:
    return st.sampled_from(_TELLING[name]).map(lambda value: lines.Assign("ENV", ((name, value),)))


_short_env = _pairs(st.sampled_from("ABCD"), st.sampled_from(_SHORT)).map(lambda pairs: lines.Assign("ENV", pairs))
_telling_env = st.sampled_from(sorted(_TELLING)).flatmap(_assign_telling)
_labels = _pairs(st.sampled_from(_LABELS), st.sampled_from([*_SHORT, "app"])).map(
    lambda pairs: lines.Assign("LABEL", pairs)
)
_commands = st.sampled_from([("serve",), ("run", 'with "quotes"'), "serve --all", "echo $A"])
_starts = st.builds(lines.Start, st.sampled_from(["CMD", "ENTRYPOINT"]), _commands)
_ports = st.sampled_from(["80", "81", "53/udp", "1000-1002", "82/tcp"])
_exposed = st.lists(_ports, min_size=1, max_size=2, unique=True).map(
    lambda ports: lines.Declare("EXPOSE", tuple(ports))
)
_volumes = st.lists(st.sampled_from(["/v1", "/v2", "/v"]), min_size=1, max_size=2, unique=True).map(
    lambda paths: lines.Declare("VOLUME", tuple(paths))
)
_users = st.sampled_from(["root", "", "appuser", "1000:1000"]).map(lambda text: lines.Put("USER", text))
_directories = st.builds(
    lines.Put, st.just("WORKDIR"), st.sampled_from(["/", "/srv", "/srv/app", "sub"]), st.booleans()
)
_signals = st.sampled_from(["SIGINT", "SIGTERM"]).map(lambda text: lines.Put("STOPSIGNAL", text))
_maintainers = st.sampled_from(["Jane", "Joe"]).map(lambda text: lines.Put("MAINTAINER", text))
_healthchecks = st.just(lines.Healthcheck("")) | st.builds(
    lines.Healthcheck, st.sampled_from(["probe", "curl [x]"]), *[_durations] * 3, st.sampled_from([0, 3, 8])
)
_shells = st.sampled_from([("/bin/sh", "-e", "-c"), ("/bin/bash", "-c"), ("/bin/sh", "-c")]).map(lines.Shell)
_made = st.builds(
    lines.Make, st.just("RUN"), st.sampled_from(["make", "apt-get install x"]), st.sampled_from([True, True, False])
) | st.sampled_from([lines.Make("COPY", "a /a"), lines.Make("COPY", "a ."), lines.Make("COPY", ". /srv/")])
_arguments = st.sampled_from(["X=y", "VERSION=1"]).map(lambda text: lines.Put("ARG", text))
_triggers = st.sampled_from(sorted(TRIGGERS)).map(lambda text: lines.OnBuild(TRIGGERS[text]))
_anywhere = (
    _short_env | _telling_env | _labels | _starts | _exposed | _volumes | _signals | _maintainers | _healthchecks
    | _shells | _made | _arguments
)  # fmt: skip

_base_path = st.sampled_from(_BASE_PATHS).map(lambda value: lines.Assign("ENV", (("PATH", value),)))
_base_library_path = st.sampled_from(["/lib/x", "/lib/x:/lib/y"]).map(
    lambda value: lines.Assign("ENV", (("LD_LIBRARY_PATH", value),))
)
_absolute = st.builds(lines.Put, st.just("WORKDIR"), st.sampled_from(["/", "/srv", "/home/x"]), st.booleans())
base_lines = _anywhere | _base_path | _base_library_path | _users | _absolute

_own_path = st.sampled_from(
    ["/app/bin:$PATH", "$PATH:/app/bin", "/only/mine", "/usr/bin:/bin", "/usr/bin:/bin:$PATH", "$JAVA_HOME/bin:$PATH"]
).map(lambda value: lines.Assign("ENV", (("PATH", value),)))
_own_library_path = st.sampled_from(["/app/lib:$LD_LIBRARY_PATH", "/app/lib", "$LD_LIBRARY_PATH:/app/lib"]).map(
    lambda value: lines.Assign("ENV", (("LD_LIBRARY_PATH", value),))
)
_referring: st.SearchStrategy[Line] = st.sampled_from(
    [
        lines.Assign("ENV", (("E", "$JAVA_HOME/lib"),)),
        lines.Assign("LABEL", (("java", "in $JAVA_HOME"),)),
        lines.Declare("EXPOSE", ("$PORT",)),
        lines.Declare("VOLUME", ("$DATA",)),
        lines.Put("USER", "$RUNAS"),
        lines.Put("WORKDIR", "$DATA/sub"),
        lines.Assign("ENV", (("JAVA_HOME", "$JAVA_HOME/jre"),)),
    ]
)
app_lines = _anywhere | _own_path | _own_library_path | _users | _directories | _triggers | _referring

_defined = st.tuples(*(_assign_telling(name) for name in sorted(_TELLING))).map(list)
ROOT = Built(
    {
        "architecture": "amd64",
        "config": {},
        "created": "2024-01-01T00:00:00Z",
        "history": [{"created": "2024-01-01T00:00:00Z", "created_by": "/bin/sh -c #(nop) ADD file:0 in / "}],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [layer_of("root").diff_id]},
    },
    (layer_of("root"),),
)


_EXTRAS: tuple[JsonObject, ...] = (
    {},
    {"StopTimeout": 7},
    {"ArgsEscaped": True},
    {"Hostname": "h", "AttachStdin": True},
    {"X-Unknown": {"a": 1}, "MacAddress": "02:42:ac:11:00:02"},
)


def _extras(document: JsonObject, extras: JsonObject, members: JsonObject) -> JsonObject:
    settings = document["config"]
    return {**document, **members, "config": {**(settings if isinstance(settings, dict) else {}), **extras}}


@st.composite
def bases(draw: st.DrawFn, common: list[Line], name: str) -> Built:
    """A base with complete history: the lines that both bases have, a few of its own, and keys that no line sets."""
    own = draw(st.lists(base_lines, max_size=4))
    triggers = draw(st.sampled_from([*[[]] * 12, [lines.OnBuild(TRIGGERS["ENV TRIGGERED=yes"])]]))
    written = [*draw(_defined), *draw(st.permutations(common)), *own, *triggers]
    root = Built(ROOT.document, (layer_of("root"),))
    built = build(root, written, draw(flavours), name)
    extras = draw(st.sampled_from(_EXTRAS))
    members = draw(
        st.dictionaries(st.sampled_from(["os.version", "comment", "extra"]), st.sampled_from(["1", "2"]), max_size=1)
    )
    return Built(_extras(built.document, extras, dict(members)), built.layers)


def leaves_history(line: Line) -> bool:
    """Whether the builders record the line; without any that is recorded, history tells of no build."""
    return not isinstance(line, lines.OnBuild)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Bases and an application, all made by `docker build`."""
    common = draw(st.lists(base_lines, max_size=5))
    old, new, between = (draw(bases(common, name)) for name in ("old", "new", "between"))
    written = draw(st.lists(app_lines, min_size=1, max_size=8).filter(lambda drawn: any(map(leaves_history, drawn))))
    return Scene(old, new, between, tuple(written), draw(flavours))
