"""A step of the application made accounts by defaults of the old base, and the new base has others. useradd(8)."""

import re
from collections.abc import Iterable, Iterator, Mapping

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.contents.settings import read_settings
from rebaser.layers.entry import same_content
from rebaser.layers.filesystem import FileSystem
from rebaser.plan.evidence import Evidence
from rebaser.printable import printable
from rebaser.request import Severity

_TOOL = re.compile(r"(?<![\w.-])(?:useradd|adduser|groupadd|addgroup|newusers)(?![\w.-])")
_FILES = ("etc/login.defs", "etc/default/useradd", "etc/adduser.conf")
_SKELETON = "etc/skel"
_USED = re.compile(
    r"(?:SYS_|SUB_)?[UG]ID_(?:MIN|MAX|COUNT)|HOME_MODE|UMASK|CREATE_HOME|USERGROUPS_ENAB|MAIL_DIR|ENCRYPT_METHOD"
    r"|PASS_(?:MAX|MIN)_DAYS|PASS_WARN_AGE|MAX_MEMBERS_PER_GROUP"
)
"""What tools that make accounts look up in login.defs(5), which others read as well."""


def _run(evidence: Evidence) -> Iterable[Finding]:
    tool = _tool(evidence)
    if not tool:
        return
    for path in _FILES:
        changed = dict(_changed(path, evidence))
        if changed:
            named = (f"{name} ({was or 'nothing'}, now {now or 'nothing'})" for name, (was, now) in changed.items())
            yield _finding(tool, path, f"other values in it: {listed(named)}", [*changed])
    files = sorted(_skeleton(evidence))
    if files:
        yield _finding(tool, _SKELETON, f"other files in it: {listed(map(shown, files))}", files[:20])


def _tool(evidence: Evidence) -> str:
    """Return the tool that a step ran and made users with; empty where none did."""
    if evidence.original.accounts.users.keys() <= evidence.old.accounts.users.keys():
        return ""
    ran = (step.arguments for step in evidence.made_by if step is not None and step.keyword == "RUN")
    return next((found[0] for text in ran if (found := _TOOL.search(text))), "")


def _changed(path: str, evidence: Evidence) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the settings that differ, with the old base's value and the new one's."""
    if path in evidence.own:
        return
    old, new = _settings(path, evidence.old.files), _settings(path, evidence.new.files)
    for name in sorted(old.keys() | new.keys()):
        is_used = path != _FILES[0] or _USED.fullmatch(name)
        if is_used and old.get(name) != new.get(name):
            yield name, (old.get(name, ""), new.get(name, ""))


def _settings(path: str, files: FileSystem) -> Mapping[str, str]:
    entry = files.find(path)
    return read_settings(entry.whole or b"") if entry is not None else {}


def _skeleton(evidence: Evidence) -> Iterator[str]:
    """Yield what is copied into new homes and is not the same in both bases."""
    old, new = evidence.old.files, evidence.new.files
    for path in {entry.path for files in (old, new) for entry in files.below(_SKELETON)}:
        was, now = old.entry(path), new.entry(path)
        if path not in evidence.own and (was is None or now is None or not same_content(was, now)):
            yield path


def _finding(tool: str, path: str, what: str, after: list[str]) -> Finding:
    return Finding(
        CHECK.id,
        Severity.NOTE,
        f"A step of the application ran {printable(tool)}, which goes by {shown(path)}, and the new base has {what}; "
        "what it made stays as it is",
        "Rebuild the image on the new base if accounts and their homes are to be as it makes them.",
        subject=shown(path),
        after=list(after),
    )


CHECK = LayerCheck("tool-defaults-changed", "Accounts are made as the new base would make them", _run)
