"""Files of container-structure-test: what is understood, and what is refused by name."""

import json

import pytest

from rebaser.trial.structure import MAX_FILE, parse_structure

HEAD = "schemaVersion: 2.0.0\n"
COMMAND = HEAD + "commandTests: [{name: n, command: c"


def test_a_whole_file_in_yaml_and_in_json_says_the_same() -> None:
    told = {
        "schemaVersion": "2.0.0",
        "globalEnvVars": [{"key": "A", "value": "1"}],
        "commandTests": [{"name": "n", "command": "c", "args": ["-x"], "expectedOutput": ["^v\\d"], "exitCode": 2}],
        "fileExistenceTests": [{"name": "f", "path": "/f", "shouldExist": False}],
        "fileContentTests": [{"name": "f", "path": "/f", "expectedContents": ["x"]}],
        "metadataTest": {"envVars": [{"key": "A", "value": "1"}], "entrypoint": [], "exposedPorts": ["80"]},
        "containerRunOptions": {"user": "app"},
    }
    content = json.dumps(told).encode()
    found = parse_structure(content, name="t.json")
    assert parse_structure(content, name="t.yaml") == found
    assert found.command_tests[0].exit_code == 2
    assert found.metadata_test is not None
    assert (found.metadata_test.entrypoint, found.metadata_test.cmd) == ((), None)
    assert found.container_run_options.user == "app"


def test_numbers_may_stand_where_texts_are_meant() -> None:
    text = HEAD + "metadataTest: {exposedPorts: [8080], env: [{key: N, value: 3}]}"
    found = parse_structure(text.encode(), name="t.yaml")
    assert found.metadata_test is not None
    assert found.metadata_test.exposed_ports == ("8080",)
    assert found.metadata_test.env_vars[0].value == "3"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("schemaVersion: 1.0.0\nmetadataTest: {user: a}", "schemaVersion: Input should be '2.0.0'"),
        (HEAD, "it holds no test"),
        ("", "valid dictionary"),
        (HEAD + "licenseTests: [{debian: true}]", "licenseTests: is not known here"),
        (HEAD + "metadataTest: {usr: a}", "metadataTest.usr: is not known here"),
        (HEAD + "containerRunOptions: {privileged: true}", "containerRunOptions.privileged: is not known here"),
        (HEAD + "containerRunOptions: {bindMounts: [/:/host]}", "containerRunOptions.bindMounts: is not known here"),
        (COMMAND + ", expectedOutput: ['(']}]", "commandTests.0.expectedOutput.0: .*is not understood"),
        (COMMAND + ", setup: [[]]}]", "commandTests.0.setup.0"),
        (HEAD + "commandTests: [{name: n}]", "commandTests.0.command: Field required"),
        (HEAD + "fileExistenceTests: [{name: n, path: /, isExecutableBy: me}]", "isExecutableBy"),
        (HEAD + "metadataTest: {labels: [{key: k, value: '[', isRegex: true}]}", "is not understood"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("[" * 3000, "it is not YAML"),
        ("a: !!python/object/apply:os.system [id]", "it is not YAML"),
        ("{", "it is not YAML"),
    ],
)
def test_what_cannot_be_carried_out_is_told_where_it_stands(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_structure(text.encode(), name="t.yaml")


def test_a_file_that_nobody_writes_is_refused_unread() -> None:
    with pytest.raises(ValueError, match="more than 262144 bytes"):
        parse_structure(b"#" * (MAX_FILE + 1), name="t.yaml")


def test_json_that_goes_too_deep_is_told() -> None:
    with pytest.raises(ValueError, match="it is not JSON"):
        parse_structure(b"[" * 100_000, name="t.json")
