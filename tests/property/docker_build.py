"""A model of `docker build`, classic and BuildKit, as measured on docker 20.10: what a base and some lines give.

It knows nothing of the rebaser. tests/integration holds the same rules against real builders.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from rebaser.oci import media_types
from rebaser.oci.digest import DiffId, digest_of
from rebaser.oci.strict_json import Json, JsonObject
from tests.builders import ALayer
from tests.property import dockerfile as lines
from tests.property.dockerfile import Flavour, Line

DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BUILT = "2024-06-01T00:00:00Z"

_INHERITED = [
    "User",
    "ExposedPorts",
    "Env",
    "Entrypoint",
    "Cmd",
    "Volumes",
    "WorkingDir",
    "Labels",
    "StopSignal",
    "StopTimeout",
    "Healthcheck",
    "ArgsEscaped",
    "OnBuild",
    "Shell",
]
_INHERITED_BY_CLASSIC = ("Hostname", "Domainname", "AttachStdin", "Tty", "NetworkDisabled", "MacAddress")
_FALSE_IN_CLASSIC = ("AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce")
_EMPTY_IN_CLASSIC: JsonObject = dict.fromkeys(("Hostname", "Domainname", "User", "WorkingDir"), "")
_NULL_IN_CLASSIC = ("Env", "Cmd", "Volumes", "Entrypoint", "OnBuild", "Labels")
_DEFAULT_SHELL = ("/bin/sh", "-c")


@dataclass(frozen=True, slots=True)
class Built:
    """An image's config document and its layers."""

    document: JsonObject
    layers: tuple[ALayer, ...]


@functools.cache
def layer_of(name: str) -> ALayer:
    """A layer that nobody looks into."""
    return ALayer(name.encode(), media_types.OCI_LAYER, DiffId(digest_of(name.encode())))


def build(base: Built, written: Sequence[Line], flavour: Flavour, name: str = "app") -> Built:
    """What the builder makes of `FROM base` and the lines; `name` tells its layers from those of other builds."""
    if flavour == "classic" and not written:
        return base
    running = _Build(base, flavour, name)
    for line in running.triggers():
        running.run(line)
    for line in written:
        running.run(line)
    return Built(running.document(), tuple(running.layers))


@dataclass
class _Build:
    base: Built
    flavour: Flavour
    name: str
    config: dict[str, Json] = field(init=False)
    env: list[str] = field(init=False)
    history: list[Json] = field(init=False)
    layers: list[ALayer] = field(init=False)
    author: Json = None
    command_ran: bool = False
    arguments: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        document = self.base.document
        settings = document.get("config")
        classic_keys = _INHERITED_BY_CLASSIC if self.flavour == "classic" else ()
        known = settings if isinstance(settings, dict) else {}
        self.config = {key: value for key, value in known.items() if key in (*_INHERITED, *classic_keys) and value}
        self.env = _strings(self.config.get("Env"))
        if not any(entry.startswith("PATH=") for entry in self.env):
            self.env.append(DEFAULT_PATH)
        told = document.get("history")
        self.history = list(told) if isinstance(told, list) else []
        self.layers = list(self.base.layers)
        self.author = document.get("author") if self.flavour == "buildkit" else None

    def triggers(self) -> list[Line]:
        return [TRIGGERS[text] for text in _strings(self.config.pop("OnBuild", None))]

    def run(self, line: Line) -> None:
        match line:
            case lines.Assign():
                self._assign(line)
            case lines.Start():
                self._start(line)
            case lines.Declare():
                self._declare(line)
            case lines.Put():
                self._put(line)
            case lines.Healthcheck():
                self._healthcheck(line)
            case lines.Shell():
                self.config["Shell"] = [*line.words]
                self._record("SHELL", f"[{' '.join(line.words)}]")
            case lines.Make():
                self._make(line)
            case lines.OnBuild():
                self._on_build(line)
            case _:
                assert_never(line)

    def document(self) -> JsonObject:
        kept: JsonObject = {
            key: self.base.document[key] for key in ("os.version", "os.features") if key in self.base.document
        }
        author: JsonObject = {"author": self.author} if self.author else {}
        builds: JsonObject = {"container": "ab" * 32, "container_config": {"Cmd": ["x"]}, "docker_version": "20.10.24"}
        return {
            "architecture": "amd64",
            **author,
            "config": self._classic_config() if self.flavour == "classic" else self._buildkit_config(),
            **(builds if self.flavour == "classic" else {}),
            "created": BUILT,
            "history": self.history,
            "os": "linux",
            **kept,
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in self.layers]},
        }

    def _assign(self, line: lines.Assign) -> None:
        pairs = [(name, self._expanded(value)) for name, value in line.pairs]
        if line.keyword == "LABEL":
            self.config["Labels"] = {**_object(self.config.get("Labels")), **dict(pairs)}
        else:
            for name, value in pairs:
                self._set(name, value)
        self._record(line.keyword, " ".join(f"{name}={value}" for name, value in pairs))

    def _set(self, name: str, value: str) -> None:
        for position, entry in enumerate(self.env):
            if entry.partition("=")[0] == name:
                self.env[position] = f"{name}={value}"
                return
        self.env.append(f"{name}={value}")

    def _start(self, line: lines.Start) -> None:
        shell = _strings(self.config.get("Shell")) or [*_DEFAULT_SHELL]
        command = [*shell, line.command] if isinstance(line.command, str) else [*line.command]
        if line.keyword == "CMD":
            self.config["Cmd"] = [*command]
            self.command_ran = self.command_ran or bool(command) or self.flavour == "buildkit"
        else:
            self.config["Entrypoint"] = [*command]
            if not self.command_ran:
                self.config.pop("Cmd", None)
        if self.flavour == "classic":
            self.config.pop("ArgsEscaped", None)
        elif line.keyword == "CMD":
            self.config["ArgsEscaped"] = True
        self._record(line.keyword, f"[{' '.join(_quoted(word) for word in command)}]")

    def _declare(self, line: lines.Declare) -> None:
        words = [self._expanded(word) for word in line.words]
        if line.keyword == "VOLUME":
            self.config["Volumes"] = {**_object(self.config.get("Volumes")), **{word: {} for word in words}}
            self._record("VOLUME", f"[{' '.join(words)}]")
            return
        ports = [port for word in words for port in _ports(word)]
        self.config["ExposedPorts"] = {**_object(self.config.get("ExposedPorts")), **{port: {} for port in ports}}
        mapped = " ".join(f"{port}:{{}}" for port in sorted(ports))
        self._record("EXPOSE", " ".join(sorted(words)) if self.flavour == "classic" else f"map[{mapped}]")

    def _put(self, line: lines.Put) -> None:
        text = self._expanded(line.text)
        match line.keyword:
            case "USER":
                self.config["User"] = text
            case "STOPSIGNAL":
                self.config["StopSignal"] = text
            case "MAINTAINER":
                self.author = text
            case "ARG":
                self.arguments.append(text)
            case "WORKDIR":
                below = self.config.get("WorkingDir") or "/"
                text = text if text.startswith("/") else f"{str(below).rstrip('/')}/{text}"
                self.config["WorkingDir"] = text
        makes = line.keyword == "WORKDIR" and (line.layer or self.flavour == "buildkit") and text != "/"
        self._record(line.keyword, text, layer=makes, blanks=1 if line.keyword == "WORKDIR" else 2)

    def _healthcheck(self, line: lines.Healthcheck) -> None:
        test: Json = ["CMD-SHELL", line.test] if line.test else ["NONE"]
        seconds = {"Interval": line.interval, "Timeout": line.timeout, "StartPeriod": line.start_period}
        given: JsonObject = {"Test": test} | {name: value * 10**9 for name, value in seconds.items() if value}
        given |= {"Retries": line.retries} if line.retries else {}
        inherited = _object(self.config.get("Healthcheck")) if self.flavour == "classic" else {}
        self.config["Healthcheck"] = {**inherited, **given}
        words = " ".join(f'"{value}s"' for value in seconds.values())
        shown = f'"CMD-SHELL" {_quoted(line.test)}' if line.test else '"NONE"'
        self._record("HEALTHCHECK", f"&{{[{shown}] {words} '{_rune(line.retries)}'}}")

    def _make(self, line: lines.Make) -> None:
        if line.keyword == "COPY":
            source, _, place = line.text.partition(" ")
            text = f"dir:{'0' * 64} in {place} " if self.flavour == "classic" else f"{source} {place} # buildkit"
            self._record("COPY", text, layer=True, blanks=1)
            return
        shell = " ".join(_strings(self.config.get("Shell")) or _DEFAULT_SHELL)
        arguments = f"|{len(self.arguments)} {' '.join(self.arguments)} " if self.arguments else ""
        made = line.layer or self.flavour == "buildkit"
        run = f"{arguments}{shell} {line.text}"
        self._append(run if self.flavour == "classic" else f"RUN {run} # buildkit", layer=made)

    def _on_build(self, line: lines.OnBuild) -> None:
        text = next(text for text, trigger in TRIGGERS.items() if trigger == line.line)
        self.config["OnBuild"] = [*_strings(self.config.get("OnBuild")), text]
        if self.flavour == "classic":
            self._record("ONBUILD", text)

    def _record(self, keyword: str, text: str, *, layer: bool = False, blanks: int = 2) -> None:
        shell = " ".join(_strings(self.config.get("Shell")) or _DEFAULT_SHELL)
        classic = f"{shell} #(nop){' ' * blanks}{keyword} {text}"
        self._append(classic if self.flavour == "classic" else f"{keyword} {text}", layer=layer)

    def _append(self, created_by: str, *, layer: bool) -> None:
        entry: JsonObject = {"created": BUILT}
        if self.flavour == "classic" and self.author:
            entry["author"] = self.author
        entry["created_by"] = created_by
        entry |= {"comment": "buildkit.dockerfile.v0"} if self.flavour == "buildkit" else {}
        entry |= {} if layer else {"empty_layer": True}
        self.history.append(entry)
        if layer:
            above = len(self.layers) - len(self.base.layers)
            self.layers.append(layer_of(f"{self.name}-{above}"))

    def _expanded(self, text: str) -> str:
        values = dict(entry.partition("=")[::2] for entry in reversed(self.env))
        return re.sub(r"\$([A-Z_]+)", lambda match: values.get(match[1], ""), text)

    def _classic_config(self) -> JsonObject:
        shape: JsonObject = {**_EMPTY_IN_CLASSIC, **dict.fromkeys(_FALSE_IN_CLASSIC, False)}
        shape |= {**dict.fromkeys(_NULL_IN_CLASSIC), "Image": "sha256:" + "cd" * 32}
        kept = {key: value for key, value in self.config.items() if value or key == "Cmd"}
        kept |= {} if kept.get("Entrypoint") or "Entrypoint" not in kept else {"Entrypoint": None}
        return {**shape, **kept, "Env": [*self.env]}

    def _buildkit_config(self) -> JsonObject:
        return {"OnBuild": None, **{key: value for key, value in self.config.items() if value}, "Env": [*self.env]}


TRIGGERS: dict[str, Line] = {
    "ENV TRIGGERED=yes": lines.Assign("ENV", (("TRIGGERED", "yes"),)),
    "RUN trigger": lines.Make("RUN", "trigger"),
    "LABEL shared=trigger": lines.Assign("LABEL", (("shared", "trigger"),)),
}


def _ports(word: str) -> list[str]:
    numbers, _, protocol = word.partition("/")
    first, _, last = numbers.partition("-")
    return [f"{port}/{protocol or 'tcp'}" for port in range(int(first), int(last or first) + 1)]


def _rune(number: int) -> str:
    return {8: "\\b", 9: "\\t", 10: "\\n"}.get(number, f"\\x{number:02x}")


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _strings(value: Json) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _object(value: Json) -> JsonObject:
    return value if isinstance(value, dict) else {}
