"""The client on real sockets: what a fake in memory cannot show."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from rebaser.errors import ImageError, TransportError
from rebaser.oci.descriptor import descriptor
from rebaser.oci.digest import Digest
from rebaser.transports.base import read_blob
from rebaser.transports.registry.login import Login
from rebaser.transports.registry.network import Network
from rebaser.transports.registry.retry import Timing
from rebaser.transports.registry.transports import RegistryTransports
from rebaser.transports.traffic import Traffic
from tests.builders import an_image, content_of
from tests.builders import store as put
from tests.fakes.registry import FakeRegistry, digest_of
from tests.fakes.served import serve
from tests.fakes.wire import answers, breaks_off, endless, header, reset_after, reset_before, stops_short
from tests.transports.contract import Place, StoreContract
from tests.transports.registry.places import PASSWORD, Clock, logins, repository

APP = an_image()
BLOB = bytes(range(256)) * 4096  # 1 MiB


class Served:
    """A registry on a socket and a client for it."""

    def __init__(self, fake: FakeRegistry, host: str) -> None:
        self.fake = fake
        self.host = host
        network = Network(credentials=logins(**{host: Login("alice", PASSWORD)}), read_timeout=5.0)
        clock = Clock()
        timing = Timing(sleep=clock.sleep)
        self.traffic = Traffic()
        self.transports = RegistryTransports(network, self.traffic, timing=timing)
        self.store = self.transports.open(repository("shop", host))


@pytest.fixture
def on_a_socket() -> Iterator[Served]:
    fake = FakeRegistry(auth="bearer")
    with serve(fake) as host:
        fake.add_user("alice", PASSWORD)
        place = Served(fake, host)
        with place.transports:
            yield place
        fake.wire.audit()


class TestRegistryOnASocket(StoreContract):
    @pytest.fixture
    def place(self, on_a_socket: Served) -> Place:
        def spoil(digest: Digest, content: bytes) -> None:
            shop = on_a_socket.fake.repository("shop")
            if digest in shop.blobs:
                shop.blobs[digest] = content
            else:
                shop.manifests[digest] = (shop.manifests[digest][0], content)

        return Place(on_a_socket.store, spoil)


def test_a_whole_push_and_pull(on_a_socket: Served) -> None:
    put(APP, on_a_socket.store, "1")
    assert on_a_socket.store.manifest("1").document.content == APP.content
    assert read_blob(on_a_socket.store, APP.config_descriptor, 10_000) == APP.config


@pytest.mark.parametrize("keep", [0, 1, 100_000, len(BLOB) - 1])
def test_a_download_goes_on_after_the_connection_was_cut(on_a_socket: Served, keep: int) -> None:
    blob = descriptor("x", Digest(on_a_socket.fake.put_blob("shop", BLOB)), len(BLOB))
    on_a_socket.store.resolve("1")
    on_a_socket.fake.wire.forget()
    on_a_socket.fake.wire.faults = {0: breaks_off(keep), 1: breaks_off(keep // 2)}
    assert read_blob(on_a_socket.store, blob, len(BLOB)) == BLOB


def test_an_idle_connection_that_was_closed_is_opened_anew(on_a_socket: Served) -> None:
    put(APP, on_a_socket.store, "1")
    on_a_socket.fake.wire.forget()
    on_a_socket.fake.wire.faults = {0: reset_before(), 1: reset_after()}
    assert on_a_socket.store.resolve("1") == APP.digest


def test_an_upload_goes_through_though_its_commit_was_cut(on_a_socket: Served) -> None:
    blob = descriptor("x", Digest(digest_of(BLOB)), len(BLOB))
    on_a_socket.store.resolve("1")
    on_a_socket.store.put_blob(descriptor("x", Digest(digest_of(b"")), 0), content_of(b""))
    on_a_socket.fake.wire.forget()
    on_a_socket.fake.wire.faults[1] = reset_before()
    on_a_socket.store.put_blob(blob, content_of(BLOB))
    assert on_a_socket.fake.blob("shop", blob.digest) == BLOB


def test_a_refusal_in_the_middle_of_an_upload_is_heard(on_a_socket: Served) -> None:
    on_a_socket.store.put_blob(descriptor("x", Digest(digest_of(b"")), 0), content_of(b""))
    on_a_socket.fake.wire.forget()
    on_a_socket.fake.wire.faults[1] = answers(403, body=b"quota exceeded")
    with pytest.raises(TransportError) as refusal:
        on_a_socket.store.put_blob(descriptor("x", Digest(digest_of(BLOB)), len(BLOB)), content_of(BLOB))
    assert "quota exceeded" in refusal.value.message


def test_a_body_without_end_is_left(on_a_socket: Served) -> None:
    put(APP, on_a_socket.store, "1")
    on_a_socket.fake.wire.always = endless()
    with pytest.raises(ImageError):
        on_a_socket.store.manifest("1")
    with pytest.raises(ImageError):
        read_blob(on_a_socket.store, APP.config_descriptor, 10_000)


def test_a_body_that_ends_early_without_a_length_is_noticed(on_a_socket: Served) -> None:
    put(APP, on_a_socket.store, "1")
    on_a_socket.fake.wire.always = stops_short()
    with pytest.raises(ImageError):
        read_blob(on_a_socket.store, APP.config_descriptor, 10_000)


@pytest.mark.parametrize("value", ["x" * 200_000, "a\x00b"])
def test_a_header_without_measure_is_told(on_a_socket: Served, value: str) -> None:
    put(APP, on_a_socket.store, "1")
    on_a_socket.fake.wire.always = header("X-Long", value)
    with pytest.raises(TransportError) as failure:
        on_a_socket.store.manifest("1")
    assert failure.value.code == "registry-unavailable"


def test_a_registry_that_speaks_no_tls_names_the_input(on_a_socket: Served) -> None:
    port = on_a_socket.host.partition(":")[2]
    with RegistryTransports(Network(), Traffic(), timing=Timing(sleep=Clock().sleep)) as transports:
        plain = transports.open(repository("shop", f"127.0.0.1.nip.invalid:{port}"))
        with pytest.raises(TransportError):
            plain.resolve("1")
        connection = plain._connection
        connection.origin = connection.origin.__class__("https", "127.0.0.1", int(port))
        with pytest.raises(TransportError) as failure:
            plain.resolve("1")
    assert failure.value.code == "insecure-registry"
    assert f"127.0.0.1:{port} to `insecure-registries`" in failure.value.remedy


def test_nobody_at_the_other_end() -> None:
    with serve(FakeRegistry()) as host:
        pass
    transports = RegistryTransports(Network(), Traffic(), timing=Timing(sleep=Clock().sleep))
    with transports, pytest.raises(TransportError) as failure:
        transports.open(repository("shop", host)).resolve("1")
    assert failure.value.code == "registry-unavailable"


def test_many_threads_on_one_store(on_a_socket: Served) -> None:
    contents = [bytes([number]) * 10_000 for number in range(40)]

    def there_and_back(content: bytes) -> bytes:
        blob = descriptor("x", Digest(digest_of(content)), len(content))
        on_a_socket.store.put_blob(blob, content_of(content))
        return read_blob(on_a_socket.store, blob, 10_000)

    with ThreadPoolExecutor(12) as pool:
        assert list(pool.map(there_and_back, contents)) == contents
