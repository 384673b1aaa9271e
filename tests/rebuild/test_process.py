import os
import sys
import time
from pathlib import Path

import pytest

from rebaser.rebuild.process import KEPT_LINES, Listener, Ran, hidden_parts, run

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def shell(script: str, seconds: float = 20, listener: Listener = Listener()) -> Ran:  # noqa: B008
    return run(("/bin/sh", "-c", script), ENVIRONMENT, seconds, listener)


def gone(pid: int) -> bool:
    """Whether a process ends within a moment."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def test_output_and_complaints_come_in_one_log_with_the_exit_code() -> None:
    assert shell("echo out; echo err >&2; exit 3") == Ran(3, ("out", "err"))


def test_only_the_last_lines_are_kept_and_all_are_told() -> None:
    told: list[str] = []
    ran = shell("seq 1000", listener=Listener(told.append))
    assert len(ran.log) == KEPT_LINES
    assert ran.log[-1] == "1000"
    assert len(told) == 1000


def test_what_a_program_prints_cannot_act_on_a_terminal_or_fill_the_memory() -> None:
    ran = shell(r"printf 'a\033[2Jb\r::error::x\n'; head -c 50000000 /dev/zero | tr '\0' z; echo; echo end")
    assert ran.log[0] == r"a\x1b[2Jb"
    assert ran.log[-1] == "end"
    assert max(map(len, ran.log)) < 500


def test_secrets_are_in_no_line() -> None:
    hidden = hidden_parts(["hunter2 and more\nsecond line\nab"])
    ran = shell("echo x hunter2 and more y; echo second line; echo ab", listener=Listener(hidden=hidden))
    assert ran.log == ("x *** y", "***", "ab")


def test_a_hanging_build_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    start = time.monotonic()
    script = f"trap '' TERM; sleep 60 & echo $! > {tmp_path}/child; echo started; wait"
    ran = shell(script, seconds=1)
    assert ran.code is None or ran.code < 0
    assert ran.log == ("started",)
    assert time.monotonic() - start < 15
    assert gone(int((tmp_path / "child").read_text("ascii")))


def test_a_child_that_keeps_the_output_open_holds_nobody_up(tmp_path: Path) -> None:
    start = time.monotonic()
    ran = shell(f"sleep 60 & echo $! > {tmp_path}/child; echo done", seconds=30)
    assert ran == Ran(0, ("done",))
    assert time.monotonic() - start < 10
    assert gone(int((tmp_path / "child").read_text("ascii")))


def test_whoever_watches_can_end_it(tmp_path: Path) -> None:
    def watch() -> None:
        if (tmp_path / "large").exists():
            raise OverflowError

    start = time.monotonic()
    with pytest.raises(OverflowError):
        shell(f"touch {tmp_path}/large; sleep 60", listener=Listener(watch=watch))
    assert time.monotonic() - start < 10


def test_nothing_but_what_is_given_is_in_its_environment() -> None:
    program = "import os; print(sorted(os.environ)); print(os.read(0, 1))"
    ran = run((sys.executable, "-c", program), {"A": "1", "LC_ALL": "C.UTF-8"}, 20)
    assert ran.log == ("['A', 'LC_ALL']", "b''")
    assert "PATH" in os.environ  # noqa: TID251  it was there to be passed


def test_a_program_that_is_not_there_is_an_error_of_the_system() -> None:
    with pytest.raises(FileNotFoundError):
        run(("/nonexistent/builder",), {}, 1)
