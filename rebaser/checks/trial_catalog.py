"""Every check of what came of trying the result."""

from rebaser.checks import smoke_test_failed

TRIAL_CHECKS = (smoke_test_failed.CHECK,)
