from dataclasses import replace

from rebaser.checks.hard_link_broken import CHECK
from rebaser.plan.adapted import Adapted
from rebaser.plan.places import Problem
from tests.builders import hard_link
from tests.checks.evidence import an_evidence, findings, found


def test_a_hard_link_to_what_is_gone_can_be_unpacked_nowhere() -> None:
    (finding,) = findings(CHECK, an_evidence({"bin/a": "1"}, [{"bin/b": hard_link("bin/a")}], {}))
    assert (finding.subject, finding.absolute) == ("/bin/b", True)


def test_a_hard_link_to_what_changed_is_a_warning() -> None:
    evidence = an_evidence({"bin/a": "1"}, [{"bin/b": hard_link("bin/a")}], {"bin/a": "2"})
    assert found(CHECK, evidence) == [("warning", "/bin/b")]


def test_a_hard_link_within_a_layer_is_no_finding() -> None:
    evidence = an_evidence({"bin/a": "1"}, [{"opt/a": "1", "opt/b": hard_link("opt/a")}], {})
    assert found(CHECK, evidence) == []


def test_it_says_why_the_link_could_not_become_a_file() -> None:
    evidence = an_evidence({"bin/a": "1"}, [{"bin/b": hard_link("bin/a")}], {})
    problem = Problem("bin/b", "joins 'bin/a', which is too large to be copied")
    (told,) = findings(CHECK, replace(evidence, adapted=Adapted(problems=(problem,))))
    assert told.message.endswith(
        "It cannot become a file of its own: it joins 'bin/a', which is too large to be copied"
    )
