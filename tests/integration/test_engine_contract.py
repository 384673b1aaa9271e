"""What holds for every place where images live holds for the engine of this machine, whichever image store it has."""

import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rebaser.oci.reference import Repository, Transport
from rebaser.transports.docker_daemon import DockerDaemon
from rebaser.transports.docker_engine import Engine as Spoken
from rebaser.transports.docker_engine import engine_from
from rebaser.transports.traffic import Traffic
from tests.images.engine import Engine
from tests.images.machine import environment
from tests.transports.contract import Place, StoreContract
from tests.transports.waiting import spoiler


class TestEngine(StoreContract):
    @pytest.fixture
    def place(self, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
        spoil = spoiler(tmp_path, monkeypatch)
        name = f"rebaser-test/contract-{secrets.token_hex(6)}"
        spoken = Spoken(engine_from(environment()), Traffic())
        store = DockerDaemon(Repository(Transport.DOCKER_DAEMON, "", f"docker.io/{name}"), spoken)
        yield Place(store, spoil)
        store.close()
        spoken.close()
        if tags := engine.run("images", "--format={{.Repository}}:{{.Tag}}", name).split():
            subprocess.run((engine.client, "rmi", "--force", *tags), capture_output=True, check=False)
