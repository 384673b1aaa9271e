"""Whom does a bundle of certificates trust that both sides changed, such as /etc/ssl/certs/ca-certificates.crt?

A set of certificates by their bytes, RFC 7468: whom the application added is trusted, and whom it removed is not.
"""

from collections.abc import Iterable

from rebaser.contents.certificates import Block, split_bundle


def merge_certificates(old: bytes, app: bytes, new: bytes) -> bytes:
    """Return the new base's bundle without what the application removed, and with what it added at the end.

    Text stays with the certificate that it precedes. Nothing conflicts. A bundle that the application removed as a
    whole stays away.

    Raises:
        MalformedError: both sides changed it, and one is larger than 16 MiB, or has a certificate that is not Base64.
    """
    if app in (old, new):
        return new
    if new == old or not app:
        return app
    before, _ = split_bundle(old)
    ours, _ = split_bundle(app)
    theirs, rest = split_bundle(new)
    removed = _fingerprints(before) - _fingerprints(ours)
    added = {block.fingerprint: block for block in reversed(ours)}
    for fingerprint in _fingerprints(before) | _fingerprints(theirs):
        added.pop(fingerprint, None)
    kept = [block for block in theirs if block.fingerprint not in removed]
    return b"".join(_whole_lines(block.text) for block in (*kept, *reversed(added.values()))) + rest


def _fingerprints(blocks: Iterable[Block]) -> set[str]:
    return {block.fingerprint for block in blocks}


def _whole_lines(text: bytes) -> bytes:
    return text if text.endswith(b"\n") else text + b"\n"
