"""What a rebase leaves beside an image in real registries: the next ones live on it, and skopeo reads it back."""

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rebaser.oci.reference import parse_reference
from rebaser.plan.saved_base import SAVED_BASE, SAVED_CONFIG, SAVED_MANIFEST
from rebaser.transports.oci_layout import OciLayout
from rebaser.transports.traffic import Traffic
from tests.builders import AnImage, an_image, store
from tests.integration.process import Rebaser, Told
from tests.integration.registries import Registry, skopeo
from tests.plan.slsa import STATEMENT_SCHEMA
from tests.runs import built_on, layers_of, recorded

IN_TOTO = "application/vnd.in-toto+json"


def a_base(number: int) -> AnImage:
    env = ["PATH=/usr/bin", f"BASE={number}"]
    return an_image(layers_of(*(f"base-{number}-{layer}" for layer in range(number))), env=env)


def put(registry: Registry, image: AnImage, repository: str, tag: str, directory: Path) -> str:
    """Put an image into a registry, with skopeo."""
    place = parse_reference(f"oci:{directory / repository.replace('/', '-')}-{tag}:{tag}")
    store(image, OciLayout(place.repository, Traffic()), tag)
    return registry.copy(str(place), repository, tag)


def referrers(registry: Registry, repository: str, digest: str) -> dict[str, str]:
    """What refers to an image, digest by type: listed by the registry, or else under the tag; read by skopeo."""
    answer = registry.get(f"{repository}/referrers/{digest}")
    listed = answer.json() if answer.is_success else raw(registry, repository, f":{digest.replace(':', '-')}")
    digests = [one["digest"] for one in listed["manifests"]]
    return {raw(registry, repository, f"@{one}")["artifactType"]: one for one in digests}


def raw(registry: Registry, repository: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(skopeo("inspect", "--raw", f"docker://{registry.address}/{repository}{name}"))
    return found


@pytest.mark.parametrize("name", ["distribution", "referrers"])
def test_three_updates_of_the_base_with_the_old_ones_deleted(
    name: str, registries: dict[str, Registry], rebaser: Rebaser, tmp_path: Path
) -> None:
    registry, first = registries[name], a_base(1)
    put(registry, first, "trail/base", "1", tmp_path)
    note = recorded(registry.reference("trail/base", "1"), first.digest)
    app = built_on(first, annotations=note, config={"Cmd": ["own"]})
    image = put(registry, app, "trail/app", "latest", tmp_path)
    own = [layer.digest for layer in app.layers[1:]]

    before, new = first, ""
    for number in (2, 3, 4):
        base = a_base(number)
        new = put(registry, base, "trail/base", str(number), tmp_path)
        if number > 2:
            registry.delete("trail/base", before.digest)
        told = rebaser.rebase(image, "--new-base", new, "--provenance", "push")
        assert told.code == 0, told.everything
        assert told.report["result"] == "rebased"
        # distribution serves the saved manifest by its digest as well, so that the annotation leads there
        found = "annotation" if number == 2 or name == "distribution" else "saved base"
        assert told.platform["oldBase"]["found"] == found
        assert told.platform["oldBase"]["digest"] == before.digest
        assert registry.layers("trail/app") == [*(layer.digest for layer in base.layers), *own]
        config = registry.config("trail/app")["config"]
        assert (config["Env"], config["Cmd"]) == (["PATH=/usr/bin", f"BASE={number}"], ["own"])
        _assert_trail(registry, told, base)
        before = base
    again = rebaser.rebase(image, "--new-base", new, "--provenance", "push")
    assert (again.code, again.report["result"], again.report["traffic"]["bytesUp"]) == (0, "unchanged", 0)


def _assert_trail(registry: Registry, told: Told, base: AnImage) -> None:
    digest = told.report["digest"]
    found = referrers(registry, "trail/app", digest)
    assert set(found) == {IN_TOTO, SAVED_BASE}
    kept = raw(registry, "trail/app", f"@{found[SAVED_BASE]}")
    assert kept["subject"]["digest"] == digest
    assert {layer["mediaType"]: layer["digest"] for layer in kept["layers"]} == {
        SAVED_MANIFEST: base.digest,
        SAVED_CONFIG: base.config_descriptor.digest,
    }
    stated = raw(registry, "trail/app", f"@{found[IN_TOTO]}")
    assert (stated["artifactType"], stated["subject"]["digest"]) == (IN_TOTO, digest)
    (layer,) = stated["layers"]
    assert layer["annotations"] == {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"}
    content = registry.get(f"trail/app/blobs/{layer['digest']}").content
    assert f"sha256:{hashlib.sha256(content).hexdigest()}" == layer["digest"]
    statement = json.loads(content)
    jsonschema.validate(statement, STATEMENT_SCHEMA)
    assert [subject["digest"]["sha256"] for subject in statement["subject"]] == [digest[7:]]


def test_a_registry_without_the_api_gets_no_tags_unless_that_is_asked_for(
    distribution: Registry, rebaser: Rebaser, tmp_path: Path
) -> None:
    first, second = a_base(1), a_base(2)
    bases = [put(distribution, base, "quiet/base", str(at), tmp_path) for at, base in enumerate((first, second), 1)]
    image = put(distribution, built_on(first), "quiet/app", "latest", tmp_path)
    told = rebaser.rebase(image, "--old-base", bases[0], "--new-base", bases[1])
    assert told.code == 0, told.everything
    assert distribution.tags("quiet/app") == ["latest"]
    assert told.report["notices"] == []
    assert '"https://slsa.dev/provenance/v1"' in told.written
