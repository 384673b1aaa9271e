from pathlib import Path

import rebaser.checks
from rebaser.checks.identifiers import ALL_CHECKS

_NO_CHECKS = {
    "__init__",
    "base",
    "catalog",
    "identifiers",
    "layer_catalog",
    "paths",
    "runner",
    "trial_catalog",
    "wording",
}


def test_every_check_is_in_the_catalog_once_and_named_like_its_file() -> None:
    files = {path.stem for path in Path(rebaser.checks.__file__).parent.glob("*.py")} - _NO_CHECKS
    assert [check.id for check in ALL_CHECKS] == list(dict.fromkeys(check.id for check in ALL_CHECKS))
    assert {check.id.replace("-", "_") for check in ALL_CHECKS} == files


def test_every_check_has_a_title() -> None:
    assert all(check.title and not check.title.endswith(".") for check in ALL_CHECKS)
