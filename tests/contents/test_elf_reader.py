"""Against readelf on the files of this machine, and against files that nobody should write."""

import os
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.elf import Elf
from rebaser.contents.elf_parts import WHOLE
from rebaser.contents.elf_reader import ElfReader
from rebaser.contents.malformed import MalformedError
from rebaser.contents.symbol_set import SymbolSet, symbols_of
from tests.contents.elves import an_elf

WHOLE_ELF = an_elf(
    needed=["libc.so.6", "libx.so.1"],
    soname="liby.so.2",
    interpreter="/lib64/ld-linux-x86-64.so.2",
    runpath="$ORIGIN/lib",
    required={"libc.so.6": ["GLIBC_2.34", "GLIBC_2.2.5"], "libx.so.1": ["X_1"]},
    undefined=["wanted", "other"],
    defined=["given", "more"],
    isa=2,
    kernel=(3, 2, 0),
    text=b"\0libloaded.so.1\0",
)


def read(content: bytes, piece: int = 1 << 18) -> Elf:
    reader = ElfReader(len(content))
    for at in range(0, len(content), piece):
        reader.feed(content[at : at + piece])
    return reader.facts()


@given(st.integers(1, 700))
def test_everything_that_a_file_says(piece: int) -> None:
    elf = read(WHOLE_ELF, piece)
    assert (elf.bits, elf.byte_order, elf.machine, elf.kind) == (64, "little", 62, "shared")
    assert (elf.interpreter, elf.soname) == ("/lib64/ld-linux-x86-64.so.2", "liby.so.2")
    assert (elf.needed, elf.runpath, elf.rpath) == (("libc.so.6", "libx.so.1"), "$ORIGIN/lib", "")
    assert elf.required == (("libc.so.6", ("GLIBC_2.34", "GLIBC_2.2.5")), ("libx.so.1", ("X_1",)))
    assert (elf.undefined, elf.loads) == (("wanted", "other"), ("libloaded.so.1",))
    assert elf.defined is not None
    assert ["given" in elf.defined, "more" in elf.defined, "wanted" in elf.defined] == [True, True, False]
    assert (elf.kernel, elf.isa_needed) == ((3, 2, 0), 2)


def test_a_library_with_versions_tells_them_and_not_its_symbols() -> None:
    elf = read(an_elf(soname="libv.so.1", provided=["V_1", "V_2"], defined=["a"]))
    assert (elf.provided, elf.defined) == (("V_1", "V_2"), None)


def test_a_large_file_is_read_without_being_kept() -> None:
    content = an_elf(needed=["liba.so"], text=bytes(5 * WHOLE))
    reader = ElfReader(len(content))
    for at in range(0, len(content), 1 << 16):
        reader.feed(content[at : at + (1 << 16)])
    assert reader.facts().needed == ("liba.so",)


@given(st.integers(0, len(WHOLE_ELF) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_read_or_malformed(at: int, wrong: bytes) -> None:
    with suppress(MalformedError):
        read(WHOLE_ELF[:at] + wrong + WHOLE_ELF[at + len(wrong) :])


@given(st.integers(4, len(WHOLE_ELF)))
def test_a_file_that_is_cut_off_is_read_or_malformed(length: int) -> None:
    with suppress(MalformedError):
        read(WHOLE_ELF[:length])


@given(st.binary(max_size=500))
def test_what_only_begins_like_a_program_is_read_or_malformed(content: bytes) -> None:
    with suppress(MalformedError):
        read(b"\x7fELF" + content)


def test_a_file_with_32_bits_in_big_endian() -> None:
    strings = b"\0liba.so\0"
    dynamic = struct.pack(">IIIIIIII", 1, 1, 5, 200, 10, len(strings), 0, 0)
    head = b"\x7fELF\x01\x02\x01" + bytes(9)
    head += struct.pack(">HHIIIIIHHHHHH", 3, 20, 1, 0, 52, 0, 0, 52, 32, 2, 0, 0, 0)
    segments = struct.pack(">8I", 1, 0, 0, 0, 300, 300, 4, 1) + struct.pack(">8I", 2, 150, 150, 150, 32, 32, 4, 1)
    content = (head + segments).ljust(150, b"\0") + dynamic
    content = (content.ljust(200, b"\0") + strings).ljust(300, b"\0")
    elf = read(content)
    assert (elf.bits, elf.byte_order, elf.machine, elf.needed) == (32, "big", 20, ("liba.so",))


def machine_files() -> Iterator[Path]:
    for root in (Path("/usr/bin"), Path("/usr/lib/x86_64-linux-gnu"), Path(sys.prefix) / "lib"):
        for directory, _, names in os.walk(root):
            for name in names:
                path = Path(directory) / name
                if path.is_file() and not path.is_symlink() and path.stat().st_size < 8 << 20:
                    with path.open("rb") as file:
                        if file.read(4) == b"\x7fELF":
                            yield path


@pytest.mark.skipif(shutil.which("readelf") is None, reason="there is no readelf here")
def test_files_of_this_machine_say_what_readelf_says() -> None:
    paths = list(islice(machine_files(), 0, 1200, 6))
    assert len(paths) > 50
    for path in paths:
        told = subprocess.run(("readelf", "-dVW", "--dyn-syms", path), capture_output=True, check=True).stdout
        text, elf = told.decode(errors="surrogateescape"), read(path.read_bytes(), 70_000)
        assert elf.needed == tuple(re.findall(r"\(NEEDED\)\s+Shared library: \[(.*)\]", text)), path
        assert elf.soname == "".join(re.findall(r"\(SONAME\)\s+Library soname: \[(.*)\]", text)), path
        assert elf.runpath == "".join(re.findall(r"\(RUNPATH\)\s+Library runpath: \[(.*)\]", text)), path
        given_ones = {name for name, section in _symbols(text) if section != "UND"}
        assert elf.defined is None or all(name in elf.defined for name in given_ones), path
        plain = [name for name, section in _symbols(text) if section == "UND" and "@" not in name]
        assert sorted(elf.undefined) == sorted(plain), path


def _symbols(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        row = line.split()
        if len(row) >= 8 and re.fullmatch(r"\d+:", row[0]) and row[4] in ("GLOBAL", "UNIQUE"):
            name = row[7] if row[6] == "UND" else row[7].partition("@")[0]
            if row[6] == "UND" or row[5] in ("DEFAULT", "PROTECTED"):
                yield name, row[6]


@given(st.lists(st.text(min_size=1, max_size=20), max_size=50))
def test_a_symbol_that_is_there_is_always_found(names: list[str]) -> None:
    found = symbols_of(name.encode() for name in names)
    assert all(name in found for name in names)
    assert all(name in SymbolSet(found.encoded) for name in names)


def test_few_symbols_seem_to_be_there_that_are_not() -> None:
    found = symbols_of(b"symbol_%d" % number for number in range(3000))
    wrong = sum(f"other_{number}" in found for number in range(20_000))
    assert wrong <= 20
    assert len(found.encoded) <= 3 * 3000
