"""What is wrong with what a structure test found, in words."""

import pytest

from rebaser.oci.strict_json import JsonObject
from rebaser.trial import judging, patterns
from rebaser.trial.judging import File, Said
from rebaser.trial.structure import CommandTest, FileContentTest, FileExistenceTest, MetadataTest, Variable

SETTINGS: JsonObject = {
    "Env": ["PATH=/bin", "A=1=2"],
    "Labels": {"v": "1.2"},
    "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
    "Volumes": {"/data": {}},
    "Entrypoint": ["/e"],
    "User": "app",
}


def metadata(**members: object) -> list[str]:
    return list(judging.of_metadata(MetadataTest.model_validate(members), SETTINGS))


def test_metadata_that_is_as_expected() -> None:
    assert (
        metadata(
            envVars=[{"key": "A", "value": "1=2"}],
            unboundEnvVars=[{"key": "B"}],
            labels=[{"key": "v", "value": r"^\d", "isRegex": True}],
            exposedPorts=["80", "53/udp"],
            unexposedPorts=["53", "8080"],
            volumes=["/data"],
            unmountedVolumes=["/other"],
            entrypoint=["/e"],
            cmd=[],
            user="app",
        )
        == []
    )


def test_metadata_that_is_not() -> None:
    assert metadata(
        envVars=[{"key": "A", "value": "1"}, {"key": "B", "value": ""}],
        unboundEnvVars=[{"key": "PATH"}],
        labels=[{"key": "v", "value": "^x", "isRegex": True}],
        exposedPorts=["53"],
        unexposedPorts=["80"],
        volumes=["/other"],
        unmountedVolumes=["/data"],
        entrypoint=[],
        cmd=["x"],
        workdir="/srv",
        user="root",
    ) == [
        "the variable A is '1=2', not '1'",
        "the variable B is not set",
        "the variable PATH is set",
        "the label v does not match '^x'",
        "the port 53 is not exposed",
        "the port 80 is exposed",
        "/other is no volume",
        "/data is a volume",
        "Entrypoint is ['/e'], not []",
        "Cmd is [], not ['x']",
        "WorkingDir is '', not '/srv'",
        "User is 'app', not 'root'",
    ]


@pytest.mark.parametrize(
    ("file", "permissions"),
    [
        (File("", 0o644, 0, 0), "-rw-r--r--"),
        (File("d", 0o755, 0, 0), "drwxr-xr-x"),
        (File("d", 0o1777, 0, 0), "dtrwxrwxrwx"),
        (File("", 0o4755, 0, 0), "urwxr-xr-x"),
        (File("L", 0o777, 0, 0), "Lrwxrwxrwx"),
        (File("Dc", 0o666, 0, 0), "Dcrw-rw-rw-"),
    ],
)
def test_modes_are_written_as_in_files_of_structure_tests(file: File, permissions: str) -> None:
    assert file.permissions == permissions


def test_what_stands_at_a_path() -> None:
    told = {"name": "n", "path": "/f", "permissions": "-rwxr-x---", "uid": 0, "gid": 5}
    test = FileExistenceTest.model_validate(told)
    executable = FileExistenceTest.model_validate({"name": "n", "path": "/f", "isExecutableBy": "other"})
    assert list(judging.of_file(test, None)) == ["/f is not there"]
    assert list(judging.of_file(test, File("", 0o750, 1, 5))) == ["/f belongs to user 1, not 0"]
    assert list(judging.of_file(test, File("", 0o751, 0, 5))) == ["/f has the mode -rwxr-x--x, not -rwxr-x---"]
    assert list(judging.of_file(executable, File("", 0o750, 1, 5))) == ["/f is not executable by other"]


def test_what_a_command_said() -> None:
    test = CommandTest.model_validate(
        {"name": "n", "command": "c", "expectedOutput": ["^a"], "excludedOutput": ["b"], "expectedError": ["e"]}
    )
    assert list(judging.of_command(test, Said(0, "a", "e"))) == []
    assert list(judging.of_command(test, Said(1, "b", ""))) == [
        "it ended with 1, not 0",
        "its output does not match '^a'",
        "its output matches 'b'",
        "its error output does not match 'e'",
    ]


def test_a_pattern_that_would_take_forever_has_not_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.2)
    pattern = r"(a|aa)+(a|aaa)+(a|aaaa)+$"
    test = FileContentTest.model_validate({"name": "n", "path": "/f", "expectedContents": [pattern]})
    (problem,) = judging.of_content(test, "a" * 5000 + "b")
    assert "takes more than" in problem


def test_variables_may_hold_what_was_set_before() -> None:
    given = (Variable(key="PATH", value="/own:$PATH"), Variable(key="ALL", value="${PATH}+$NONE"))
    assert judging.set_variables(given, {"PATH": "/bin"}) == ("PATH=/own:/bin", "ALL=/own:/bin+")
