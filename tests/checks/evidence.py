"""Evidence for layer checks, from files by path.

    evidence = an_evidence(old={"lib/x": "1"}, app=[{"lib/x": "own"}], new={"lib/x": "2"})
    assert found(CHECK, evidence) == [("blocker", "/lib/x")]

Files are as in `builders.a_layer`: text or bytes, `symlink()`, `hard_link()`, an `AFile` with mode and owner, a path
with a slash at its end for a directory. A name like `lib/.wh.x` removes `lib/x`.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from rebaser.checks.base import Finding, LayerCheck
from rebaser.layers.index import Depth, LayerIndex, index_layer
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.draft import plan_platform
from rebaser.plan.evidence import Evidence, Indexes, gather_evidence
from rebaser.plan.model import Trio, Wishes
from tests.builders import AFile, ALayer, FileInTar, a_layer, an_image, as_image, buildkit
from tests.checks.plans import a_base

Files: TypeAlias = Mapping[str, FileInTar]


def script(text: str) -> AFile:
    """A script that may be executed."""
    return AFile(text, 0o755)


def program(content: bytes) -> AFile:
    """A program that may be executed."""
    return AFile(content, 0o755)


def an_evidence(
    old: Files | None = None,
    app: Sequence[Files] = ({"app/file": "own"},),
    new: Files | None = None,
    *,
    env: Sequence[str] = (),
    new_env: Sequence[str] | None = None,
    config: Mapping[str, Json] | None = None,
    base_config: Mapping[str, Json] | None = None,
    new_config: Mapping[str, Json] | None = None,
    steps: Sequence[str] | None = None,
) -> Evidence:
    """The old base, the application's layers, the new base; `config` is the application's own beside what it inherits.

    `env` are the variables of the old base and so of the application; `new_env` those of the new one, the same unless
    given. `steps` are the instructions that made the application's layers; RUN unless given.
    """
    bottom, top = a_layer(old or {}), [a_layer(files) for files in app]
    inherited: JsonObject = {"Env": list(env), **dict(base_config or {})}
    newer: JsonObject = {"Env": list(env if new_env is None else new_env)}
    newer |= dict(new_config if new_config is not None else base_config or {})
    fresh = a_layer(new or {})
    history = [buildkit("RUN base"), *(buildkit(step) for step in steps or [f"RUN {n}" for n, _ in enumerate(top)])]
    was = an_image([bottom], config=inherited, history=[buildkit("RUN base")])
    now = an_image([fresh], config=newer, history=[buildkit("RUN base, newer")])
    original = an_image([bottom, *top], config={**inherited, **dict(config or {})}, history=history)
    trio = Trio(as_image(original), a_base(was), a_base(now))
    plan = plan_platform((), trio, (), Wishes())
    assert plan.draft is not None
    indexes = Indexes((_base(bottom),), (_base(fresh),), tuple(_own(layer) for layer in top))
    return gather_evidence(plan, plan.draft, indexes)


def found(check: LayerCheck, evidence: Evidence) -> list[tuple[str, str]]:
    """What a check says: severity and subject of each finding."""
    return [(finding.severity.word, finding.subject) for finding in findings(check, evidence)]


def findings(check: LayerCheck, evidence: Evidence) -> list[Finding]:
    listed = list(check.run(evidence))
    assert all(finding.check == check.id for finding in listed)
    assert all(finding.message and finding.remedy.endswith(".") for finding in listed)
    return listed


def _base(layer: ALayer) -> LayerIndex:
    return index_layer([layer.content], layer.diff_id, Depth.BASE)


def _own(layer: ALayer) -> LayerIndex:
    return index_layer([layer.content], layer.diff_id, Depth.APPLICATION)
