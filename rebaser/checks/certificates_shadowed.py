"""H12: the application's layers hold the bundle of trusted certificates, and the new base changed it."""

from collections.abc import Iterable, Mapping

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown, tolerate
from rebaser.contents.malformed import MalformedError
from rebaser.layers.entry import Broken, Bundle, Entry, same_content
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import BUNDLES, KEY_STORES
from rebaser.request import Severity


def _run(evidence: Evidence) -> Iterable[Finding]:
    for path in (*BUNDLES, *KEY_STORES):
        own = evidence.own.get(path)
        old, new = evidence.old.files.entry(path), evidence.new.files.entry(path)
        if own is None or old is None or new is None or same_content(old, new) or same_content(own, new):
            continue
        if path in evidence.merge.unmerged or evidence.is_copied(path):
            continue
        yield from _compared(path, own, old, new) if path in BUNDLES else (_store(path),)


def _compared(path: str, own: Entry, old: Entry, new: Entry) -> Iterable[Finding]:
    try:
        mine, before, theirs = map(_certificates, (own, old, new))
    except MalformedError as error:
        yield _finding(path, f"which cannot be compared with the new base's: {error}", (), ())
        return
    untrusted = [name for key, name in mine.items() if key in before and key not in theirs]
    added = [name for key, name in theirs.items() if key not in mine and key not in before]
    if untrusted:
        what = f"which still trusts what the new base no longer does: {listed(untrusted)}"
        yield _finding(path, what, tuple(untrusted), tuple(added))
    elif added:
        yield _finding(path, f"which lacks what the new base trusts: {listed(added)}", (), tuple(added))


def _certificates(entry: Entry) -> Mapping[str, str]:
    if not isinstance(entry.facts, Bundle):
        raise MalformedError(entry.facts.why if isinstance(entry.facts, Broken) else "it is no plain file")
    return dict(entry.facts.certificates)


def _store(path: str) -> Finding:
    return _finding(path, "a key store, and the new base has another", (), ())


def _finding(path: str, what: str, untrusted: tuple[str, ...], added: tuple[str, ...]) -> Finding:
    return Finding(
        CHECK.id,
        Severity.BLOCKER,
        f"The application's layers hold {shown(path)}, {what}",
        tolerate(CHECK.id, "the application's list of certificates is meant to stay"),
        subject=shown(path),
        before=list(untrusted),
        after=list(added),
    )


CHECK = LayerCheck("certificates-shadowed", "The new base's certificates are trusted, and no others of its own", _run)
