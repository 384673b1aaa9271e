"""What is read at all is read as Python's tarfile and GNU tar read it, however an archive is damaged."""

import re
import shutil
import subprocess
from pathlib import Path
from random import Random  # noqa: TID251  with a fixed seed

import pytest

from rebaser.layers.limits import UnreadableError
from tests.layers.archives import BLOCK, Row, of_tarfile, ours, packed, summed, tree

pytestmark = pytest.mark.skipif(shutil.which("tar") is None, reason="there is no GNU tar here")

CASES = 250  # of each form, always the same
FORMS = {
    "gnu": ["--format=gnu"],
    "old gnu": ["--format=oldgnu"],
    "ustar": ["--format=ustar"],
    "v7": ["--format=v7"],
    "pax": ["--format=pax"],
    "gnu, sparse": ["--format=gnu", "--sparse"],
    "pax, sparse 0.0": ["--format=pax", "--sparse", "--sparse-version=0.0"],
    "pax, sparse 0.1": ["--format=pax", "--sparse", "--sparse-version=0.1"],
    "pax, sparse 1.0": ["--format=pax", "--sparse", "--sparse-version=1.0"],
}
BYTES = [*(bytes((value,)) for value in b"\0/ \xff\x80\x810789-+a.=\n125xLKSgV"), b"tar\0", b"ustar\0", b"ustar  \0"]
TEXTS = [b"path=", b"GNU.sparse.", b"size=", b"99999999999999999999", b" 1 "]
FIELDS = [0, 100, 108, 116, 124, 136, 156, 157, 257, 263, 329, 337, 345, 386, 482, 483, 500, 508, 512]
LINE = re.compile(rb'(.).{9} (\d+)/(\d+) +(\S+) [^"]*"((?:[^"\\]|\\.)*)"(?: (?:->|link to) "((?:[^"\\]|\\.)*)")?')
KINDS = {"-": "0", "C": "0", "h": "1", "l": "2", "c": "3", "b": "4", "d": "5", "p": "6"}
HARMLESS = (b"unknown extended header", b"lone zero", b"Substituting")


def of_gnu_tar(archive: bytes) -> list[Row]:
    told = ("env", "LC_ALL=C", "TZ=UTC", "tar", "--quoting-style=c", "--numeric-owner", "-P", "-tvf", "-")
    result = subprocess.run(told, input=archive, capture_output=True, check=False)
    complaints = [line for line in result.stderr.splitlines() if not any(text in line for text in HARMLESS)]
    assert (result.returncode, complaints) == (0, [])
    return [row(line) for line in result.stdout.splitlines()]


def row(line: bytes) -> Row:
    match = LINE.fullmatch(line)
    assert match is not None, line
    letter, uid, gid, size, name, link = match.groups()
    kind = KINDS[letter.decode()]
    major, _, minor = size.partition(b",")
    device = (int(major), int(minor)) if kind in "34" else (0, 0)
    names = [unquoted(text or b"") for text in (name, link)]
    return names[0].rstrip(b"/"), kind, int(uid), int(gid), int(size) if kind == "0" else 0, names[1], device


def unquoted(text: bytes) -> bytes:
    escapes = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"v": b"\v", b"f": b"\f"}

    def one(match: re.Match[bytes]) -> bytes:
        return bytes((int(match[1], 8),)) if len(match[1]) > 1 else escapes.get(match[1], match[1])

    return re.sub(rb"\\([0-7]{3}|.)", one, text, flags=re.DOTALL)


def damaged(archive: bytes, chance: Random) -> bytes:
    """The archive with bytes changed, and blocks swapped, left out or repeated; checksums mostly right again."""
    blocks = [archive[at : at + BLOCK] for at in range(0, len(archive), BLOCK)]
    headers = [at for at, block in enumerate(blocks) if block[100:103] == b"000" and block[148:153].isdigit()]
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        at, other = (chance.choice(headers) if chance.random() < 0.7 else chance.randrange(len(blocks)) for _ in "12")
        what = chance.random()
        if what < 0.5:
            field = chance.randrange(len(FIELDS) - 1)
            blocks[at] = changed(blocks[at], chance.randrange(FIELDS[field], FIELDS[field + 1]), chance, BYTES)
            blocks[at] = summed(blocks[at]) if chance.random() < 0.95 else blocks[at]
        elif what < 0.7:
            blocks[at] = changed(blocks[at], chance.randrange(chance.choice((64, BLOCK))), chance, BYTES + TEXTS)
        elif what < 0.8:
            blocks[at], blocks[other] = blocks[other], blocks[at]
        elif what < 0.9:
            blocks[at] = b""
        else:
            blocks[other] += b"".join(blocks[at : at + chance.choice((1, 2))])
    return b"".join(blocks)


def changed(block: bytes, at: int, chance: Random, choice: list[bytes]) -> bytes:
    text = chance.choice(choice) if chance.random() < 0.8 else chance.randbytes(1)
    return (block[:at] + text + block[at + len(text) :])[: len(block)]


@pytest.mark.parametrize("form", FORMS)
def test_what_gnu_tar_writes_is_read_as_others_read_it(form: str, tmp_path: Path) -> None:
    archive = packed(tree(tmp_path), *FORMS[form])
    assert len(ours(archive)) > 5
    assert ours(archive) == of_tarfile(archive) == of_gnu_tar(archive)


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_archive_is_unreadable_or_read_as_others_read_it(form: str, tmp_path: Path) -> None:
    archive, chance, accepted = packed(tree(tmp_path), *FORMS[form]), Random(form), 0  # noqa: S311
    for _ in range(CASES):
        case = damaged(archive, chance)
        try:
            found = ours(case)
        except UnreadableError:
            continue
        accepted += 1
        assert found == of_gnu_tar(case)
        assert found == of_tarfile(case)
    assert accepted > CASES // 10
