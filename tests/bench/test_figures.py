"""What a log of requests tells."""

import pytest

from bench.figures import Figures, Wait, figures, longest, slope


def a_row(connection: int, began: float, ended: float, opened: float = 0.0) -> dict[str, object]:
    return {"connection": connection, "opened": opened, "began": began, "ended": ended, "up": 1, "down": 10}


def test_what_goes_on_at_once_is_one_round_trip() -> None:
    assert longest([Wait(0, 1, 1), Wait(0.5, 1.5, 1), Wait(0.9, 2, 1)]) == 1


def test_what_begins_when_another_ended_waited_for_it() -> None:
    assert longest([Wait(0, 1, 1), Wait(1, 2, 1), Wait(0, 1.5, 1), Wait(2.5, 3, 1)]) == 3
    assert longest([]) == 0


def test_opening_a_connection_is_two_round_trips_unless_it_was_opened_ahead() -> None:
    late = [a_row(1, 1.0, 1.5), a_row(2, 2.5, 3.0, opened=1.5)]
    early = [a_row(1, 1.0, 1.5), a_row(2, 1.5, 2.0)]
    assert figures(late, 0.5).trips == 2 + 1 + 2 + 1
    assert figures(early, 0.5) == Figures(2, 2, 2, 20, 2 + 1 + 1)


def test_the_slope_is_the_round_trips() -> None:
    assert slope([(0.0, 0.3), (0.05, 0.7), (0.1, 1.1)]) == pytest.approx(8)
