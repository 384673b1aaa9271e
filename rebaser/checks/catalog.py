"""Every check of plans, in the order in which people see them; those of layers are in `layer_catalog`."""

from rebaser.checks import (
    base_from_label,
    base_unknown,
    config_conflict,
    inherited_value,
    label_control,
    layers_unreadable,
    not_descended,
    old_base_gone,
    onbuild_changed,
    platform_changed,
    too_many_layers,
    variable_risky,
)

PLAN_CHECKS = (
    base_unknown.CHECK,
    old_base_gone.CHECK,
    not_descended.CHECK,
    platform_changed.CHECK,
    layers_unreadable.CHECK,
    too_many_layers.CHECK,
    onbuild_changed.CHECK,
    inherited_value.CHECK,
    base_from_label.CHECK,
    config_conflict.CHECK,
    variable_risky.CHECK,
    label_control.CHECK,
)
