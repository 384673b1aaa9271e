import struct

from rebaser.checks.loader_cache_stale import CHECK
from tests.checks.evidence import Files, an_evidence, found

CACHE = "etc/ld.so.cache"


def cache(**paths: str) -> bytes:
    """The layout that ldconfig writes."""
    texts, rows = b"", []
    begin = 48 + 24 * len(paths)
    for name, path in paths.items():
        soname = name.replace("__", ".").encode()
        rows.append(struct.pack("<iIIIQ", 0x303, begin + len(texts), begin + len(texts) + len(soname) + 1, 0, 0))
        texts += soname + b"\0" + path.encode() + b"\0"
    return b"glibc-ld.so.cache1.1" + struct.pack("<II", len(paths), len(texts)) + bytes(20) + b"".join(rows) + texts


def test_a_cache_that_lists_what_is_gone_is_a_warning() -> None:
    evidence = an_evidence(
        {"opt/lib/liba.so": "1", CACHE: cache()}, [{CACHE: cache(liba__so="/opt/lib/liba.so")}], {CACHE: cache()}
    )
    assert found(CHECK, evidence) == [("warning", f"/{CACHE}")]


def test_a_cache_that_lacks_a_library_of_the_new_base_is_a_warning() -> None:
    new: Files = {"opt/lib/libb.so": "1", CACHE: cache(libb__so="/opt/lib/libb.so")}
    assert found(CHECK, an_evidence({CACHE: cache()}, [{CACHE: cache()}], new)) == [("warning", f"/{CACHE}")]


def test_a_cache_of_the_same_libraries_is_no_finding() -> None:
    told: Files = {"opt/lib/liba.so": "1", CACHE: cache(liba__so="/opt/lib/liba.so")}
    assert found(CHECK, an_evidence(told, [{CACHE: told[CACHE]}], told)) == []
