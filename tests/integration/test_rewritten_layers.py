"""An application of a system with `/bin` apart, moved to one where that is a link, and back; on the real engine."""

from typing import Any

import pytest

from rebaser.plan.compose import ORIGINAL_LAYERS
from tests.images.engine import Builder, Engine
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.process import Rebaser
from tests.integration.registries import Registry

APART = "ENV AGE=old"
APART_AGAIN = "ENV AGE=again"
MERGED = (
    'RUN ["/bin/busybox", "sh", "-c", "busybox mkdir -p /usr && busybox cp -a /bin /usr/ && rm -rf /bin && '
    '/usr/bin/busybox ln -s usr/bin /bin"]'
)
APP = r"""RUN printf '#!/bin/sh\necho of $AGE\n' > /bin/own && busybox chmod +x /bin/own
CMD ["own"]"""


@pytest.mark.parametrize("name", ["distribution", "referrers"])
def test_a_program_in_bin_goes_where_the_new_base_has_its_programs_and_back(
    name: str, registries: dict[str, Registry], dockerfiles: Dockerfiles, rebaser: Rebaser, engine: Engine
) -> None:
    registry, builder = registries[name], Builder.BUILDKIT
    apart, again = dockerfiles.build(APART, builder), dockerfiles.build(APART_AGAIN, builder)
    merged = dockerfiles.build(MERGED, builder, apart)
    tags = {"apart": apart, "again": again, "merged": merged}
    old, back, new = (registry.push(tags[tag], "rewritten/base", tag) for tag in ("apart", "again", "merged"))
    image = registry.push(dockerfiles.build(APP, builder, apart), "rewritten/app")
    before = registry.manifest("rewritten/app")["layers"][-1]

    told = rebaser.rebase(image, "--old-base", old, "--new-base", new)
    assert told.code == 0, told.everything
    (layer,) = told.platform["rewrittenLayers"]
    assert layer["original"] == before["digest"]
    assert {change["path"] for change in layer["changes"]} == {"/bin", "/bin/own"}
    with registry.pulled(image) as pulled:
        assert engine.run("run", "--rm", pulled) == "of old\n"
        assert engine.run("run", "--rm", pulled, "/usr/bin/own") == "of old\n"
    (referrer,) = _referrers(registry, told.report["digest"])
    kept = registry.manifest("rewritten/app", referrer["digest"])
    assert kept["artifactType"] == ORIGINAL_LAYERS
    assert [one["digest"] for one in kept["layers"]] == [before["digest"]]

    told = rebaser.rebase(image, "--old-base", new, "--new-base", back)
    assert told.code == 0, told.everything
    assert registry.manifest("rewritten/app")["layers"][-1]["digest"] == before["digest"]
    with registry.pulled(image) as pulled:
        assert engine.run("run", "--rm", pulled) == "of again\n"


def _referrers(registry: Registry, digest: str) -> list[dict[str, Any]]:
    """What keeps layers of an image: as the registry lists it, or else as the tag does."""
    answer = registry.get(f"rewritten/app/referrers/{digest}")
    if answer.is_success:
        found: list[dict[str, Any]] = answer.json()["manifests"]
        return [one for one in found if one["artifactType"] == ORIGINAL_LAYERS]
    tagged: list[dict[str, Any]] = registry.manifest("rewritten/app", digest.replace(":", "-"))["manifests"]
    return tagged
