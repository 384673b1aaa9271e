"""The catalogue as a whole, without building anything."""

import re
from pathlib import Path

from tests.images.catalog import APPS, BASES, MAJOR_BASE, REGISTRIES, UPGRADED

HERE = Path(__file__).parent
INSTRUCTIONS = {
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip


def test_every_directory_is_listed() -> None:
    assert {path.name for path in (HERE / "apps").iterdir()} == APPS.keys()
    assert {path.name for path in (HERE / "bases").iterdir()} == BASES.keys()
    assert {path.name for path in (HERE / "registries").iterdir()} == {*REGISTRIES}


def test_what_moves_to_the_next_release_exists() -> None:
    assert APPS.keys() >= {*UPGRADED}
    assert MAJOR_BASE in BASES


def test_the_applications_between_them_use_every_instruction() -> None:
    text = "\n".join(path.read_text() for path in HERE.glob("apps/*/Dockerfile"))
    assert set(re.findall(r"^([A-Z]+) ", text, re.MULTILINE)) == INSTRUCTIONS


def test_no_application_names_its_base() -> None:
    for path in HERE.glob("apps/*/Dockerfile"):
        assert re.findall(r"^FROM \$\{BASE\}$", path.read_text(), re.MULTILINE), path
