from rebaser.checks.volume_hides import CHECK
from tests.checks.evidence import an_evidence, found


def test_a_new_volume_over_the_application_s_files_is_a_warning() -> None:
    evidence = an_evidence({}, [{"srv/own": "1"}], {}, new_config={"Volumes": {"/srv": {}}})
    assert found(CHECK, evidence) == [("warning", "/srv")]


def test_a_new_volume_elsewhere_is_no_finding() -> None:
    assert found(CHECK, an_evidence({}, [{"srv/own": "1"}], {}, new_config={"Volumes": {"/data": {}}})) == []
