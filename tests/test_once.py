"""A thing is done once for each key, from however many threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from rebaser.once import Once


def test_many_threads_get_what_one_of_them_did() -> None:
    once, done, gate = Once(), list[int](), Barrier(8)

    def ask(number: int) -> int:
        gate.wait()
        return once.answer("key", lambda: did(number))

    def did(number: int) -> int:
        done.append(number)
        return number

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8)))
    assert len(done) == 1
    assert answers == set(done)


def test_a_failure_is_everybody_s_until_it_is_forgotten() -> None:
    once = Once()

    def fail() -> int:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            once.answer("key", fail)
    with pytest.raises(LookupError):
        once.answer("key", lambda: 1)
    once.forget("key")
    assert once.answer("key", lambda: 1) == 1


def test_keys_are_apart() -> None:
    once = Once()
    assert [once.answer(key, lambda key=key: key) for key in ("a", "b", "a")] == ["a", "b", "a"]  # type: ignore[misc]
