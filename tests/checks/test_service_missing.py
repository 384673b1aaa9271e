from rebaser.checks.service_missing import CHECK
from tests.builders import symlink
from tests.checks.evidence import an_evidence, found

LINK = "etc/systemd/system/multi-user.target.wants/nginx.service"
UNIT = "usr/lib/systemd/system/nginx.service"


def test_a_service_whose_unit_is_gone_is_a_warning() -> None:
    assert found(CHECK, an_evidence({UNIT: "1"}, [{LINK: symlink(f"/{UNIT}")}], {})) == [("warning", f"/{LINK}")]


def test_a_service_whose_unit_is_there_is_no_finding() -> None:
    assert found(CHECK, an_evidence({UNIT: "1"}, [{LINK: symlink(f"/{UNIT}")}], {UNIT: "2"})) == []
