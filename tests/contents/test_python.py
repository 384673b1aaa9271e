import compileall
import importlib.machinery
import py_compile
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.contents.python import Pyc, PythonTag, python_of, read_pyc
from tests.contents.hostile import answer

THIS = f"3.{sys.version_info.minor}"
OTHERS = sorted(Path(sys.base_prefix).parent.glob("*/bin/python"))  # where several are installed side by side


@pytest.mark.parametrize(
    ("path", "tag"),
    [
        (
            "usr/lib/python3.11/json/__init__.py",
            PythonTag("library", "cpython", home="usr/lib/python3.11", home_version="3.11"),
        ),
        (
            "usr/local/lib/python3.13/site-packages/idna/core.py",
            PythonTag("library", "cpython", home="usr/local/lib/python3.13", home_version="3.13", packages=True),
        ),
        (
            "usr/lib64/python3.9/site-packages/six.py",
            PythonTag("library", "cpython", home="usr/lib64/python3.9", home_version="3.9", packages=True),
        ),
        (
            "usr/lib/python3/dist-packages/yaml/__init__.py",
            PythonTag("library", "cpython", home="usr/lib/python3", home_version="3", packages=True),
        ),
        (
            "usr/lib/python3/dist-packages/yaml/_yaml.cpython-311-x86_64-linux-gnu.so",
            PythonTag("extension", "cpython", "3.11", home="usr/lib/python3", home_version="3", packages=True),
        ),
        (
            "opt/venv/lib/python3.13t/site-packages/a.cpython-313t-aarch64-linux-gnu.so",
            PythonTag(
                "extension",
                "cpython",
                "3.13",
                free_threaded=True,
                home="opt/venv/lib/python3.13t",
                home_version="3.13",
                packages=True,
            ),
        ),
        (
            "opt/venv/lib/python3.12/site-packages/cryptography/_rust.abi3.so",
            PythonTag(
                "extension",
                "cpython",
                "3",
                stable_abi=True,
                home="opt/venv/lib/python3.12",
                home_version="3.12",
                packages=True,
            ),
        ),
        (
            "opt/pypy/lib/pypy3.10/site-packages/a.pypy310-pp73-x86_64-linux-gnu.so",
            PythonTag("extension", "pypy", "3.10", home="opt/pypy/lib/pypy3.10", home_version="3.10", packages=True),
        ),
        (
            "v/lib/python3.7/site-packages/a.cpython-37m-x86_64-linux-gnu.so",
            PythonTag("extension", "cpython", "3.7", home="v/lib/python3.7", home_version="3.7", packages=True),
        ),
        (
            "v/lib/python3.11/site-packages/plain.so",
            PythonTag("extension", "cpython", home="v/lib/python3.11", home_version="3.11", packages=True),
        ),
        (
            "v/lib/python3.11/site-packages/torch/lib/libtorch.so",
            PythonTag("library", "cpython", home="v/lib/python3.11", home_version="3.11", packages=True),
        ),
        ("app/native.cpython-311-x86_64-linux-musl.so", PythonTag("extension", "cpython", "3.11")),
        ("app/__pycache__/main.cpython-311.pyc", PythonTag("cache", "cpython", "3.11")),
        ("app/__pycache__/main.cpython-311.opt-2.pyc", PythonTag("cache", "cpython", "3.11")),
        ("app/__pycache__/test_a.cpython-311-pytest-7.4.0.pyc", PythonTag("cache", "cpython", "3.11")),
        ("app/__pycache__/main.pypy310.pyc", PythonTag("cache", "pypy", "3.10")),
        (
            "usr/lib/python3.11/__pycache__/ast.cpython-311.pyc",
            PythonTag("cache", "cpython", "3.11", home="usr/lib/python3.11", home_version="3.11"),
        ),
        (
            "usr/lib/python3.11/site-packages/only.pyc",
            PythonTag("cache", "cpython", home="usr/lib/python3.11", home_version="3.11", packages=True),
        ),
        (
            "usr/lib/python3/dist-packages/x/lib/python3.12/site-packages/y.py",
            PythonTag(
                "library",
                "cpython",
                home="usr/lib/python3/dist-packages/x/lib/python3.12",
                home_version="3.12",
                packages=True,
            ),
        ),
        ("usr/bin/python3.11", PythonTag("interpreter", "cpython", "3.11")),
        ("usr/local/bin/python3", PythonTag("interpreter", "cpython", "3")),
        ("opt/venv/bin/python", PythonTag("interpreter", "cpython")),
        ("bin/python2.7", PythonTag("interpreter", "cpython", "2.7")),
        ("usr/local/bin/python3.13t", PythonTag("interpreter", "cpython", "3.13", free_threaded=True)),
        ("opt/pypy/bin/pypy3.10", PythonTag("interpreter", "pypy", "3.10")),
    ],
)
def test_what_a_path_says(path: str, tag: PythonTag) -> None:
    assert python_of(path) == tag


@pytest.mark.parametrize(
    "path",
    [
        "",
        "usr/bin/python3-config",
        "usr/share/python3/debpython/version.py",
        "usr/lib/python3.11",
        "usr/lib/x86_64-linux-gnu/libpython3.11.so",
        "usr/lib/libz.so",
        "app/main.pyc",
        "app/python3.11/x.py",
        "mylib/python3.11/x.py",
    ],
)
def test_what_says_nothing(path: str) -> None:
    assert python_of(path) is None


def test_the_running_python_s_own_files() -> None:
    """Every suffix that it imports, and its own library, are understood as its own."""
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        tag = python_of(f"opt/v/lib/python{THIS}/site-packages/module{suffix}")
        assert tag is not None
        assert tag.kind == "extension"
        assert tag.version in (THIS, "3", "")
        assert tag.stable_abi == (".abi3" in suffix)
    library = sysconfig.get_path("stdlib").lstrip("/")
    found = [python_of(str(path).lstrip("/")) for path in Path("/", library).rglob("*.py*")]
    assert {(tag.home, tag.home_version, tag.implementation) for tag in found if tag and tag.kind != "extension"} >= {
        (library, THIS, "cpython")
    }
    assert None not in found


@pytest.mark.parametrize(
    ("mode", "staleness"),
    [
        (py_compile.PycInvalidationMode.TIMESTAMP, "timestamp"),
        (py_compile.PycInvalidationMode.CHECKED_HASH, "checked-hash"),
        (py_compile.PycInvalidationMode.UNCHECKED_HASH, "unchecked-hash"),
    ],
)
def test_a_pyc_of_the_running_python(mode: py_compile.PycInvalidationMode, staleness: str, tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("a = 1\n")
    compileall.compile_file(source, quiet=1, invalidation_mode=mode)
    (cached,) = (tmp_path / "__pycache__").iterdir()
    found = read_pyc(cached.read_bytes()[:16])
    assert (found.version, found.staleness) == (THIS, staleness)
    status = source.stat()
    expected = (int(status.st_mtime), 6) if staleness == "timestamp" else (0, 0)
    assert (found.mtime, found.size) == expected


@pytest.mark.parametrize("python", OTHERS, ids=lambda python: python.parts[-3])
def test_a_pyc_of_each_python_there_is(python: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("a = 1\n")
    subprocess.run([python, "-m", "py_compile", source], check=True)
    (cached,) = [*tmp_path.rglob("*.pyc")]
    told = subprocess.run(
        [python, "-c", "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"], check=True, capture_output=True
    )
    found = read_pyc(cached.read_bytes()[:16])
    assert found.version == told.stdout.decode()
    assert found.mtime == int(source.stat().st_mtime)
    if found.version != "2.7":
        assert found.size == 6


def test_magic_numbers_of_all_pythons() -> None:
    known = {
        62211: "2.7",
        3131: "3.0",
        3151: "3.1",
        3180: "3.2",
        3230: "3.3",
        3310: "3.4",
        3351: "3.5",
        3379: "3.6",
        3394: "3.7",
        3413: "3.8",
        3425: "3.9",
        3439: "3.10",
        3495: "3.11",
        3531: "3.12",
        3571: "3.13",
        3627: "3.14",
        336: "",
    }
    for magic, version in known.items():
        head = magic.to_bytes(2, "little") + b"\r\n" + bytes(12)
        assert read_pyc(head) == Pyc(magic, version, "timestamp")


@pytest.mark.parametrize("head", [b"", b"\xa7\r\r\n", b"\xa7\r\r\n\0\0\0\0", b"\xa7\r\r\n\4" + bytes(11), bytes(16)])
def test_what_is_no_pyc(head: bytes) -> None:
    with pytest.raises(MalformedError):
        read_pyc(head)


@given(st.binary(max_size=20) | st.binary(min_size=14, max_size=14).map(lambda raw: raw[:2] + b"\r\n" + raw[2:]))
def test_any_bytes_have_an_answer_or_the_named_error(head: bytes) -> None:
    assert isinstance(answer(read_pyc, head), Pyc | str)


pieces = st.sampled_from(
    [
        "/",
        "lib",
        "python3.11",
        "python3",
        "pypy3.10",
        ".cpython-311",
        ".abi3",
        ".so",
        ".pyc",
        "bin",
        "-x",
        "site-packages",
    ]
)


@given(st.text() | st.lists(pieces, max_size=10).map("".join))
def test_any_path_has_an_answer(path: str) -> None:
    tag = python_of(path)
    assert tag is None or path.startswith(tag.home)
    assert tag is None or bool(tag.home) == bool(tag.home_version)
