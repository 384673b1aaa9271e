from pathlib import Path

import pytest

from rebaser.oci.digest import Digest, algorithm, encoded
from rebaser.oci.reference import Repository, Transport
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.traffic import Traffic
from tests.transports.contract import Place, StoreContract


class TestOciLayout(StoreContract):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Place:
        directory = tmp_path / "layout"

        def spoil(digest: Digest, content: bytes) -> None:
            (directory / "blobs" / algorithm(digest) / encoded(digest)).write_bytes(content)

        return Place(OciLayout(Repository(Transport.OCI_LAYOUT, "", str(directory)), Traffic()), spoil)
