"""Images for several platforms, results and bases in another registry, and bases packed anew on their way."""

import json
from pathlib import Path
from typing import Any

from rebaser.oci.strict_json import Json
from tests.builders import AnEntry, AnImage, a_layer, an_image, attestation, buildkit, compact
from tests.images.engine import Builder, Engine
from tests.integration.comparing import differences
from tests.integration.dockerfiles import Dockerfiles
from tests.integration.moves import stored
from tests.integration.process import Rebaser
from tests.integration.registries import Registry, skopeo
from tests.integration.shelf import Shelf

INDEX = "application/vnd.oci.image.index.v1+json"
BASES = ("debian-old", "debian-new")
OTHER = {"amd64": "arm64", "arm64": "amd64"}


def test_all_platforms_of_an_index_move(
    shelf: Shelf, distribution: Registry, rebaser: Rebaser, engine: Engine, tmp_path: Path
) -> None:
    builder, architecture = Builder.BUILDKIT, _architecture(engine)
    old, new, app, rebuilt = _by_hand(f"linux/{OTHER[architecture]}")
    shelf.bases(BASES, builder, distribution)
    images = shelf.images
    real = {"old": images.base("debian-old", builder), "new": images.base("debian-new", builder)}
    bases = [
        _put_index(distribution, f"platforms/{age}", real[age], other) for age, other in (("old", old), ("new", new))
    ]
    image = _put_index(
        distribution, "platforms/app", images.app("greeter", "debian-old", builder), app, attestation(app)
    )

    request = (image, "--old-base", bases[0], "--new-base", bases[1])
    told = rebaser.rebase(*request)
    assert told.code == 0, told.everything
    moved = distribution.manifest("platforms/app")
    assert [entry["platform"]["architecture"] for entry in moved["manifests"]] == [architecture, OTHER[architecture]]
    assert told.report["digest"] == distribution.digest("platforms/app")
    assert [notice for notice in told.report["notices"] if "attestation" in notice]
    ours, theirs = (distribution.config("platforms/app", entry["digest"]) for entry in moved["manifests"])
    assert differences(ours, engine.config(images.app("greeter", "debian-new", builder))) == {}
    assert differences(theirs, json.loads(rebuilt.config)) == {}
    assert theirs["rootfs"]["diff_ids"] == [layer.diff_id for layer in rebuilt.layers]

    skopeo("copy", "--quiet", "--all", f"docker://{image}", f"oci:{tmp_path / 'layout'}:all")
    assert _index_in(tmp_path / "layout") == moved
    with distribution.pulled(image) as pulled:
        assert _run(engine, pulled) == "greeter: good morning to you and you\n"
    again = rebaser.rebase(*request)
    assert (again.code, again.report["result"], again.report["traffic"]["bytesUp"]) == (0, "unchanged", 0)
    assert distribution.manifest("platforms/app") == moved


def test_a_platform_that_is_not_wanted_stays(
    shelf: Shelf, distribution: Registry, rebaser: Rebaser, engine: Engine
) -> None:
    builder, architecture = Builder.CLASSIC, _architecture(engine)
    _, _, app, _ = _by_hand(f"linux/{OTHER[architecture]}")
    image = _put_index(distribution, "wanted/app", shelf.images.app("command", "debian-old", builder), app)
    before = distribution.manifest("wanted/app")
    old, new = shelf.bases(BASES, builder, distribution)
    told = rebaser.rebase(image, "--old-base", old, "--new-base", new, "--platforms", f"linux/{architecture}")
    assert told.code == 0, told.everything
    moved = distribution.manifest("wanted/app")
    assert moved["manifests"][0]["digest"] != before["manifests"][0]["digest"]
    assert moved["manifests"][1] == before["manifests"][1]


def test_the_result_goes_into_another_registry(
    shelf: Shelf, distribution: Registry, referrers: Registry, rebaser: Rebaser, engine: Engine
) -> None:
    builder = Builder.CLASSIC
    old, new = shelf.bases(BASES, builder, distribution)
    image = shelf.app("files", "debian-old", builder, distribution, "elsewhere/files")
    before = distribution.digest("elsewhere/files")
    there = referrers.reference("moved/files", "on-new")
    request = (image, "--old-base", old, "--new-base", new, "--tags", there)
    told = rebaser.rebase(*request)
    assert told.code == 0, told.everything
    after = stored(referrers, "moved/files", "on-new")
    assert (told.report["tags"], told.report["digest"]) == ([there], after.digest)
    assert told.report["traffic"]["blobs"] == {"copied": len(set(after.layers)), "uploaded": 1}
    assert distribution.digest("elsewhere/files") == before
    rebuilt = shelf.images.app("files", "debian-new", builder)
    assert differences(after.config, engine.config(rebuilt)) == {}
    with referrers.pulled(there) as pulled:
        assert _run(engine, pulled) == _run(engine, rebuilt)
    again = rebaser.rebase(*request)
    assert (again.code, again.report["digest"], again.report["changed"]) == (0, after.digest, False)
    assert again.report["traffic"]["bytesUp"] == 0


def test_the_bases_are_in_another_registry(
    shelf: Shelf, distribution: Registry, referrers: Registry, rebaser: Rebaser, engine: Engine
) -> None:
    builder = Builder.BUILDKIT
    old, new = shelf.bases(BASES, builder, referrers)
    image = shelf.app("stages", "debian-old", builder, distribution, "base-elsewhere/stages")
    told = rebaser.rebase(image, "--old-base", old, "--new-base", new)
    assert told.code == 0, told.everything
    rebuilt = shelf.images.app("stages", "debian-new", builder)
    assert differences(distribution.config("base-elsewhere/stages"), engine.config(rebuilt)) == {}
    with distribution.pulled(image) as pulled:
        assert _run(engine, pulled) == _run(engine, rebuilt)


def test_a_base_that_was_packed_anew_is_the_same_base(
    dockerfiles: Dockerfiles, distribution: Registry, referrers: Registry, rebaser: Rebaser
) -> None:
    engine, builder = dockerfiles.images.engine, Builder.CLASSIC
    old, new = (dockerfiles.build(f"RUN echo {age}, packed anew > /age", builder) for age in ("old", "new"))
    packed = distribution.copy(f"docker-daemon:{old}", "packed-anew/base", "old", "--format=oci")
    with distribution.pulled(packed):
        app = dockerfiles.build('COPY a.txt /\nCMD ["cat", "/age", "/a.txt"]', builder, packed)
        image = distribution.push(app, "packed-anew/app")
    # Which of its packings an engine pushes depends on what it has pushed before; this one is never an engine's.
    anew = referrers.copy(f"docker-daemon:{old}", "packed-anew/base", "old", "--format=oci", "--dest-compress-level=1")
    in_app, in_base = stored(distribution, "packed-anew/app"), stored(referrers, "packed-anew/base", "old")
    count = len(in_base.layers)
    assert in_app.diff_ids[:count] == in_base.diff_ids
    assert in_app.layers[count - 1] != in_base.layers[-1]

    told = rebaser.rebase(image, "--old-base", anew, "--new-base", distribution.push(new, "packed-anew/base", "new"))
    assert told.code == 0, told.everything
    with distribution.pulled(image) as pulled:
        assert _run(engine, pulled) == "new, packed anew\na.txt"


def _architecture(engine: Engine) -> str:
    """The one that this engine runs."""
    return engine.run("version", "--format={{.Server.Arch}}").strip()


def _by_hand(platform: str) -> tuple[AnImage, AnImage, AnImage, AnImage]:
    """An old base, a new one, an application on the old one and on the new one, for a platform of no real image."""
    layers = {name: a_layer({name: name}) for name in ("old", "new", "app")}
    told = [buildkit("RUN base"), buildkit("ENV OWN=1"), buildkit("COPY app /")]

    def image(base: str, *own: str) -> AnImage:
        env = [f"BASE={base}", *(["OWN=1"] if own else [])]
        stack = [layers[name] for name in (base, *own)]
        return an_image(stack, env=env, history=told if own else told[:1], platform=platform)

    return image("old"), image("new"), image("old", "app"), image("new", "app")


def _put_index(registry: Registry, repository: str, real: str, *others: AnImage | AnEntry) -> str:
    """Put an index with a real image and others into a registry."""
    registry.push(real, repository, "real")
    entries: list[Json] = [
        _entry_of_real(registry, repository),
        *(_put(registry, repository, other) for other in others),
    ]
    index = compact({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
    registry.put_manifest(repository, "latest", INDEX, index)
    return registry.reference(repository)


def _entry_of_real(registry: Registry, repository: str) -> dict[str, Any]:
    answer, config = registry.get(f"{repository}/manifests/real"), registry.config(repository, "real")
    platform = {name: config[name] for name in ("architecture", "os")}
    told = {"mediaType": answer.headers["Content-Type"], "size": len(answer.content)}
    return {**told, "digest": registry.digest(repository, "real"), "platform": platform}


def _put(registry: Registry, repository: str, other: AnImage | AnEntry) -> dict[str, Any]:
    """Put an image that no builder made into a registry, and answer its entry for an index."""
    entry = other if isinstance(other, AnEntry) else AnEntry(other)
    image = entry.child
    assert isinstance(image, AnImage)
    for content in image.blobs.values():
        registry.put_blob(repository, content)
    registry.put_manifest(repository, image.digest, image.media_type, image.content)
    platform = entry.platform or {"architecture": image.platform.architecture, "os": image.platform.os}
    notes = {"annotations": dict(entry.annotations)} if entry.annotations else {}
    return {**image.descriptor.raw, "platform": dict(platform), **notes}


def _index_in(layout: Path) -> dict[str, Any]:
    (entry,) = json.loads((layout / "index.json").read_text())["manifests"]
    index: dict[str, Any] = json.loads((layout / "blobs" / entry["digest"].replace(":", "/")).read_text())
    return index


def _run(engine: Engine, image: str) -> str:
    return engine.run("run", "--rm", "--network=none", image)
