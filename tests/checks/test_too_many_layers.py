import pytest

from rebaser.checks.too_many_layers import CHECK
from rebaser.request import Severity
from tests.builders import a_layer, an_image
from tests.checks.plans import OLD, OWN, a_plan


@pytest.mark.parametrize(("base_layers", "severity"), [(99, None), (100, Severity.WARNING), (124, Severity.WARNING)])
def test_a_deep_stack_is_a_warning_that_grows(base_layers: int, severity: Severity | None) -> None:
    found = list(CHECK.run(a_plan(new=an_image([a_layer({"n": str(n)}) for n in range(base_layers)]))))
    assert [finding.severity for finding in found] == ([severity] if severity else [])


def test_a_stack_that_no_engine_can_unpack_is_refused() -> None:
    (finding,) = CHECK.run(a_plan(new=an_image([a_layer({"n": str(n)}) for n in range(125)])))
    assert finding.absolute
    assert "126 layers" in finding.message


def test_a_deep_image_that_does_not_grow_is_no_finding() -> None:
    deep = [OLD, *(a_layer({"n": str(n)}) for n in range(110))]
    assert list(CHECK.run(a_plan(app=an_image([*deep, OWN])))) == []
