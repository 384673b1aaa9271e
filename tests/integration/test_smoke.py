"""A result is tried in a real engine before any tag moves: what works, what fails, what is well by itself."""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rebaser.documents import Documents
from rebaser.gather import Gatherer
from rebaser.oci.digest import parse_digest
from rebaser.oci.platform import Platform
from rebaser.oci.reference import parse_reference
from rebaser.smoke.containers import Watch
from rebaser.smoke.trying import made_ready, tried
from rebaser.transports.docker_engine import engine_from
from rebaser.transports.open import Places
from rebaser.transports.registry.network import Network
from rebaser.transports.traffic import Traffic
from rebaser.trial.model import Command
from rebaser.verification import verified
from tests.images.engine import Builder, Engine
from tests.images.machine import environment
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.process import Rebaser, Told

APP = "COPY a.txt /srv/a.txt\nCOPY dir /srv/dir\nENV GREETING=hello\nEXPOSE 8080\n"
STRUCTURE = """\
schemaVersion: 2.0.0
globalEnvVars:
  - {key: PATH, value: "/srv:$PATH"}
commandTests:
  - name: greets
    command: sh
    args: [-c, 'echo "$GREETING $WHO $PATH"; echo careful >&2']
    envVars: [{key: WHO, value: world}]
    expectedOutput: ["^hello world /srv:/"]
    excludedOutput: [moon]
    expectedError: [careful]
  - name: what is set up stays
    setup: [[touch, /made], [sh, -c, "test -e /made && echo 1 > /kept"]]
    command: cat
    args: [/kept]
    expectedOutput: ["1"]
    teardown: [[rm, /made]]
  - name: fails as it should
    command: sh
    args: [-c, exit 3]
    exitCode: 3
fileExistenceTests:
  - {name: file, path: /srv/a.txt, shouldExist: true, permissions: "-rw-r--r--", uid: 0, gid: 0}
  - {name: directory, path: /srv/dir, permissions: drwxr-xr-x, isExecutableBy: other}
  - {name: nothing, path: /srv/nothing, shouldExist: false}
fileContentTests:
  - {name: content, path: /srv/a.txt, expectedContents: ["a.txt"], excludedContents: ["b"]}
  - {name: through a link, path: /srv/dir/c.txt, expectedContents: [dir/c]}
metadataTest:
  envVars: [{key: GREETING, value: "^h", isRegex: true}]
  unboundEnvVars: [{key: NOTHING}]
  exposedPorts: ["8080"]
  unexposedPorts: ["80"]
  cmd: ["/bin/sh"]
"""


class Bench:
    """Rebases one small application, which changes nothing but its base, and looks at what is left in the engine."""

    def __init__(self, dockerfiles: Dockerfiles, rebaser: Rebaser, directory: Path) -> None:
        self._dockerfiles, self._rebaser, self.directory = dockerfiles, rebaser, directory
        self.engine: Engine = dockerfiles.images.engine
        self.old = dockerfiles.build("RUN touch /old", Builder.CLASSIC)
        self.new = dockerfiles.build("RUN touch /new", Builder.CLASSIC)

    def rebase(self, tests: str, instructions: str = 'CMD ["/bin/sh"]', *more: str) -> Told:
        app = self._dockerfiles.build(APP + instructions, Builder.CLASSIC, on=self.old)
        bases = (f"--old-base=docker-daemon:{self.old}", f"--new-base=docker-daemon:{self.new}")
        tag = f"--tags=oci:{self.directory}/out:app"
        return self._rebaser.rebase(f"docker-daemon:{app}", *bases, tag, f"--smoke-test={tests}", *more)

    @property
    def tagged(self) -> bool:
        index = self.directory / "out" / "index.json"
        return index.exists() and bool(json.loads(index.read_text())["manifests"])

    def containers(self) -> list[str]:
        return self.engine.run("ps", "--all", "--quiet", "--filter=label=io.rebaser.purpose=smoke-test").split()

    def nameless(self) -> set[str]:
        return set(self.engine.run("images", "--quiet", "--no-trunc", "--filter=dangling=true").split())


@pytest.fixture
def bench(dockerfiles: Dockerfiles, rebaser: Rebaser, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(dockerfiles, rebaser, tmp_path)
    yield bench
    assert bench.containers() == []


def results(told: Told) -> dict[str, str]:
    return {entry["test"]: entry["failure"] for entry in told.report["smokeTests"]}


def test_a_result_that_works_gets_its_tag_and_leaves_nothing_in_the_engine(bench: Bench) -> None:
    told = bench.rebase('[ -e /new ] && echo "$GREETING"\n["/bin/cat", "/srv/a.txt"]')
    assert told.code == 0, told.everything
    assert bench.tagged
    first, second = told.report["smokeTests"]
    assert (first["exitCode"], first["output"], first["failure"]) == (0, ["hello"], "")
    assert (second["test"], second["output"]) == ('["/bin/cat", "/srv/a.txt"]', ["a.txt"])
    digest = told.platform["layersAfter"][-1]["diffId"]
    for image in bench.nameless():
        assert digest not in bench.engine.run("image", "inspect", image)


def test_a_result_that_fails_gets_no_tag_and_says_what_it_printed(bench: Bench) -> None:
    told = bench.rebase("echo looking for old >&2; test -e /old")
    assert (told.code, told.report["result"], told.report["changed"]) == (1, "refused", False)
    assert not bench.tagged
    assert told.report["digest"] == told.report["originalDigest"]
    assert ("smoke-test-failed", "echo looking for old >&2; test -e /old") in told.findings("blocker")
    assert told.report["smokeTests"][0]["output"] == ["looking for old"]
    assert "it ended with 1 (looking for old)" in told.out


def test_a_failure_can_be_tolerated_with_a_reason(bench: Bench) -> None:
    told = bench.rebase("false_is_not_there", 'CMD ["/bin/sh"]', "--tolerate=smoke-test-failed: known")
    assert told.code == 0, told.everything
    assert bench.tagged


def test_a_program_that_is_not_there_is_a_failure_and_no_error_of_the_engine(bench: Bench) -> None:
    told = bench.rebase('["/no/such/program"]')
    assert (told.code, told.report["result"]) == (1, "refused")
    assert told.report["smokeTests"][0]["exitCode"] == 127
    assert "no such file or directory" in told.report["smokeTests"][0]["failure"]


def test_there_is_no_network_but_the_containers_own(bench: Bench) -> None:
    told = bench.rebase("cat /sys/class/net/*/address; ls /sys/class/net")
    assert told.code == 0, told.everything
    assert told.report["smokeTests"][0]["output"] == ["00:00:00:00:00:00", "lo"]


def test_an_image_that_is_well_by_itself_is_waited_for(bench: Bench) -> None:
    health = "HEALTHCHECK --interval=3s CMD test -e /new && test -e /ready\n"
    told = bench.rebase(
        "healthcheck", health + 'CMD ["/bin/sh", "-c", "touch /ready; while test -e /ready; do :; done"]'
    )
    assert told.code == 0, told.everything
    assert results(told) == {"healthcheck": ""}


def test_an_image_whose_own_health_check_fails_is_refused(bench: Bench) -> None:
    health = "HEALTHCHECK --interval=1s --retries=1 CMD echo unwell; test -e /old\n"
    told = bench.rebase("healthcheck", health + 'CMD ["/bin/sh", "-c", "while :; do :; done"]')
    assert (told.code, results(told)) == (1, {"healthcheck": "its health check fails"})
    assert told.report["smokeTests"][0]["output"] == ["unwell"]


def test_an_image_that_ends_before_it_is_well_is_refused(bench: Bench) -> None:
    told = bench.rebase("healthcheck", 'HEALTHCHECK CMD true\nCMD ["/bin/sh", "-c", "echo bye; exit 4"]')
    assert (told.code, results(told)) == (1, {"healthcheck": "it ended with 4 before its health check had passed"})


def test_an_image_without_a_health_check_is_told_as_a_wrong_input(bench: Bench) -> None:
    told = bench.rebase("healthcheck")
    assert told.code == 2
    assert "smoke-test" in told.err
    assert not bench.tagged


def test_a_file_of_structure_tests_is_carried_out(bench: Bench) -> None:
    file = bench.directory / "structure.yaml"
    file.write_text(STRUCTURE)
    told = bench.rebase(f"structure-test:{file}")
    assert told.code == 0, told.everything
    assert {name.rpartition(": ")[2]: failure for name, failure in results(told).items()} == {
        "greets": "",
        "what is set up stays": "",
        "fails as it should": "",
        "file": "",
        "directory": "",
        "nothing": "",
        "content": "",
        "through a link": "",
        "metadataTest": "",
    }


def test_each_structure_test_that_fails_says_what_is_wrong(bench: Bench) -> None:
    file = bench.directory / "structure.yaml"
    changed = STRUCTURE.replace("hello world", "good bye").replace("uid: 0", "uid: 7")
    file.write_text(changed.replace('excludedContents: ["b"]', 'excludedContents: ["txt"]'))
    told = bench.rebase(f"structure-test:{file}")
    wrong = {name.rpartition(": ")[2]: failure for name, failure in results(told).items() if failure}
    assert wrong == {
        "greets": "its output does not match '^good bye /srv:/'",
        "file": "/srv/a.txt belongs to user 0, not 7",
        "content": "/srv/a.txt matches 'txt'",
    }
    assert told.code == 1


def test_a_command_that_hangs_is_ended_and_removed(bench: Bench) -> None:
    command = Command(("/bin/sh", "-c", "echo begun; while :; do :; done"), "hangs")
    with Places(Network(), Traffic(), engine=engine_from(environment())) as places, ThreadPoolExecutor() as pool:
        named = parse_reference(f"docker-daemon:{bench.new}")
        gatherer = Gatherer(Documents(places), pool)
        images = [child.image for _, child in gatherer.original(named, ()).children()]
        ready = replace(made_ready(places.engine()), watch=Watch(seconds=3))
        (found,) = tried((command,), places.open(named.repository), images, ready).results
    assert (found.exit_code, found.output) == (None, ("begun",))
    assert found.failure == "it was ended after 3 seconds"
    assert found.seconds < 10


def test_a_rebased_image_differs_from_a_rebuilt_one_in_nothing_that_is_not_expected(bench: Bench) -> None:
    told = bench.rebase("true")
    assert told.code == 0, told.everything
    rebuilt = bench._dockerfiles.build(APP + 'CMD ["/bin/sh"]', Builder.CLASSIC, on=bench.new)
    rebased = parse_reference(f"oci:{bench.directory}/out").with_digest(parse_digest(told.report["digest"]))
    with Places(Network(), Traffic(), engine=engine_from(environment())) as places:
        images = {Platform("linux", "amd64"): parse_reference(f"docker-daemon:{rebuilt}")}
        (platform,) = verified(rebased, images, places, None).platforms
    assert [one for one in platform.deviations if not one.expected] == []
    assert "created" in {one.subject for one in platform.deviations}


def test_without_an_engine_nothing_is_stored_and_the_error_names_the_input(
    bench: Bench, rebaser: Rebaser, tmp_path: Path
) -> None:
    saved = {}
    app = bench._dockerfiles.build(APP, Builder.CLASSIC, on=bench.old)
    for name, tag in {"app": app, "old": bench.old, "new": bench.new}.items():
        saved[name] = f"docker-archive:{tmp_path / name}.tar"
        subprocess.run((bench.engine.client, "save", "--output", tmp_path / f"{name}.tar", tag), check=True)
    told = rebaser.rebase(
        saved["app"],
        f"--old-base={saved['old']}",
        f"--new-base={saved['new']}",
        f"--tags=oci:{tmp_path}/out:app",
        "--smoke-test=true",
        DOCKER_HOST="unix:///nowhere/docker.sock",
    )
    assert (told.code, told.report["error"]["code"]) == (3, "smoke-test-impossible")
    assert "`smoke-test`" in told.report["error"]["message"]
    assert not (tmp_path / "out" / "index.json").exists()
