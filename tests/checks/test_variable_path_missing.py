from rebaser.checks.variable_path_missing import CHECK
from tests.checks.evidence import an_evidence, found

OLD, NEW = {"opt/java-17/bin/": ""}, {"opt/java-21/bin/": ""}


def test_an_own_variable_with_a_path_that_is_gone_is_a_blocker() -> None:
    assert found(CHECK, an_evidence(OLD, new=NEW, config={"Env": ["JAVA_HOME=/opt/java-17"]})) == [
        ("blocker", "JAVA_HOME")
    ]


def test_an_element_of_path_that_is_gone_is_a_warning() -> None:
    assert found(CHECK, an_evidence(OLD, new=NEW, config={"Env": ["PATH=/opt/java-17/bin:/bin"]})) == [
        ("warning", "PATH")
    ]


def test_a_variable_that_follows_the_base_is_no_finding() -> None:
    evidence = an_evidence(OLD, new=NEW, env=["JAVA_HOME=/opt/java-17"], new_env=["JAVA_HOME=/opt/java-21"])
    assert found(CHECK, evidence) == []


def test_a_path_that_never_was_is_no_finding() -> None:
    assert found(CHECK, an_evidence(OLD, new=NEW, config={"Env": ["DATA=/data"]})) == []
