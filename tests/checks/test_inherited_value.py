import pytest

from rebaser.checks.inherited_value import CHECK
from rebaser.request import Severity
from tests.builders import an_image
from tests.checks.plans import NEW, OLD, OWN, a_plan


@pytest.mark.parametrize(("key", "old", "new"), [("WorkingDir", "/srv", "/opt"), ("User", "1000", "2000")])
def test_a_value_that_layers_were_built_under_and_that_changes_blocks(key: str, old: str, new: str) -> None:
    plan = a_plan(
        an_image([OLD], config={key: old}), an_image([OLD, OWN], config={key: old}), an_image([NEW], config={key: new})
    )
    (finding,) = CHECK.run(plan)
    assert finding.severity is Severity.BLOCKER
    assert not finding.absolute
    assert finding.message.endswith(f"({old} → {new})")
    assert finding.subject == f"/config/{key}"


def test_no_layers_of_its_own_means_that_nothing_depends_on_it() -> None:
    plan = a_plan(
        an_image([OLD], config={"WorkingDir": "/srv"}),
        an_image([OLD], config={"WorkingDir": "/srv"}),
        an_image([NEW], config={"WorkingDir": "/opt"}),
    )
    assert list(CHECK.run(plan)) == []


def test_becoming_root_without_being_asked_blocks_even_without_layers() -> None:
    plan = a_plan(an_image([OLD], config={"User": "app"}), an_image([OLD], config={"User": "app"}), an_image([NEW]))
    (finding,) = CHECK.run(plan)
    assert "does not run as root" in finding.message
    assert finding.message.endswith("(app → nothing)")


def test_onbuild_has_a_check_of_its_own() -> None:
    assert list(CHECK.run(a_plan(old=an_image([OLD], config={"OnBuild": ["RUN make"]})))) == []
