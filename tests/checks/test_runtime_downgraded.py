from rebaser.checks.runtime_downgraded import CHECK
from tests.checks.evidence import Files, an_evidence, found

V18, V20 = {"usr/lib/libnode.so.108": "1"}, {"usr/lib/libnode.so.115": "1"}
CODE: list[Files] = [{"srv/app.js": "1"}]


def test_code_for_a_newer_node_is_a_blocker() -> None:
    assert found(CHECK, an_evidence(V20, CODE, V18)) == [("blocker", "Node.js")]


def test_code_for_a_runtime_that_is_gone_is_a_blocker() -> None:
    assert found(CHECK, an_evidence(V20, CODE, {})) == [("blocker", "Node.js")]


def test_a_newer_runtime_is_no_finding() -> None:
    assert found(CHECK, an_evidence(V18, CODE, V20)) == []


def test_an_application_without_code_for_it_is_no_finding() -> None:
    assert found(CHECK, an_evidence(V20, [{"srv/page": "1"}], V18)) == []
