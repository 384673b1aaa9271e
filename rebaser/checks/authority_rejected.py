"""The application trusts an authority of its own whose certificate the new base's Python refuses. RFC 5280, 4.2.1."""

from collections.abc import Iterable, Iterator

from rebaser.checks.base import Finding, LayerCheck
from rebaser.checks.wording import listed, shown
from rebaser.contents.python import python_of
from rebaser.layers.entry import Bundle
from rebaser.layers.filesystem import FileSystem
from rebaser.plan.evidence import Evidence
from rebaser.plan.paths import BUNDLES
from rebaser.printable import printable
from rebaser.request import Severity
from rebaser.system.python import interpreters

_ANCHORS = ("usr/local/share/ca-certificates/", "etc/pki/ca-trust/source/anchors/")
_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_STRICT = (3, 13)  # ssl.create_default_context sets VERIFY_X509_STRICT since then


def _run(evidence: Evidence) -> Iterable[Finding]:
    strict = _strict(evidence.rebased.files)
    if not strict or _strict(evidence.original.files):
        return
    known = {one for files in (evidence.old.files, evidence.new.files) for one in _of_base(files)}
    refused = {one: told for one, told in _refused(evidence) if one not in known}
    if refused:
        path, why = next(iter(refused.values()))
        others = f", and {len(refused) - 1} more" if len(refused) > 1 else ""
        yield Finding(
            CHECK.id,
            Severity.BLOCKER if _uses_python(evidence) else Severity.WARNING,
            f"The application trusts the authority of {shown(path)}{others}, and Python {listed(strict)} of the new "
            f"base refuses what it issued: {printable(why)}",
            "Issue the authority's certificate again, with what is missing: a rebuild does not help. Or name "
            f"{CHECK.id} in `tolerate` if no program in Python connects to a server of that authority.",
            subject=shown(path),
            before=why,
            after=strict,
        )


def _uses_python(evidence: Evidence) -> bool:
    """Answer whether the application starts Python, or brings anything that is for it."""
    own = (entry.path for entry in evidence.own_files)
    started = any("python" in word for word in evidence.rebased.command)
    return started or any(path.endswith(".py") or python_of(path) is not None for path in own)


def _strict(files: FileSystem) -> list[str]:
    """Return the Pythons that verify strictly."""
    return sorted(one for one in interpreters(files) if _number(one) >= _STRICT)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.rstrip("t").split(".") if part.isdecimal())


def _of_base(files: FileSystem) -> Iterator[str]:
    for path in BUNDLES:
        entry = files.find(path)
        if entry is not None and isinstance(entry.facts, Bundle):
            yield from (fingerprint for fingerprint, _ in entry.facts.refused)


def _refused(evidence: Evidence) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the application's certificates that are refused, by fingerprint, with their path and the reason."""
    for path in _trusted(evidence):
        entry = evidence.rebased.files.find(path)
        if entry is not None and entry.path in evidence.own and isinstance(entry.facts, Bundle):
            yield from ((fingerprint, (path, why)) for fingerprint, why in entry.facts.refused)


def _trusted(evidence: Evidence) -> Iterator[str]:
    """Yield the paths of certificates that are trusted; of one at two of them, the last is told."""
    yield from BUNDLES
    yield from (told for name in _VARIABLES if (told := evidence.rebased.environment.get(name)))
    yield from (entry.path for entry in evidence.own_files if entry.path.startswith(_ANCHORS))


CHECK = LayerCheck("authority-rejected", "The application's own authorities are good enough for Python", _run)
