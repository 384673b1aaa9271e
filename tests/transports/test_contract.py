from collections.abc import Iterator
from pathlib import Path

import pytest

from rebaser.oci.digest import Digest, algorithm, encoded
from rebaser.oci.reference import Repository, Transport
from rebaser.transports.docker_archive import DockerArchive
from rebaser.transports.docker_daemon import DockerDaemon
from rebaser.transports.docker_engine import Engine, EngineAddress
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.traffic import Traffic
from tests.fakes.engine import FakeEngine
from tests.transports.contract import Place, StoreContract
from tests.transports.waiting import spoiler


class TestOciLayout(StoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        directory = tmp_path / "layout"

        def spoil(digest: Digest, content: bytes) -> None:
            (directory / "blobs" / algorithm(digest) / encoded(digest)).write_bytes(content)

        return Place(OciLayout(Repository(Transport.OCI_LAYOUT, "", str(directory)), Traffic()), spoil)


class TestDockerArchive(StoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
        spoil = spoiler(tmp_path, monkeypatch)
        store = DockerArchive(Repository(Transport.DOCKER_ARCHIVE, "", str(tmp_path / "images.tar")), Traffic())
        yield Place(store, spoil)
        store.close()


@pytest.mark.parametrize("keeps_manifests", [False, True], ids=["graph driver", "containerd"])
class TestDockerDaemon(StoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, keeps_manifests: bool) -> Iterator[Place]:
        spoil = spoiler(tmp_path, monkeypatch)
        engine = Engine(EngineAddress(), Traffic(), FakeEngine(keeps_manifests=keeps_manifests).wire)
        store = DockerDaemon(Repository(Transport.DOCKER_DAEMON, "", "docker.io/library/shop"), engine)
        yield Place(store, spoil)
        store.close()
        engine.close()
