"""The two registries behave as the tests that use them take for granted."""

from pathlib import Path

from tests.images.engine import Builder, Engine
from tests.images.images import Images
from tests.integration.registries import Registry


def test_what_is_pushed_can_be_read_back(images: Images, registries: dict[str, Registry]) -> None:
    for registry in registries.values():
        registry.push(images.tiny(), "kept/tiny")
        assert registry.config("kept/tiny") == images.engine.config(images.tiny())


def test_only_one_of_them_knows_referrers(images: Images, registries: dict[str, Registry]) -> None:
    for name, status in (("distribution", 404), ("referrers", 200)):
        registry = registries[name]
        registry.push(images.tiny(), "asked/tiny")
        digest = registry.get("asked/tiny/manifests/latest").headers["Docker-Content-Digest"]
        assert registry.get(f"asked/tiny/referrers/{digest}").status_code == status


def test_docker_keeps_the_layers_of_a_pulled_base_in_its_registry_and_packs_them_anew_for_another(
    images: Images, distribution: Registry, referrers: Registry, tmp_path: Path
) -> None:
    engine = images.engine
    base = _with_a_new_layer_on(images.tiny(), "base", engine, tmp_path)
    pulled = distribution.copy(f"docker-daemon:{base}", "packed/base", "latest", "--format=oci")
    engine.run("pull", "--quiet", pulled)
    app = _with_a_new_layer_on(pulled, "app", engine, tmp_path)
    distribution.push(app, "packed/app")
    referrers.push(app, "packed/app")

    base_layer = distribution.layers("packed/base")[-1]
    assert distribution.layers("packed/app")[-2] == base_layer
    assert referrers.layers("packed/app")[-2] != base_layer
    assert distribution.config("packed/app") == referrers.config("packed/app")


def _with_a_new_layer_on(base: str, name: str, engine: Engine, directory: Path) -> str:
    tag = f"rebaser-test/packed-{name}:latest"
    (directory / "Dockerfile").write_text(f"FROM {base}\nRUN echo {directory} > /{name}\n")
    engine.build(directory, tag, "--no-cache", builder=Builder.CLASSIC)
    return tag
