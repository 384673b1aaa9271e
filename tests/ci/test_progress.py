"""Progress is shown for what takes long, and only then."""

import io
from collections.abc import Callable
from threading import Event

import pytest

from rebaser.ci import progress
from rebaser.ci.progress import Progress


class Screen(io.StringIO):
    """A stream that is or isn't a terminal, and says when something was written."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal
        self.written = Event()

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)


def nothing() -> tuple[int, int]:
    return 0, 0


def some() -> tuple[int, int]:
    return 1_500_000, 20


def shown(screen: Screen, traffic: Callable[[], tuple[int, int]], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with Progress(screen, traffic) as running:
        running.stage("write")
        screen.written.clear()
        assert screen.written.wait(10)
    return screen.getvalue()


def test_what_is_done_at_once_shows_nothing() -> None:
    screen = Screen(terminal=True)
    with Progress(screen, nothing) as running:
        running.stage("read")
    assert screen.getvalue() == ""


def test_a_log_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(progress._EVERY, False, 0.01)
    text = shown(Screen(terminal=False), some, monkeypatch)
    assert "writing layers and manifests … 1.5 MB down, 20 B up\n" in text
    assert "\x1b" not in text
    assert "\r" not in text


def test_a_terminal_gets_one_line_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(progress._EVERY, True, 0.01)
    text = shown(Screen(terminal=True), some, monkeypatch)
    assert "\n" not in text
    assert text.endswith("\r\x1b[K")


def test_a_builder_s_lines_stand_above_what_is_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    screen = Screen(terminal=True)
    with Progress(screen, nothing) as running:
        running.stage("build")
        screen.written.clear()
        assert screen.written.wait(10)
        running.tell("Step 1")
    assert "\r\x1b[K  | Step 1\n" in screen.getvalue()
    log = Screen(terminal=False)
    with Progress(log, nothing) as running:
        running.tell("Step 1")
    assert log.getvalue().endswith("  | Step 1\n")
