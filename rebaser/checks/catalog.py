"""Every check, in the order in which people see them."""

from rebaser.checks import (
    base_from_label,
    base_unknown,
    config_conflict,
    inherited_value,
    not_descended,
    old_base_gone,
    onbuild_changed,
    platform_changed,
    too_many_layers,
)

ALL_CHECKS = (
    base_unknown.CHECK,
    old_base_gone.CHECK,
    not_descended.CHECK,
    platform_changed.CHECK,
    too_many_layers.CHECK,
    onbuild_changed.CHECK,
    inherited_value.CHECK,
    base_from_label.CHECK,
    config_conflict.CHECK,
)
CHECK_IDS = tuple(check.id for check in ALL_CHECKS)
