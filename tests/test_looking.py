"""Whole runs that look into the layers."""

from pathlib import Path

import pytest

from rebaser.checks.base import Status
from rebaser.decide import Outcome
from rebaser.errors import ImageError
from rebaser.layer_cache import LayerCache
from rebaser.layers.index import Depth, index_layer
from rebaser.oci.digest import DiffId, digest_of
from rebaser.oci.image import Layer
from rebaser.pipeline import Run, Tools, rebase
from rebaser.request import Policy
from tests.builders import AFile, a_layer, an_image, an_index, gzipped
from tests.checks.evidence import script
from tests.runs import World, built_on, env, found, outcome, refused, settings

PASSWD = {"etc/passwd": "root:x:0:0::/:/bin/sh\n"}
OLD = an_image([a_layer({"bin/sh": AFile("1", 0o755), "lib/a": "1", **PASSWD})], env=["PATH=/bin"])
NEW = an_image([a_layer({"bin/sh": AFile("2", 0o755), "lib/a": "2", **PASSWD})], env=["PATH=/bin"])
OWN = [a_layer({"app/run": script("#!/bin/sh\n")})]


@pytest.fixture
def world() -> World:
    made = World()
    made.put("base:1", OLD)
    made.put("base:2", NEW)
    made.put("app:1", built_on(OLD, OWN, config={"Cmd": ["/app/run"]}))
    return made


def look(world: World, cache: Path | None = None, image: str = "app:1", new: str = "base:2") -> Run:
    run = Run(world.request(image, new, "base:1", checks="all", dry_run=True), Policy())
    rebase(run, Tools(world.connect(), cache=cache))
    return run


def test_an_image_that_fits_is_rebased(world: World) -> None:
    assert outcome(world.rebase("app:1", "base:2", "base:1", checks="all")) is Outcome.REBASE


def test_what_would_break_is_refused(world: World) -> None:
    world.put("base:3", an_image([a_layer({"lib/a": "1"})], env=["PATH=/bin"]))
    run = world.rebase("app:1", "base:3", "base:1", checks="all")
    assert set(refused(run)) >= {"entrypoint-missing", "shebang-missing"}


def test_with_the_config_alone_no_layer_is_read(world: World) -> None:
    before = len(world.fake.wire.journal)
    run = world.run(world.request("app:1", "base:2", "base:1", checks="config", dry_run=True))
    wanted = {layer.digest for layer in (*OLD.layers, *NEW.layers, *OWN)}
    assert not [asked.line for asked in world.fake.wire.journal[before:] if any(one in asked.line for one in wanted)]
    assert "entrypoint-missing" not in {result.check for result in run.results}


def test_a_second_look_at_the_same_base_reads_no_layer_of_it(world: World, tmp_path: Path) -> None:
    look(world, tmp_path)
    world.put("app:2", built_on(OLD, [a_layer({"app/other": "1"})]))
    before = len(world.fake.wire.journal)
    look(world, tmp_path, "app:2")
    lines = [asked.line for asked in world.fake.wire.journal[before:]]
    assert not [line for line in lines for layer in (*OLD.layers, *NEW.layers) if layer.digest in line]


def test_a_damaged_cache_is_read_over_and_renewed(world: World, tmp_path: Path) -> None:
    first = look(world, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        path.write_bytes(b"damaged")
    again = look(world, tmp_path)
    assert found(again) == found(first)
    assert all(path.read_bytes() != b"damaged" for path in files)


def test_a_cache_that_cannot_be_written_is_only_slower(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    assert found(look(world, tmp_path / "file")) == found(look(world))


def test_an_index_in_the_cache_is_the_layer_s_own(tmp_path: Path) -> None:
    layer = a_layer({"a": "1"})
    index, cache = index_layer([layer.content], layer.diff_id), LayerCache(tmp_path)
    cache.put(Layer(layer.descriptor, layer.diff_id), Depth.BASE, index)
    assert cache.get(Layer(layer.descriptor, layer.diff_id), Depth.BASE) == index
    assert cache.get(Layer(layer.descriptor, layer.diff_id), Depth.APPLICATION) is None
    assert [path.name for path in tmp_path.rglob("*.part")] == []


def test_a_layer_that_is_no_archive_is_a_finding_and_the_other_checks_say_why(world: World) -> None:
    broken = a_layer({"a": "1"})
    content = gzipped(b"x" * 1000)
    odd = type(broken)(content, broken.media_type, DiffId(digest_of(b"x" * 1000)))
    world.put("app:3", built_on(OLD, [odd]))
    run = look(world, image="app:3")
    assert refused(run) == ["layers-unreadable"]
    skipped = [result for result in run.results if result.status is Status.SKIPPED]
    assert skipped
    assert all("no tar archive" in result.reason for result in skipped)


def test_a_layer_that_is_not_its_diff_id_is_an_error(world: World) -> None:
    lying = a_layer({"a": "1"})
    other = type(lying)(lying.content, lying.media_type, a_layer({"b": "1"}).diff_id)
    world.put("app:4", built_on(OLD, [other]))
    with pytest.raises(ImageError, match="holds something else"):
        look(world, image="app:4")


def test_layers_that_platforms_share_are_read_once(world: World) -> None:
    children = [
        built_on(an_image(list(OLD.layers), env=["PATH=/bin"], platform=name), OWN, config={"Cmd": ["/app/run"]})
        for name in ("linux/amd64", "linux/arm64")
    ]
    bases = [
        an_image(list(base.layers), env=["PATH=/bin"], platform=p)
        for base in (OLD, NEW)
        for p in ("linux/amd64", "linux/arm64")
    ]
    world.put("multi:1", an_index(children))
    world.put("multibase:1", an_index(bases[:2]))
    world.put("multibase:2", an_index(bases[2:]))
    before = len(world.fake.wire.journal)
    run = Run(world.request("multi:1", "multibase:2", "multibase:1", checks="all", dry_run=True), Policy())
    rebase(run, Tools(world.connect()))
    lines = [asked.line for asked in world.fake.wire.journal[before:] if asked.method == "GET"]
    for layer in (*OLD.layers, *NEW.layers, *OWN):
        assert len([line for line in lines if layer.digest in line]) == 1


def test_an_inherited_working_directory_follows_where_no_layer_depends_on_it(world: World) -> None:
    old = an_image(list(OLD.layers), config={"WorkingDir": "/srv"}, env=["PATH=/bin"])
    new = an_image(list(NEW.layers), config={"WorkingDir": "/work"}, env=["PATH=/bin"])
    world.put("base:1", old)
    world.put("base:5", new)
    world.put("app:5", built_on(old, OWN, config={"Cmd": ["/app/run"]}, history=[{"created_by": "kaniko"}]))
    assert refused(world.run(world.request("app:5", "base:5", "base:1", dry_run=True))) == ["inherited-value"]
    world.rebase("app:5", "base:5", "base:1", checks="all")
    assert settings(world.image("app:5"))["WorkingDir"] == "/work"


def test_an_inherited_working_directory_with_files_in_it_blocks(world: World) -> None:
    old = an_image(list(OLD.layers), config={"WorkingDir": "/app"}, env=["PATH=/bin"])
    world.put("base:1", old)
    world.put("base:6", an_image(list(NEW.layers), config={"WorkingDir": "/work"}, env=["PATH=/bin"]))
    world.put("app:6", built_on(old, OWN, history=[{"created_by": "kaniko"}]))
    assert "inherited-value" in refused(look(world, image="app:6", new="base:6"))


def test_a_variable_that_names_a_directory_with_files_of_the_application_blocks(world: World) -> None:
    old = an_image(list(OLD.layers), env=["PATH=/bin", "GEM_HOME=/app"])
    world.put("base:1", old)
    world.put("base:7", an_image(list(NEW.layers), env=["PATH=/bin", "GEM_HOME=/gems"]))
    world.put("app:7", built_on(old, OWN))
    assert "inherited-value" in refused(look(world, image="app:7", new="base:7"))


def test_a_path_of_the_old_base_is_rewritten_where_the_new_base_has_it_under_another_name(world: World) -> None:
    old = an_image([a_layer({"opt/java-17/lib/x": "1"})], env=["PATH=/bin", "JAVA_HOME=/opt/java-17"])
    new = an_image([a_layer({"opt/java-21/lib/x": "1"})], env=["PATH=/bin", "JAVA_HOME=/opt/java-21"])
    world.put("base:1", old)
    world.put("base:8", new)
    own = ["PATH=/bin", "JAVA_HOME=/opt/java-17", "CLASSPATH=/opt/java-17/lib"]
    world.put("app:8", built_on(old, [a_layer({"srv/x": "1"})], config={"Env": [*own]}))
    world.rebase("app:8", "base:8", "base:1", checks="all")
    assert env(world.image("app:8")) == ["PATH=/bin", "JAVA_HOME=/opt/java-21", "CLASSPATH=/opt/java-21/lib"]
