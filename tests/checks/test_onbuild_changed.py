from rebaser.checks.onbuild_changed import CHECK
from rebaser.oci.strict_json import Json
from rebaser.request import Severity
from tests.builders import an_image
from tests.checks.plans import NEW, OLD, a_plan


def test_triggers_that_only_the_old_base_had_ran_in_the_applications_build() -> None:
    (finding,) = CHECK.run(a_plan(old=an_image([OLD], config={"OnBuild": ["RUN make"]})))
    assert finding.severity is Severity.BLOCKER
    assert not finding.absolute
    assert (finding.before, finding.after) == (["RUN make"], None)


def test_triggers_of_the_new_base_would_run_in_a_rebuild() -> None:
    assert len(list(CHECK.run(a_plan(new=an_image([NEW], config={"OnBuild": ["RUN make"]}))))) == 1


def test_the_same_triggers_in_both_bases_are_no_finding() -> None:
    triggers: dict[str, Json] = {"OnBuild": ["RUN make"]}
    assert list(CHECK.run(a_plan(old=an_image([OLD], config=triggers), new=an_image([NEW], config=triggers)))) == []
    assert list(CHECK.run(a_plan(old=an_image([OLD], config={"OnBuild": None})))) == []
