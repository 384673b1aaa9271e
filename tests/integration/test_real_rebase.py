"""Applications that `docker build` built, rebased in real registries, beside the same ones built on the new base."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from itertools import cycle
from pathlib import Path

import jsonpatch
import pytest

from tests.images.catalog import APPS, MAJOR_BASE, UPGRADED
from tests.images.engine import Builder, Engine
from tests.integration.comparing import differences, same
from tests.integration.moves import Move, Moved, carry_out
from tests.integration.process import Rebaser
from tests.integration.registries import Registry, skopeo
from tests.integration.shelf import Shelf

MOVES = (
    *(Move(app.name, app.new_base, builder) for app in APPS.values() for builder in Builder),
    *(Move(name, MAJOR_BASE, builder) for name, builder in zip(UPGRADED, cycle(Builder), strict=False)),
    Move("inheriting", "debian-new", Builder.CLASSIC, "referrers"),
    Move("environment", "debian-new", Builder.BUILDKIT, "referrers"),
    Move("packages", "debian-new", Builder.BUILDKIT, "referrers"),
)

HOW_BASES_ARRIVE = {"distribution": "mounted", "referrers": "copied"}
DOCUMENTS = 256 * 1024  # bytes; no layer of a base is as small as all documents together

SAYS: Mapping[str, str] = {
    "inheriting": "started by the {age} base\nthe {title} base",
    "greeter": "greeter: good morning to you and you",
    "command": "started by the {age} base\nhello there from /opt/base\n{age}",
    "environment": "started by the {age} base\nfirst again last with vanilla\n{age}",
    "files": "started by the {age} base\n/srv/site/logs\nkept\nthe index\n"
    "33:33 pages/index.txt\n1000:1000 ../front/front.txt",
    "stages": "started by the {age} base\nprogram 1.2.3 (1.2.3 nightly build)",
    "watched": "watched, with shell options e",
    "unwatched": "nobody watches",
    "packages": "started by the {age} base\ncron install ok installed\nless install ok installed\ncrontab",
    "trigger": "started by the {age} base\na base of its own",
    "java": "java 21\nJAVA_HOME /usr/lib/jvm/21\n"
    "PATH /scripts:/usr/lib/jvm/21/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
    "hello from Java 21",
}


@pytest.fixture(scope="module", params=MOVES, ids=str)
def moved(request: pytest.FixtureRequest, shelf: Shelf, registries: dict[str, Registry], rebaser: Rebaser) -> Moved:
    move: Move = request.param
    return carry_out(move, shelf, registries[move.registry], rebaser)


@pytest.fixture(scope="module")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Room for OCI layouts, and for the blobs that they share."""
    return tmp_path_factory.mktemp("layouts")


def test_it_says_what_a_rebuild_says(moved: Moved, engine: Engine) -> None:
    assert differences(moved.after.config, engine.config(moved.rebuilt)) == {}


def test_its_layers_are_the_new_bases_and_then_its_own(moved: Moved) -> None:
    assert moved.after.diff_ids == moved.new_base.diff_ids + moved.own_diff_ids
    assert moved.after.layers == moved.new_base.layers + moved.before.layers[len(moved.old_base.layers) :]


def test_its_history_tells_of_its_layers(moved: Moved) -> None:
    history, inherited = moved.after.config["history"], moved.new_base.config["history"]
    assert history[: len(inherited)] == inherited
    assert history[len(inherited) :] == moved.before.config["history"][len(moved.old_base.config["history"]) :]
    assert sum(not entry.get("empty_layer") for entry in history) == len(moved.after.diff_ids)


def test_the_patch_makes_the_new_document_of_the_original_one(moved: Moved) -> None:
    patched = jsonpatch.apply_patch(moved.before.config, moved.told.platform["configPatch"])
    assert same(patched, moved.after.config)


def test_the_report_tells_what_the_registry_has(moved: Moved) -> None:
    report = moved.told.report
    assert (report["result"], report["changed"], report["tags"]) == ("rebased", True, [moved.reference])
    assert (report["originalDigest"], report["digest"]) == (moved.before.digest, moved.after.digest)
    for when, image in (("layersBefore", moved.before), ("layersAfter", moved.after)):
        told = moved.told.platform[when]
        assert [layer["digest"] for layer in told] == image.layers
        assert [layer["diffId"] for layer in told] == image.diff_ids
        assert [layer["size"] for layer in told] == [layer["size"] for layer in image.manifest["layers"]]


def test_no_layer_passes_through_where_the_registry_can_mount(moved: Moved) -> None:
    base, own = set(moved.new_base.layers), set(moved.after.layers) - set(moved.new_base.layers)
    how = HOW_BASES_ARRIVE[moved.registry.name]
    traffic = moved.told.report["traffic"]
    assert traffic["blobs"] == {how: len(base), **({"present": len(own)} if own else {}), "uploaded": 1}
    assert (traffic["bytesDown"] + traffic["bytesUp"] < DOCUMENTS) == (how == "mounted")


def test_a_second_run_changes_nothing(moved: Moved, rebaser: Rebaser) -> None:
    tags = moved.registry.tags(moved.move.repository)
    again = rebaser.rebase(*_request(moved))
    assert again.code == 0, again.everything
    assert (again.report["result"], again.report["changed"]) == ("unchanged", False)
    assert again.report["digest"] == moved.after.digest
    assert (again.report["traffic"]["bytesUp"], again.report["traffic"]["blobs"]) == (0, {})
    assert moved.registry.digest(moved.move.repository) == moved.after.digest
    assert moved.registry.tags(moved.move.repository) == tags


def test_skopeo_reads_it_and_its_layers_are_what_they_should(moved: Moved, layouts: Path) -> None:
    image = f"docker://{moved.reference}"
    seen = json.loads(skopeo("inspect", image))
    assert (seen["Digest"], seen["Layers"]) == (moved.after.digest, moved.after.layers)
    assert same(json.loads(skopeo("inspect", "--config", "--raw", image)), moved.after.config)
    skopeo("copy", "--quiet", f"--dest-shared-blob-dir={layouts}", image, f"oci:{layouts / 'layout'}:{_tag(moved)}")
    assert [_diff_id(layouts / "sha256" / _hex(digest)) for digest in moved.after.layers] == moved.after.diff_ids


def test_docker_runs_it(moved: Moved, engine: Engine) -> None:
    with moved.registry.pulled(moved.reference) as pulled:
        said = engine.run("run", "--rm", "--network=none", pulled)
    age = moved.move.new_base.removeprefix("debian-")
    title = "next major" if age == "major" else age
    assert said == f"{SAYS[moved.move.app].format(age=age, title=title)}\n"


def _request(moved: Moved) -> tuple[str, ...]:
    """The same again where BuildKit built, and nothing but the image's name elsewhere: then its record must do."""
    return moved.request if moved.move.builder is Builder.BUILDKIT else moved.request[:1]


def _tag(moved: Moved) -> str:
    return _hex(moved.after.digest)[:16]


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


@cache
def _diff_id(blob: Path) -> str:
    """The digest of what is in a compressed layer."""
    found = hashlib.sha256()
    with gzip.open(blob) as content:
        while part := content.read(1 << 20):
            found.update(part)
    return f"sha256:{found.hexdigest()}"
