from rebaser.checks.plugin_missing import CHECK
from tests.checks.evidence import an_evidence, found

NSS = "usr/lib/x86_64-linux-gnu/libnss_sss.so.2"


def test_a_module_that_an_own_file_names_and_that_is_gone_is_a_blocker() -> None:
    evidence = an_evidence({NSS: "1"}, [{"etc/nsswitch.conf": "passwd: files sss\n"}], {})
    assert found(CHECK, evidence) == [("blocker", "libnss_sss.so.2")]


def test_a_pam_module_that_is_gone_is_a_blocker() -> None:
    old = {"usr/lib/x86_64-linux-gnu/security/pam_own.so": "1"}
    evidence = an_evidence(old, [{"etc/pam.d/app": "auth required pam_own.so\n"}], {})
    assert found(CHECK, evidence) == [("blocker", "pam_own.so")]


def test_a_module_that_was_never_there_is_no_finding() -> None:
    assert found(CHECK, an_evidence({}, [{"etc/nsswitch.conf": "passwd: files sss\n"}], {})) == []
