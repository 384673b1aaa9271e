from rebaser.checks.extension_bound import CHECK
from tests.checks.evidence import Files, an_evidence, findings, found
from tests.contents.elves import an_elf

OLD: Files = {"usr/lib/libperl.so.5.36": "1"}
NEW: Files = {"usr/lib/libperl.so.5.40": "1"}
BOUND: list[Files] = [{"opt/Own.so": an_elf(undefined=["Perl_xs_handshake"])}]


def test_an_extension_for_another_perl_is_a_blocker() -> None:
    (finding,) = findings(CHECK, an_evidence(OLD, BOUND, NEW))
    assert (finding.subject, finding.before, finding.after) == ("/opt/Own.so", "5.36", "5.40")


def test_an_extension_for_the_perl_that_is_there_is_no_finding() -> None:
    assert found(CHECK, an_evidence(OLD, BOUND, OLD)) == []
