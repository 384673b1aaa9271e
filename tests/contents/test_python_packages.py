import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.contents.python_packages import (
    Distribution,
    Pyvenv,
    Wheel,
    read_metadata,
    read_pyvenv,
    read_wheel,
)
from tests.contents.hostile import answer


def test_an_environment() -> None:
    body = b"home = /usr/local/bin\ninclude-system-site-packages = True\nversion = 3.11.7\n"
    body += b"executable = /usr/bin/python3.11\n"
    assert read_pyvenv(body) == Pyvenv("/usr/local/bin", "3.11.7", "/usr/bin/python3.11", system_site_packages=True)


def test_an_environment_of_virtualenv() -> None:
    body = b"home=/usr/bin\r\nimplementation = CPython\r\nversion_info = 3.9.2.final.0\r\nHOME = /other\r\nodd line\r\n"
    assert read_pyvenv(body) == Pyvenv("/usr/bin", "3.9.2.final.0", "", system_site_packages=False)


def test_an_environment_that_the_running_python_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    found = read_pyvenv((tmp_path / "v/pyvenv.cfg").read_bytes())
    assert found.version.split(".")[:2] == [str(part) for part in sys.version_info[:2]]
    assert (Path(found.home) / "python3").exists()
    assert not found.system_site_packages


@pytest.mark.parametrize("body", [b"", b"home =\n", b"version = 3.11\n", b"home" * 300_000])
def test_what_is_no_environment(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_pyvenv(body)


def test_a_distribution() -> None:
    body = b"Metadata-Version: 2.1\nName: idna\nVersion: 3.7\nRequires-Python: >=3.5\n\nName: of the description\n"
    assert read_metadata(body) == Distribution("idna", "3.7", ">=3.5")


def test_a_wheel() -> None:
    body = b"Wheel-Version: 1.0\r\nRoot-Is-Purelib: false\r\n"
    body += b"Tag: cp311-cp311-manylinux_2_17_x86_64\r\nTag: cp311-abi3-x\r\n"
    assert read_wheel(body) == Wheel(("cp311-cp311-manylinux_2_17_x86_64", "cp311-abi3-x"), purelib=False)
    assert read_wheel(b"Tag: py3-none-any\nRoot-Is-Purelib: True\n").purelib


@pytest.mark.parametrize("body", [b"", b"Name: a\n", b"Version: 1\n", b"\nName: a\nVersion: 1\n"])
def test_what_is_no_distribution(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_metadata(body)


@pytest.mark.parametrize("body", [b"", b"Root-Is-Purelib: true\n", b"Tag: a-b-c\n" * 1001])
def test_what_is_no_wheel(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_wheel(body)


def test_all_that_is_installed_here() -> None:
    read = 0
    for installed in importlib.metadata.distributions():
        metadata, wheel = installed.read_text("METADATA"), installed.read_text("WHEEL")
        if metadata is None or wheel is None:
            continue
        found = read_metadata(metadata.encode())
        wanted = installed.metadata.json.get("requires_python", "")
        assert found == Distribution(installed.metadata["Name"], installed.version, str(wanted))
        assert read_wheel(wheel.encode()).tags
        read += 1
    assert read > 10


@given(st.binary(max_size=300) | st.text(st.sampled_from("home=:\n\rNaeVrsionTg 1"), max_size=100).map(str.encode))
def test_any_bytes_have_an_answer_or_the_named_error(body: bytes) -> None:
    for read in (read_pyvenv, read_metadata, read_wheel):
        assert isinstance(answer(read, body), Pyvenv | Distribution | Wheel | str)
