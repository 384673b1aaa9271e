from rebaser.checks.java_option_removed import CHECK
from rebaser.oci.strict_json import Json
from tests.checks.evidence import Files, an_evidence, found, program, script


def java(version: int) -> Files:
    return {"opt/java/release": f'JAVA_VERSION="{version}.0.1"\n', "opt/java/bin/java": program(b"1")}


HOME = "JAVA_HOME=/opt/java"
OPTION = "-XX:+UseBiasedLocking"


def test_an_option_of_the_command_that_the_new_java_refuses_is_a_blocker() -> None:
    config: dict[str, Json] = {"Cmd": ["java", OPTION, "A"], "Env": [HOME]}
    assert found(CHECK, an_evidence(java(17), new=java(21), env=[HOME], config=config)) == [("blocker", OPTION)]


def test_an_option_in_a_variable_or_a_script_counts() -> None:
    config: dict[str, Json] = {"Env": [HOME, f"JAVA_OPTS=-Xmx1g {OPTION}"]}
    own = [{"run": script(f"#!/bin/sh\njava {OPTION} A\n")}]
    evidence = an_evidence(java(17), own, java(21), env=[HOME], config=config)
    assert found(CHECK, evidence) == [("blocker", OPTION), ("blocker", OPTION)]


def test_an_option_that_both_refuse_or_both_take_is_no_finding() -> None:
    config: dict[str, Json] = {"Cmd": ["java", OPTION, "A"], "Env": [HOME]}
    assert found(CHECK, an_evidence(java(11), new=java(17), env=[HOME], config=config)) == []
    assert found(CHECK, an_evidence(java(21), new=java(25), env=[HOME], config=config)) == []
