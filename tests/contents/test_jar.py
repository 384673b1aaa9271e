import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.jar import JarFacts, read_jar
from rebaser.contents.java import ClassVersion
from tests.contents.hostile import answer
from tests.contents.test_zip_entries import archive

MANIFEST = "META-INF/MANIFEST.MF"


def class_of(major: int, minor: int = 0) -> bytes:
    return b"\xca\xfe\xba\xbe" + minor.to_bytes(2, "big") + major.to_bytes(2, "big") + b"\0\x10constants" * 20


def test_the_highest_class_that_every_java_loads() -> None:
    facts = read_jar(
        archive(
            {
                MANIFEST: b"Manifest-Version: 1.0\r\nMain-Class: shop.Ma\r\n in\r\nMulti-Release: TRUE\r\n"
                b"Automatic-Module-Name: shop\r\n\r\nName: x\r\nMain-Class: other\r\n",
                "shop/Main.class": class_of(52),
                "shop/New.class": class_of(55),
                "META-INF/versions/21/shop/New.class": class_of(65),
                "module-info.class": class_of(61),
                "native/libshop.so": b"\x7fELF",
                "readme.txt": b"",
            }
        )
    )
    assert facts == JarFacts(
        ClassVersion(55, preview=False),
        classes=2,
        unread=0,
        complete=True,
        multi_release=True,
        main_class="shop.Main",
        module_name="shop",
        native=("native/libshop.so",),
    )


def test_no_classes_no_manifest() -> None:
    facts = read_jar(archive({"a.txt": b"a"}))
    assert facts == JarFacts(None, 0, 0, True, False, "", "", ())


def test_of_two_alike_the_one_with_previews_counts() -> None:
    facts = read_jar(archive({"a.class": class_of(65), "b.class": class_of(65, 0xFFFF), "c.class": class_of(65)}))
    assert facts.highest == ClassVersion(65, preview=True)


def test_what_is_no_class_is_counted() -> None:
    facts = read_jar(archive({"a.class": b"text", "b.class": class_of(52)}))
    assert (facts.classes, facts.unread) == (1, 1)


def test_archives_within_are_looked_into() -> None:
    inner = archive({"lib/A.class": class_of(61), "META-INF/versions/22/lib/A.class": class_of(66)})
    outer = archive({"BOOT-INF/lib/a.jar": inner, "BOOT-INF/lib/broken.jar": b"no"}, zipfile.ZIP_STORED)
    facts = read_jar(outer)
    assert (facts.highest, facts.classes, facts.unread) == (ClassVersion(61, preview=False), 1, 1)


def test_archives_within_that_are_compressed_are_not() -> None:
    inner = archive({"lib/A.class": class_of(61)})
    assert read_jar(archive({"a.jar": inner})).highest is None


def test_more_classes_than_are_looked_at() -> None:
    facts = read_jar(archive({f"{number}.class": class_of(52) for number in range(20_001)}, zipfile.ZIP_STORED))
    assert (facts.classes, facts.complete) == (20_000, False)


def test_entries_that_share_their_bytes_cost_no_more_than_they_hold() -> None:
    """Thousands of entries that all name one archive of a megabyte: without a bound, gigabytes to read."""
    inner = archive({"x.bin": bytes(1_000_000), "A.class": class_of(52)}, zipfile.ZIP_STORED)
    body = archive({"a.jar": inner}, zipfile.ZIP_STORED)
    directory = body.index(b"PK\1\2", len(inner))
    end = body.index(b"PK\5\6", directory)
    entry, tail = body[directory:end], body[end:]
    copies = 20_000
    length = (len(entry) * copies).to_bytes(4, "little")
    trap = body[:directory] + entry * copies + tail[:12] + length + tail[16:]
    begun = time.perf_counter()
    facts = read_jar(trap)
    assert time.perf_counter() - begun < 2
    assert 0 < facts.classes < 10


@pytest.mark.skipif(not (shutil.which("javac") and shutil.which("jar")), reason="no Java compiler here")
@pytest.mark.parametrize("release", [8, 11, 17])
def test_a_jar_that_the_jdk_here_makes(release: int, tmp_path: Path) -> None:
    (tmp_path / "Main.java").write_text("public class Main { public static void main(String[] a) {} }")
    compiled = ["javac", "--release", str(release), "-nowarn", "-Xlint:-options", "-d", "out", "Main.java"]
    subprocess.run(compiled, cwd=tmp_path, check=True)
    subprocess.run(["jar", "cfe", "a.jar", "Main", "-C", "out", "."], cwd=tmp_path, check=True)
    facts = read_jar((tmp_path / "a.jar").read_bytes())
    assert facts.highest is not None
    assert (facts.highest.java, facts.main_class, facts.classes) == (release, "Main", 1)


sample = archive({MANIFEST: b"Main-Class: a\n\n", "a.class": class_of(52)}, zipfile.ZIP_STORED)


@given(
    st.binary(max_size=200)
    | st.tuples(st.integers(0, len(sample) - 1), st.integers(0, 255)).map(
        lambda change: sample[: change[0]] + bytes([change[1]]) + sample[change[0] + 1 :]
    )
)
def test_any_bytes_have_an_answer_or_the_named_error(body: bytes) -> None:
    assert isinstance(answer(read_jar, body), JarFacts | str)
