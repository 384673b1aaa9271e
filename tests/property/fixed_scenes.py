"""Images that stay the same, and the digests of what comes out of them: `python -m tests.property.fixed_scenes`."""

import sys

from rebaser.oci.strict_json import JsonObject
from tests.property import dockerfile as lines
from tests.property.docker_build import Built, build, layer_of
from tests.property.dockerfile import Flavour, Line
from tests.property.rebasing import image_of, rebase

_FLAVOURS: tuple[Flavour, ...] = ("classic", "buildkit")
_OLD: tuple[Line, ...] = (
    lines.Assign("ENV", (("PATH", "/usr/bin:/bin"), ("A", "1"), ("B", "2"), ("JAVA_HOME", "/opt/j17"))),
    lines.Assign("LABEL", (("z", "1"), ("a", "old"), ("m", "x"))),
    lines.Declare("EXPOSE", ("80", "53/udp")),
    lines.Declare("VOLUME", ("/v1", "/v2")),
    lines.Start("CMD", ("old",)),
    lines.Make("RUN", "old"),
)
_NEW: tuple[Line, ...] = (
    lines.Assign("ENV", (("PATH", "/usr/bin:/bin:/new"), ("C", "3"), ("A", "11"), ("JAVA_HOME", "/opt/j21"))),
    lines.Assign("LABEL", (("n", "1"), ("a", "new"), ("m", "y"))),
    lines.Declare("EXPOSE", ("81",)),
    lines.Declare("VOLUME", ("/v3",)),
    lines.Start("ENTRYPOINT", ("new",)),
    lines.Make("RUN", "new"),
    lines.Make("RUN", "newer"),
)
_APP: tuple[Line, ...] = (
    lines.Assign("ENV", (("PATH", "/app:$PATH"), ("B", "app"), ("E", "$JAVA_HOME/lib"))),
    lines.Assign("LABEL", (("m", "app"), ("q", "1"))),
    lines.Declare("EXPOSE", ("8080",)),
    lines.Start("CMD", ("app",)),
    lines.Make("COPY", "a /a"),
)


def digests() -> list[str]:
    """The digests of manifests and configs, of both builders' images."""
    found: list[str] = []
    for flavour in _FLAVOURS:
        old, new = _base(_OLD, "old", flavour), _base(_NEW, "new", flavour)
        result = rebase(image_of(build(old, _APP, flavour)), image_of(old), image_of(new))
        found += [result.image.manifest.document.digest, result.image.config.document.digest]
    return found


def _base(written: tuple[Line, ...], name: str, flavour: Flavour) -> Built:
    root = layer_of("root")
    document: JsonObject = {
        "architecture": "amd64",
        "config": {},
        "created": "2024-01-01T00:00:00Z",
        "history": [{"created_by": "root"}],
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [root.diff_id]},
    }
    return build(Built(document, (root,)), written, flavour, name)


if __name__ == "__main__":
    sys.stdout.write("\n".join(digests()))
