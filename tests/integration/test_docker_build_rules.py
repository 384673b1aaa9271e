"""What `docker build` makes of an application on another base: the yardstick of every rule of the rebase."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.images.engine import Builder
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.rules import RULES
from tests.integration.rules.model import Rule, Settings


@pytest.mark.parametrize("builder", Builder)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_rebuilt_on_the_new_base(rule: Rule, builder: Builder, dockerfiles: Dockerfiles) -> None:
    rebuilt = _build(rule, rule.new, builder, dockerfiles)
    expected = _expected(rule, builder)
    assert {name: _value(rebuilt, name) for name in expected} == expected


@pytest.mark.parametrize("builder", Builder)
def test_each_builder_has_its_own_way_to_say_empty(builder: Builder, dockerfiles: Dockerfiles) -> None:
    config = dockerfiles.config(dockerfiles.build("LABEL a=b", builder))["config"]
    empty = {name: value for name, value in config.items() if not value}
    assert empty == _EMPTY[builder]


_EMPTY: Mapping[Builder, Settings] = {
    Builder.CLASSIC: {
        **dict.fromkeys(("AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce"), False),
        **dict.fromkeys(("Hostname", "Domainname", "User", "WorkingDir"), ""),
        **dict.fromkeys(("Cmd", "Entrypoint", "Volumes", "OnBuild")),
    },
    Builder.BUILDKIT: {"OnBuild": None},
}


@pytest.mark.parametrize("builder", Builder)
def test_an_empty_command_differs_from_none_at_all(builder: Builder, dockerfiles: Dockerfiles) -> None:
    config = dockerfiles.config(dockerfiles.build("CMD []\n", builder))["config"]
    assert config.get("Cmd", "absent") == ([] if builder is Builder.CLASSIC else "absent")


def _build(rule: Rule, base: str, builder: Builder, dockerfiles: Dockerfiles) -> Mapping[str, Any]:
    tag = dockerfiles.build(rule.app, builder, dockerfiles.build(base, builder), rule.options)
    return dockerfiles.config(tag)


def _expected(rule: Rule, builder: Builder) -> Settings:
    return {**rule.rebuilt, **(rule.classic if builder is Builder.CLASSIC else rule.buildkit)}


def _value(document: Mapping[str, Any], name: str) -> object:
    place = document if name == "author" else document["config"]
    return place.get(name) or None
