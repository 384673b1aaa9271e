"""How many examples a law is tried on: the same few on every run; `LAW_EXAMPLES=50` gives fifty times as many."""

import os

from hypothesis import HealthCheck, settings

_TIMES = int(os.environ.get("LAW_EXAMPLES", "1"))  # noqa: TID251  a knob of the tests themselves


def examples(count: int) -> settings:
    return settings(
        max_examples=count * _TIMES,
        derandomize=_TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
