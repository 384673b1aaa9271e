from dataclasses import replace

from rebaser.checks.path_through_link import CHECK
from rebaser.plan.adapted import Adapted
from rebaser.plan.places import Problem
from tests.builders import symlink
from tests.checks.evidence import Files, an_evidence, findings, found


def test_a_path_below_what_is_a_link_now_is_a_blocker() -> None:
    evidence = an_evidence({"lib/a": "1"}, [{"lib/own": "1"}], {"usr/lib/a": "1", "lib": symlink("usr/lib")})
    assert found(CHECK, evidence) == [("blocker", "/lib")]


def test_a_path_below_what_is_a_file_now_cannot_be_unpacked_everywhere() -> None:
    (finding,) = findings(CHECK, an_evidence({"opt/x/": ""}, [{"opt/x/own": "1"}], {"opt/x": "a file"}))
    assert finding.absolute


def test_a_path_through_a_link_of_both_bases_is_no_finding() -> None:
    base: Files = {"usr/lib/a": "1", "lib": symlink("usr/lib")}
    assert found(CHECK, an_evidence(base, [{"lib/own": "1"}], base)) == []


def test_a_path_below_directories_is_no_finding() -> None:
    assert found(CHECK, an_evidence({"lib/a": "1"}, [{"lib/own": "1"}], {"lib/b": "1"})) == []


def test_it_says_why_the_layers_could_not_be_changed() -> None:
    evidence = an_evidence({"lib/a": "1"}, [{"lib/own": "1"}], {"usr/lib/a": "1", "lib": symlink("usr/lib")})
    problem = Problem("lib/own", "would meet 'usr/lib/own' of the same layer")
    (told,) = findings(CHECK, replace(evidence, adapted=Adapted(problems=(problem,))))
    assert told.message.endswith("The layers were not changed: /lib/own would meet 'usr/lib/own' of the same layer")
