"""Takes one thing away from a new base that the probes of a working pair used, and looks who notices.

What is taken away is what was traced: a library that was loaded, a version of symbols in one, a program that was
started, an account. It goes by one more layer on the new base, in the layout; nothing is built.
"""

import hashlib
import io
import json
import random
import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rebaser.contents.elf import Elf
from rebaser.layers.entry import Entry
from rebaser.layers.filesystem import FileSystem, stack
from rebaser.layers.index import index_layer
from rebaser.oci.digest import parse_diff_id
from rebaser.system.commands import which
from tests.images.pairs.building import Builds
from tests.images.pairs.layouts import Json, add_image, blob, load, read_image, stacked
from tests.images.pairs.model import Pair, file_name
from tests.images.pairs.outcome import prepared
from tests.images.pairs.probing import probe
from tests.images.pairs.tracing import trace
from tests.images.pairs.verdicts import SAFE, verdict
from tests.integration.process import Rebaser

_WORDS = re.compile(r"[\w./+-]+")
STARTS = {"entrypoint-missing", "shebang-missing", "healthcheck-missing", "command-missing", "runtime-downgraded"}
MATCHING = {
    "library": {
        "library-missing",
        "library-loaded-missing",
        "python-module-missing",
        "runtime-incomplete",
        "loader-missing",
        "runtime-changed",
        "java-changed",
    },
    "version": {"symbol-version-missing"},
    "program": {*STARTS, "python-changed", "shell-missing", "runtime-changed", "java-changed", "dangling-link"},
    "account": {"user-missing", "owner-renumbered", "accounts-shadowed", "unreadable-by-user"},
}
"""The checks that are there for each kind of thing."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """What is taken away: its kind, a name for people, and the files of the layer that does it."""

    kind: str
    name: str
    files: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Mutated:
    """A pair on a mutated base: whether its probes still pass, and which checks spoke."""

    pair: str
    kind: str
    name: str
    passed: bool
    spoke: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """A matching check speaks where the probes fail, and none where they pass."""
        matched = bool(MATCHING[self.kind] & set(self.spoke))
        return matched != self.passed

    @property
    def is_missed(self) -> bool:
        """The probes fail and no matching check speaks."""
        return not self.passed and not self.is_right


def mutated(pair: Pair, builds: Builds, rebaser: Rebaser, *, seed: int, count: int) -> list[Mutated]:
    """Do some mutations of a pair, drawn by seed; none where the pair does not work and is called safe."""
    layout = prepared(pair, builds).layout
    if verdict(rebaser, layout).word != SAFE:
        return []
    choice = random.Random(f"{seed} {pair.name}")  # noqa: S311 -- the same draws everywhere, nothing secret
    every = list(_mutations(pair, builds, layout))
    drawn = [one for kind in MATCHING for one in _some([each for each in every if each.kind == kind], count, choice)]
    return [_tried(pair, builds, rebaser, layout, one) for one in drawn]


def _some(mutations: Sequence[Mutation], count: int, choice: random.Random) -> list[Mutation]:
    return choice.sample(list(mutations), min(count, len(mutations)))


def _mutations(pair: Pair, builds: Builds, layout: Path) -> Iterator[Mutation]:
    engine, tag = builds.engine, _loaded(pair, builds, layout, "new-base")
    used = trace(engine, tag, pair.probes)
    engine.run("rmi", tag)
    base, files = _files(layout, "new-base"), _files(layout, "new-base")
    for path in used.libraries:
        entry = files.find(path)
        if entry is not None:
            yield Mutation("library", f"/{entry.path}", (_whiteout(entry.path),))
            yield from _versions(entry, layout, used.libraries, base)
    named = {word.rpartition("/")[2] for one in pair.probes for text in one.arguments for word in _WORDS.findall(text)}
    path_list = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    for name in used.programs:
        found = which(files, path_list, name)
        entry = files.find(found) if found else None
        if entry is not None and name.rpartition("/")[2] not in named:  # what the probe itself starts is not the pair's
            yield Mutation("program", f"/{entry.path}", (_whiteout(entry.path),))
    yield from _accounts(layout, files)


def _versions(library: Entry, layout: Path, used: Sequence[str], files: FileSystem) -> Iterator[Mutation]:
    """One version of symbols that another loaded library asks of this one, under another name."""
    provided = library.facts.provided if isinstance(library.facts, Elf) else ()
    wanted = {
        version
        for path in used
        if (entry := files.find(path)) is not None and isinstance(entry.facts, Elf)
        for name, versions in entry.facts.required
        if (found := files.find(f"usr/lib/x86_64-linux-gnu/{name}")) is not None and found.path == library.path
        for version in versions
    }
    for version in sorted(wanted & set(provided)):
        content = _content(layout, "new-base", library.path)
        name = version.encode()
        other = name[:-1] + (b"X" if name[-1:] != b"X" else b"Y")
        changed = content.replace(b"\0" + name + b"\0", b"\0" + other + b"\0")
        if changed != content:
            yield Mutation("version", f"{version} of /{library.path}", ((library.path, changed),))


def _accounts(layout: Path, files: FileSystem) -> Iterator[Mutation]:
    settings = read_image(layout, "original")[1].get("config") or {}
    user = str(settings.get("User") or "").partition(":")[0]
    entry = files.find("etc/passwd")
    lines = (entry.whole or b"").decode().splitlines(keepends=True) if entry else []
    without = "".join(line for line in lines if not line.startswith(f"{user}:"))
    if user and not user.isdigit() and without != "".join(lines):
        yield Mutation("account", user, (("etc/passwd", without.encode()),))


def _tried(pair: Pair, builds: Builds, rebaser: Rebaser, layout: Path, mutation: Mutation) -> Mutated:
    """The pair on the new base without that thing."""
    place = layout.parent / "mutated"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(layout, place, copy_function=lambda source, target: Path(target).hardlink_to(source))
    for name in ("index.json", "oci-layout"):
        (place / name).unlink()
        (place / name).write_bytes((layout / name).read_bytes())
    _put_on_new_base(place, mutation)
    said = verdict(rebaser, place)
    tag = _loaded(pair, builds, place, "mutated")
    passed = probe(builds.engine, tag, pair.probes).passed
    builds.engine.run("rmi", tag)
    shutil.rmtree(place)
    return Mutated(pair.name, mutation.kind, mutation.name, passed, (*said.because, *said.noted))


def _put_on_new_base(layout: Path, mutation: Mutation) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in mutation.files:
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content))
    manifest, config = read_image(layout, "new-base")
    add_image(layout, "new-base", manifest, config, buffer.getvalue())


def _loaded(pair: Pair, builds: Builds, layout: Path, purpose: str) -> str:
    """The plain stack of a pair, in the engine."""
    manifest, config = stacked(layout, "original", "old-base", "new-base")
    digest = hashlib.sha256(json.dumps([purpose, manifest, config]).encode()).hexdigest()[:16]
    tag = f"rebaser-test/pair-mutated:{file_name(pair.name)}-{digest}"
    unchanged = len(read_image(layout, "new-base")[0]["layers"]) - (purpose == "mutated")
    load(builds.engine, layout, manifest, config, tag, present=unchanged)
    return tag


def _files(layout: Path, tag: str) -> FileSystem:
    manifest, config = read_image(layout, tag)
    pairs = zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True)
    return stack([index_layer([blob(layout, one["digest"]).read_bytes()], parse_diff_id(told)) for one, told in pairs])


def _content(layout: Path, tag: str, path: str) -> bytes:
    layers: list[Json] = read_image(layout, tag)[0]["layers"]
    for layer in reversed(layers):
        with tarfile.open(blob(layout, layer["digest"])) as archive:
            for name in (path, f"./{path}"):
                if name in archive.getnames() and (file := archive.extractfile(name)) is not None:
                    return file.read()
    return b""


def _whiteout(path: str) -> tuple[str, bytes]:
    directory, _, name = path.rpartition("/")
    return (f"{directory}/.wh.{name}" if directory else f".wh.{name}"), b""
