import ssl
from collections.abc import Callable, Iterator
from itertools import repeat

import httpx
import pytest

from rebaser.transports.registry.retry import READ_WHOLE, Retrying, Timing, held_body, retry_after
from rebaser.transports.registry.wire import Counted
from rebaser.transports.traffic import Traffic
from tests.transports.registry.places import NOW, Clock

Outcome = httpx.Response | Exception


class Scripted(httpx.BaseTransport):
    """Gives one outcome after the other."""

    def __init__(self, outcomes: Iterator[Outcome]) -> None:
        self.outcomes = outcomes
        self.requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002  it answers anything
        self.requests += 1
        outcome = next(self.outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def status(code: int, **headers: str) -> httpx.Response:
    return httpx.Response(code, headers={name.replace("_", "-"): value for name, value in headers.items()})


def tries(outcomes: Iterator[Outcome], method: str = "GET", **kwargs: object) -> tuple[int, list[float], Outcome]:
    clock, script = Clock(), Scripted(outcomes)
    request = httpx.Request(method, "https://registry.test/", **kwargs)  # type: ignore[arg-type]
    try:
        outcome: Outcome = Retrying(script, clock.timing).handle_request(request)
    except httpx.TransportError as error:
        outcome = error
    return script.requests, clock.sleeps, outcome


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_not_now_is_asked_again(code: int) -> None:
    count, sleeps, outcome = tries(iter([status(code), status(200)]))
    assert (count, sleeps) == (2, [0.25])
    assert isinstance(outcome, httpx.Response)
    assert outcome.status_code == 200


@pytest.mark.parametrize(
    "code", [200, 201, 301, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 416, 418, 451, 499, 501, 505, 507, 599]
)
def test_everything_else_is_an_answer(code: int) -> None:
    assert tries(iter([status(code)]))[0] == 1


def test_five_tries_with_pauses_that_double() -> None:
    assert tries(repeat(status(503)))[:2] == (5, [0.25, 0.5, 1.0, 2.0])


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("refused"), httpx.ReadError("reset"), httpx.RemoteProtocolError("?"), httpx.ReadTimeout("")],
)
def test_a_lost_connection_is_tried_again(error: httpx.TransportError) -> None:
    assert tries(iter([error, status(200)]))[0] == 2
    count, _, outcome = tries(repeat(error))
    assert (count, outcome) == (5, error)


def caused_by(cause: Exception) -> httpx.ConnectError:
    error = httpx.ConnectError(str(cause))
    error.__cause__ = OSError("wrapped")
    error.__cause__.__context__ = cause
    return error


@pytest.mark.parametrize(
    "cause",
    [
        ssl.SSLCertVerificationError(1, "self-signed"),
        ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"),
    ],
)
def test_a_server_that_is_not_to_be_trusted_is_not_asked_again(cause: Exception) -> None:
    assert tries(repeat(caused_by(cause)))[0] == 1


@pytest.mark.parametrize(("method", "count"), [("GET", 2), ("HEAD", 2), ("POST", 2), ("PUT", 2), ("PATCH", 1)])
def test_a_chunk_is_never_sent_twice(method: str, count: int) -> None:
    assert tries(iter([status(503), status(200)]), method, content=b"x")[0] == count
    assert tries(iter([httpx.ReadError("reset"), status(200)]), method, content=b"x")[0] == count


def test_a_chunk_that_was_not_taken_is_sent_again() -> None:
    assert tries(iter([status(429), status(202)]), "PATCH", content=b"x")[0] == 2


def test_a_body_that_is_streamed_is_never_sent_twice() -> None:
    assert tries(iter([status(503), status(200)]), "PUT", content=iter([b"x"]))[0] == 1


def test_waiting_ends_when_the_budget_is_spent() -> None:
    assert tries(repeat(status(429, retry_after="50")))[:2] == (4, [50.0, 50.0, 20.0])
    assert tries(repeat(status(429, retry_after="21600")))[:2] == (2, [120.0])


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("1", 1.0),
        ("3600", 3600.0),
        ("-1", None),
        ("abc", None),
        ("1.5", None),
        ("٣", None),
        ("1" * 400, None),
        ("1000000000", 0.0),  # 2001, long ago
        (str(int(NOW) + 30), 30.0),
        (str(int(NOW) - 30), 0.0),
        ("100000", 100_000.0),
        ("Wed, 30 Apr 2025 08:01:00 GMT", 60.0),
        ("Wed, 30 Apr 2025 07:00:00 GMT", 0.0),
        ("Wed, 30 Apr 2025 08:01:00", 60.0),
        ("Wed, 99 Apr 2025 08:01:00 GMT", None),
    ],
)
def test_what_retry_after_asks_for(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def body(chunks: Callable[[], Iterator[bytes]]) -> httpx.SyncByteStream:
    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return chunks()

    return Body()


def breaking() -> Iterator[bytes]:
    yield b"ha"
    raise httpx.ReadError("reset")


def test_an_answer_that_breaks_off_is_asked_for_again_when_it_is_read_whole() -> None:
    outcomes = [httpx.Response(200, stream=body(breaking)), httpx.Response(200, stream=body(lambda: iter([b"all"])))]
    count, _, outcome = tries(iter(outcomes), extensions={READ_WHOLE: 10})
    assert count == 2
    assert isinstance(outcome, httpx.Response)
    assert held_body(outcome) == held_body(outcome) == b"all"


def test_an_answer_is_read_to_one_byte_more_than_its_limit() -> None:
    _, _, outcome = tries(iter([httpx.Response(200, stream=body(lambda: repeat(b"abc")))]), extensions={READ_WHOLE: 10})
    assert isinstance(outcome, httpx.Response)
    assert held_body(outcome) == b"abcabcabcab"


def test_an_answer_that_trickles_is_given_up() -> None:
    clock = Clock()

    def trickle() -> Iterator[bytes]:
        while True:
            clock.elapsed += 5
            yield b"x"

    def stream() -> Iterator[Outcome]:
        while True:
            yield httpx.Response(200, stream=body(trickle))

    script = Scripted(stream())
    transport = Retrying(Counted(script, Traffic(), clock.timing), clock.timing)
    request = httpx.Request("GET", "https://registry.test/", extensions={READ_WHOLE: 1000})
    with pytest.raises(httpx.ReadTimeout, match="bytes in 65 seconds"):
        transport.handle_request(request)
    assert script.requests == 2  # a minute each, and then the budget is spent


def test_a_reader_that_takes_its_time_is_not_the_server_s_fault() -> None:
    clock = Clock()
    script = Scripted(iter([httpx.Response(200, stream=body(lambda: iter([b"x"] * 50)))]))
    response = Counted(script, Traffic(), clock.timing).handle_request(httpx.Request("GET", "https://registry.test/"))
    for _ in response.iter_raw():
        clock.elapsed += 100


def test_real_time_is_the_default() -> None:
    timing = Timing()
    assert timing.now() > NOW
    assert 0 <= timing.chance() < 1
    timing.sleep(0)
