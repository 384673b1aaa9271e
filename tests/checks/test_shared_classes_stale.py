import struct

from rebaser.checks.shared_classes_stale import CHECK
from rebaser.oci.strict_json import Json
from tests.checks.evidence import an_evidence, found

ARCHIVE = struct.pack("<III", 0xF00BABA2, 0, 11) + bytes(64)
MACHINE = "opt/java/lib/server/libjvm.so"


def test_an_archive_for_another_build_of_java_is_a_warning() -> None:
    assert found(CHECK, an_evidence({MACHINE: "1"}, [{"app/app.jsa": ARCHIVE}], {MACHINE: "2"})) == [
        ("warning", "/app/app.jsa")
    ]


def test_a_java_that_insists_on_it_does_not_start() -> None:
    config: dict[str, Json] = {"Cmd": ["java", "-Xshare:on", "A"]}
    evidence = an_evidence({MACHINE: "1"}, [{"app/app.jsa": ARCHIVE}], {MACHINE: "2"}, config=config)
    assert found(CHECK, evidence) == [("blocker", "/app/app.jsa")]


def test_the_same_java_is_no_finding() -> None:
    assert found(CHECK, an_evidence({MACHINE: "1"}, [{"app/app.jsa": ARCHIVE}], {MACHINE: "1"})) == []
