from rebaser.checks.node_changed import CHECK
from tests.checks.evidence import an_evidence, findings, found
from tests.contents.elves import an_elf

V18, V20 = {"usr/lib/libnode.so.108": "1"}, {"usr/lib/libnode.so.115": "1"}
BOUND, FREE = an_elf(undefined=["_ZN2v87Isolate10GetCurrentEv"]), an_elf(undefined=["napi_create_function"])


def test_an_add_on_that_is_bound_to_another_node_is_a_blocker() -> None:
    (finding,) = findings(CHECK, an_evidence(V18, [{"app/x.node": BOUND}], V20))
    assert (finding.subject, finding.before, finding.after) == ("/app/x.node", 108, 115)


def test_an_add_on_of_node_api_fits_any() -> None:
    assert found(CHECK, an_evidence(V18, [{"app/x.node": FREE}], V20)) == []


def test_the_same_node_is_no_finding() -> None:
    assert found(CHECK, an_evidence(V18, [{"app/x.node": BOUND}], V18)) == []
