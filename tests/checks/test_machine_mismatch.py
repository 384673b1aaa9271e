from rebaser.checks.machine_mismatch import CHECK
from rebaser.request import Severity
from tests.checks.evidence import an_evidence, findings, found
from tests.contents.elves import an_elf


def test_a_base_of_another_machine_is_a_blocker() -> None:
    evidence = an_evidence({"bin/a": an_elf(machine=62)}, new={"bin/a": an_elf(machine=183)})
    (finding,) = findings(CHECK, evidence)
    assert (finding.severity, finding.before, finding.after) == (Severity.BLOCKER, [62, 64], [183, 64])


def test_one_program_of_another_machine_is_no_finding() -> None:
    base = {"bin/a": an_elf(), "bin/b": an_elf()}
    assert found(CHECK, an_evidence(base, new={**base, "lib/firmware": an_elf(machine=183)})) == []
