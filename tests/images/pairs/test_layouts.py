import json
from pathlib import Path
from typing import Any

from tests.images.pairs.layouts import read_image, stacked


def _layout(directory: Path, images: dict[str, list[str]]) -> Path:
    """A layout whose layers are named by a letter, and whose configs name their image."""
    blobs = directory / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    entries = []
    for tag, layers in images.items():
        config: dict[str, Any] = {
            "config": {"User": tag},
            "history": [],
            "rootfs": {"diff_ids": [f"id-{x}" for x in layers]},
        }
        (blobs / f"config-{tag}").write_text(json.dumps(config))
        manifest = {"config": {"digest": f"sha256:config-{tag}"}, "layers": [{"digest": f"sha256:{x}"} for x in layers]}
        (blobs / tag).write_text(json.dumps(manifest))
        entries.append({"digest": f"sha256:{tag}", "annotations": {"org.opencontainers.image.ref.name": tag}})
    (directory / "index.json").write_text(json.dumps({"manifests": entries}))
    return directory


def test_the_plain_stack_has_the_new_layers_below_the_own_ones_and_the_config_of_the_original(tmp_path: Path) -> None:
    layout = _layout(tmp_path, {"app": ["o1", "o2", "a"], "old": ["o1", "o2"], "new": ["n"]})
    manifest, config = stacked(layout, "app", "old", "new")
    assert [layer["digest"] for layer in manifest["layers"]] == ["sha256:n", "sha256:a"]
    assert config == {"config": {"User": "app"}, "rootfs": {"type": "layers", "diff_ids": ["id-n", "id-a"]}}


def test_an_image_is_found_by_its_tag(tmp_path: Path) -> None:
    layout = _layout(tmp_path, {"old": ["o"], "new": ["n"]})
    manifest, config = read_image(layout, "new")
    assert manifest["layers"] == [{"digest": "sha256:n"}]
    assert config["config"] == {"User": "new"}
