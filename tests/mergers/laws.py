"""The laws that every merger keeps, whatever it is given. reference: invariant I-12."""

from rebaser.mergers.conflict import Conflict, Merger


def assert_laws(merge: Merger, old: bytes, app: bytes, new: bytes) -> None:
    """One side unchanged: the other's; both the same: that; exchanged: the same conflicts; merged again: the same."""
    assert merge(old, old, new) == new
    assert merge(old, app, old) == app
    assert merge(old, app, app) == app
    merged, exchanged = merge(old, app, new), merge(old, new, app)
    if isinstance(merged, Conflict):
        assert merged == exchanged
        assert merged.subjects
        assert list(merged.subjects) == sorted(set(merged.subjects))
    else:
        assert not isinstance(exchanged, Conflict)
        assert merge(new, merged, new) == merged
        assert merge(app, merged, app) == merged


def outcome(merge: Merger, old: str, app: str, new: str) -> str | tuple[str, ...]:
    """The merged text, or the subjects of the conflict."""
    merged = merge(old.encode(), app.encode(), new.encode())
    return merged.subjects if isinstance(merged, Conflict) else merged.decode()
