"""The values of package changes: nothing changed unless something is said."""

import pytest

from rebaser.plan.packages import PackageChange, PackageChanges


def test_without_more_nothing_changes() -> None:
    nothing = PackageChanges()
    assert (nothing.upgraded, nothing.downgraded, nothing.added, nothing.removed) == ((), (), (), ())
    assert (nothing.own, nothing.outdated) == ((), ())


def test_a_change_is_a_value() -> None:
    change = PackageChange("deb", "openssl", "amd64", "1", "2")
    assert change == PackageChange("deb", "openssl", "amd64", "1", "2")
    with pytest.raises(AttributeError):
        change.after = "3"  # type: ignore[misc]
