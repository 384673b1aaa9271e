"""One application, built once on Java 17, and then moved to Java 21: compiled classes, a script, and a PATH."""

import pytest

from tests.images.engine import Builder, Engine
from tests.integration.process import Rebaser
from tests.integration.registries import Registry
from tests.integration.shelf import Shelf


@pytest.mark.parametrize("builder", Builder)
def test_it_runs_on_whichever_java_the_base_brings(
    builder: Builder, shelf: Shelf, distribution: Registry, rebaser: Rebaser, engine: Engine
) -> None:
    repository = f"java/{builder}"
    old, new = shelf.bases(("java-17", "java-21"), builder, distribution)
    image = shelf.app("java", "java-17", builder, distribution, repository)
    before = _variables(distribution, repository)
    assert _said(engine, image)[0] == "java 17"

    told = rebaser.rebase(image, "--old-base", old, "--new-base", new, "--tags", "on-21")
    assert told.code == 0, told.everything
    assert {check for check, _ in told.findings("warning")} <= {"library-missing"}  # of fonts and sound, in that base

    after, base = _variables(distribution, repository, "on-21"), _variables(distribution, "bases/java-21", builder)
    assert before["PATH"] != after["PATH"] == f"/scripts:{base['PATH']}"
    assert before["JAVA_HOME"] != after["JAVA_HOME"] == base["JAVA_HOME"]
    with distribution.pulled(distribution.reference(repository, "on-21")) as moved:
        found = [f"JAVA_HOME {base['JAVA_HOME']}", f"PATH /scripts:{base['PATH']}"]
        assert _said(engine, moved) == ["java 21", *found, "hello from Java 21"]
        assert engine.run("run", "--rm", moved, "sh", "-c", "command -v show-java") == "/scripts/show-java\n"
    assert _said(engine, image)[0] == "java 17"


def _said(engine: Engine, image: str) -> list[str]:
    return engine.run("run", "--rm", "--network=none", image).splitlines()


def _variables(registry: Registry, repository: str, tag: str = "latest") -> dict[str, str]:
    listed: list[str] = registry.config(repository, tag)["config"]["Env"]
    return {name: value for name, _, value in (entry.partition("=") for entry in listed)}
