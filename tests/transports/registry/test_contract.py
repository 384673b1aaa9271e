import pytest

from rebaser.oci.digest import Digest
from tests.fakes.registry import FakeRegistry
from tests.transports.contract import Place, StoreContract
from tests.transports.registry.places import Here, guarded, with_password


def place_in(here: Here) -> Place:
    def spoil(digest: Digest, content: bytes) -> None:
        repository = here.fake.repository("shop")
        if digest in repository.blobs:
            repository.blobs[digest] = content
        else:
            repository.manifests[digest] = (repository.manifests[digest][0], content)

    return Place(here.open(), spoil)


class TestRegistry(StoreContract):
    @pytest.fixture
    def place(self) -> Place:
        return place_in(Here())


class TestRegistryWithTokens(StoreContract):
    @pytest.fixture
    def place(self) -> Place:
        return place_in(Here(guarded(), with_password()))


class TestRegistryWithQuirks(StoreContract):
    @pytest.fixture
    def place(self) -> Place:
        quirks = FakeRegistry(
            head="off",
            digest_header=False,
            location="relative",
            monolithic=False,
            cdn="cdn.test",
            chunk_minimum=8,
            lists_referrers=True,
        )
        return place_in(Here(quirks))
