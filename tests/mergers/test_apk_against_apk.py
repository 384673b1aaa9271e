"""What apk itself leaves on the new base is what we make of three databases, byte for byte."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rebaser.contents.apk_records import meaning, records
from rebaser.mergers.apk_installed import merge_installed
from rebaser.mergers.apk_scripts import merge_scripts
from rebaser.mergers.apk_triggers import merge_triggers
from rebaser.mergers.apk_world import merge_world
from rebaser.mergers.conflict import Merger
from rebaser.mergers.stored_gzip import is_gzip, unpacked
from rebaser.mergers.tar_members import members
from tests.mergers.apk_roots import Made, database, install, needs_apk, run

MERGERS: dict[str, Merger] = {
    "installed": merge_installed,
    "triggers": merge_triggers,
    "scripts.tar": merge_scripts,
    "scripts.tar.gz": merge_scripts,
    "world": merge_world,
}
SHELL = Made("Shell", "1.2-r0", {"bin/sh": "one"}, ("post-install", "trigger"), "/bin /usr/bin", "replaces = x\n")
SHELL_FIXED = Made("Shell", "1.2-r1", {"bin/sh": "two"}, ("post-install", "trigger"), "/bin /usr/bin", "replaces = x\n")
KEYS = Made("keys", "1-r0", {"etc/keys/a": "a"}, ("pre-upgrade",))
LIBRARY = Made("musl", "1.2.5-r0", {"lib/musl.so": "m"}, (), "", "provides = so:musl.so=1\n")
TOOL = Made("netcat", "3-r7", {"usr/bin/nc": "nc", "usr/bin/ncat": "n"}, (), "", "depend = so:musl.so\n")
CERTIFICATES = Made("ca-bundle", "2024-r0", {"etc/ssl/a": "a"}, ("post-install", "trigger"), "/etc/ssl/certs")
ZLIB = Made("zlib", "1.3-r0", {"lib/libz.so": "z"}, ("post-install", "trigger"), "/usr/lib/z")
NEW_OF_BASE = Made("libcap", "2-r0", {"lib/cap.so": "c"}, ("trigger", "post-upgrade"), "/lib/cap")

Step = Callable[[Path], None]


def adding(*packages: Made) -> Step:
    return lambda root: install(root, *packages)


def removing(*names: str) -> Step:
    return lambda root: void(run(root, "del", "--no-scripts", *names))


def void(_: object) -> None:
    return


def parts(name: str, body: bytes) -> list[bytes]:
    """In apk's own order, which for scripts is that of 2.14's memory."""
    if not name.startswith("scripts"):
        return body.splitlines()
    return [member.raw for member in members(unpacked(body) if is_gzip(body) else body)]


def files_alike(name: str, merged: bytes, gold: bytes) -> bool:
    """As apk compresses with the zlib at hand, and orders triggers by names that the file does not have."""
    if is_gzip(gold):
        return is_gzip(merged) and unpacked(merged) == unpacked(gold)
    return sorted(merged.splitlines()) == sorted(gold.splitlines()) if name == "triggers" else merged == gold


@needs_apk
@pytest.mark.parametrize(
    "steps",
    [
        (adding(ZLIB),),
        (adding(CERTIFICATES),),
        (adding(TOOL, CERTIFICATES, ZLIB),),
        (adding(ZLIB), adding(TOOL)),
        (removing("keys"),),
        (adding(TOOL), removing("keys")),
        (adding(ZLIB, TOOL), removing("zlib")),
    ],
)
def test_a_rebuild_s_database_is_the_merged_one(tmp_path: Path, steps: tuple[Step, ...]) -> None:
    old, app, new, rebuilt = (tmp_path / name for name in ("old", "app", "new", "rebuilt"))
    install(old, SHELL, LIBRARY, KEYS)
    install(new, SHELL_FIXED, LIBRARY, KEYS, NEW_OF_BASE)
    for base, root in ((old, app), (new, rebuilt)):
        shutil.copytree(base, root)
        for step in steps:
            step(root)
    before, ours, theirs, gold = map(database, (old, app, new, rebuilt))
    for name, body in gold.items():
        merged = MERGERS[name](before[name], ours[name], theirs[name])
        assert isinstance(merged, bytes)
        assert files_alike(name, merged, body), name


@needs_apk
def test_apk_reads_what_was_merged_and_leaves_it_as_it_is(tmp_path: Path) -> None:
    old, app, new = (tmp_path / name for name in ("old", "app", "new"))
    install(old, SHELL, LIBRARY)
    install(new, SHELL_FIXED, LIBRARY, NEW_OF_BASE)
    shutil.copytree(old, app)
    install(app, TOOL, CERTIFICATES)
    before, ours, theirs = map(database, (old, app, new))
    for name in theirs:
        merged = MERGERS[name](before[name], ours[name], theirs[name])
        assert isinstance(merged, bytes)
        (new / "etc/apk/world" if name == "world" else new / "lib/apk/db" / name).write_bytes(merged)
    names = set(run(new, "info", "-v").split())
    assert names == {"Shell-1.2-r1", "ca-bundle-2024-r0", "libcap-2-r0", "musl-1.2.5-r0", "netcat-3-r7"}
    merged_files = database(new)
    install(new, ZLIB)
    run(new, "del", "--no-scripts", "zlib")
    for name, body in database(new).items():
        assert sorted(parts(name, merged_files[name])) == sorted(parts(name, body)), name


@needs_apk
def test_what_apk_makes_of_apko_s_database_means_the_same(tmp_path: Path) -> None:
    """apko orders fields and files in its own way, and packages as they were installed; apk writes them all anew."""
    root = tmp_path / "root"
    install(root, SHELL, LIBRARY)
    path = root / "lib/apk/db/installed"
    before = records(path.read_bytes())
    path.write_bytes(b"".join(_as_apko(record.text) for record in reversed(before)))
    foreign = {record.name: record for record in records(path.read_bytes())}
    install(root, ZLIB)
    after = {record.name: record for record in records(path.read_bytes())}
    assert list(after) == ["musl", "Shell", "zlib"]
    for name in ("musl", "Shell"):
        assert after[name].text != foreign[name].text
        assert meaning(after[name]) == meaning(foreign[name])


def _as_apko(text: bytes) -> bytes:
    lines = [*text.decode().splitlines(), "o:", "i:[]", "k:0"]
    said = {line[0]: line for line in lines if line and line[0] not in "FMRaZ"}
    files = [line.replace(":755", ":0755") for line in lines if line and line[0] in "FMRaZ"]
    return "\n".join([*(said[name] for name in "PVALToUDpritSIkC" if name in said), *files, "", ""]).encode()
