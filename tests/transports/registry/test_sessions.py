"""Uploads that are open before there is anything to send."""

import httpx
import pytest

from rebaser.errors import TransportError
from rebaser.oci.digest import Digest
from rebaser.transports.registry.sessions import Session, Sessions
from tests.builders import an_image, content_of
from tests.transports.registry.places import Here

A, B = (Digest(f"sha256:{letter * 64}") for letter in "ab")


def a_session(number: int) -> Session:
    return Session(httpx.URL(f"https://registry.test/{number}"), 1)


def refused() -> Session:
    raise TransportError("access-denied", "no", "-")


def test_one_that_was_offered_for_the_blob_goes_first() -> None:
    sessions = Sessions()
    sessions.offer(A, a_session(1))
    sessions.expect(lambda: a_session(2))()
    assert sessions.take(B, lambda: a_session(9)) == a_session(2)
    assert sessions.take(A, lambda: a_session(9)) == a_session(1)
    assert sessions.take(A, lambda: a_session(9)) == a_session(9)


def test_one_that_is_expected_and_not_yet_open_is_opened_by_whoever_takes_it_and_not_again() -> None:
    sessions = Sessions()
    ahead = sessions.expect(lambda: pytest.fail("it was opened already"))
    assert sessions.take(A, lambda: a_session(2)) == a_session(2)
    ahead()


def test_one_that_could_not_be_opened_ahead_costs_nothing() -> None:
    sessions = Sessions()
    sessions.expect(refused)()
    assert sessions.take(A, lambda: a_session(2)) == a_session(2)


def test_what_is_left_is_what_is_open_and_nothing_is_opened_any_more() -> None:
    sessions = Sessions()
    sessions.offer(A, a_session(1))
    sessions.expect(lambda: a_session(2))()
    late = sessions.expect(lambda: pytest.fail("it was given up"))
    assert list(sessions.leave()) == [a_session(1), a_session(2)]
    late()
    assert list(sessions.leave()) == []


def test_an_upload_opened_ahead_saves_the_request_later_and_a_spare_one_is_given_back() -> None:
    here, image = Here(), an_image()
    store = here.open()
    for _ in range(2):
        store.expect_upload()()
    here.fake.wire.forget()
    store.put_blob(image.config_descriptor, content_of(image.config))
    assert [line.split()[0] for line in here.lines] == ["PUT"]
    store.close_uploads()
    assert [line.split()[0] for line in here.lines] == ["PUT", "DELETE"]


def test_a_mount_is_asked_for_once() -> None:
    here, image = Here(), an_image()
    base, shop = here.open("base"), here.open("shop")
    base.put_blob(image.config_descriptor, content_of(image.config))
    here.fake.wire.forget()
    assert [shop.mount_blob(image.config_descriptor, base.repository) for _ in range(3)] == [True] * 3
    assert len(here.lines) == 1
