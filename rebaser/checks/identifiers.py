"""All checks, those of plans, of layers and of the result, and their names."""

from rebaser.checks.catalog import PLAN_CHECKS
from rebaser.checks.layer_catalog import LAYER_CHECKS
from rebaser.checks.trial_catalog import TRIAL_CHECKS

ALL_CHECKS = (*PLAN_CHECKS, *LAYER_CHECKS, *TRIAL_CHECKS)


def check_ids() -> tuple[str, ...]:
    """Return every check's id, in the order in which people see them."""
    return tuple(check.id for check in ALL_CHECKS)
