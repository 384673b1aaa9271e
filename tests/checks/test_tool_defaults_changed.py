import pytest

from rebaser.checks.tool_defaults_changed import CHECK
from rebaser.contents.settings import read_settings
from tests.checks.evidence import Files, an_evidence, findings, found

ROOT, APP = "root:x:0:0:root:/root:/bin/sh\n", "app:x:1000:1000::/home/app:/bin/sh\n"
DEFS = "# HOME_MODE\t0700\nUID_MIN\t\t\t 1000\nFAIL_DELAY\t\t3\n"
OLD: Files = {"etc/passwd": ROOT, "etc/login.defs": DEFS, "etc/skel/.profile": "1"}
OWN: Files = {"etc/passwd": ROOT + APP, "home/app/": ""}
STEP = "RUN useradd -m app"


def told(new: Files, own: Files = OWN, step: str = STEP) -> list[tuple[str, str]]:
    return found(CHECK, an_evidence(OLD, [own], {**OLD, **new}, steps=[step]))


def test_homes_that_a_rebuild_would_close_to_others_are_told() -> None:
    evidence = an_evidence(OLD, [OWN], {**OLD, "etc/login.defs": f"HOME_MODE\t0700\n{DEFS}"}, steps=[STEP])
    (finding,) = findings(CHECK, evidence)
    assert (finding.severity.word, finding.subject) == ("note", "/etc/login.defs")
    assert "useradd, which goes by /etc/login.defs" in finding.message
    assert finding.message.endswith("other values in it: HOME_MODE (nothing, now 0700); what it made stays as it is")


@pytest.mark.parametrize(
    "text", [DEFS.replace("\t3", "\t9"), f"# a comment\n{DEFS}", DEFS.replace("\t\t\t 1000", " 1000")]
)
def test_what_tools_for_accounts_do_not_read_is_no_finding(text: str) -> None:
    assert told({"etc/login.defs": text}) == []


def test_other_files_for_new_homes_are_told() -> None:
    assert told({"etc/skel/.profile": "2"}) == [("note", "/etc/skel")]


@pytest.mark.parametrize("path", ["etc/default/useradd", "etc/adduser.conf"])
def test_defaults_of_the_tools_themselves_are_told(path: str) -> None:
    assert told({path: "SHELL=/bin/sh\n"}) == [("note", f"/{path}")]


@pytest.mark.parametrize("step", ["RUN make", "RUN ./useradd.sh", "COPY passwd /etc/passwd"])
def test_accounts_that_no_tool_is_known_to_have_made_are_no_finding(step: str) -> None:
    assert told({"etc/skel/.profile": "2"}, step=step) == []


def test_a_step_that_made_no_user_is_no_finding() -> None:
    assert told({"etc/skel/.profile": "2"}, {"srv/page": "1"}) == []


def test_defaults_that_the_application_set_itself_are_no_finding() -> None:
    own = {**OWN, "etc/login.defs": "UMASK 077\n", "etc/skel/.profile": "own"}
    assert told({"etc/login.defs": "UMASK 022\n", "etc/skel/.profile": "2"}, own) == []


def test_settings_are_read_as_either_kind_of_file_writes_them() -> None:
    body = b'#A=1\nA 1\nA\t2\nB="x y"\n C = 3 \nD\nD=\n=9\n\xff\n'
    assert read_settings(body) == {"A": "2", "B": "x y", "C": "3", "D": ""}
