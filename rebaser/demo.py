"""The whole job on images made on the spot, in an OCI image layout: no network, no engine, no registry.

An application built on a Java 17 base is moved onto the Java 21 base. It fails unless digest, config and patch are
exactly what they must be, on every machine.
"""

import io
import json
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from rebaser.apply import given
from rebaser.decide import Outcome
from rebaser.errors import InputError, InputProblem, InternalError
from rebaser.oci import media_types
from rebaser.oci.descriptor import describe, descriptor
from rebaser.oci.digest import digest_of
from rebaser.oci.document import MAX_CONFIG, new_document, parse_document
from rebaser.oci.manifest import Manifest
from rebaser.oci.reference import Reference, Repository, Transport
from rebaser.oci.strict_json import Json, JsonObject, same
from rebaser.pipeline import Run, Tools, rebase
from rebaser.plan import patch
from rebaser.request import Policy, Request
from rebaser.transports.base import ImageStore, read_blob
from rebaser.transports.open import Places
from rebaser.transports.registry.network import Network
from rebaser.transports.traffic import Traffic

RESULT = "shop-1-rebased"
EXPECTED_DIGEST = "sha256:01f539b88c9929e0a01cd1aec2549b14a8e04b45a43d06d872d6720f2598081e"
EXPECTED_SETTINGS: list[Json] = [
    {
        "op": "replace",
        "path": "/config/Env",
        "value": [
            "PATH=/scripts:/opt/java-21/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "JAVA_HOME=/opt/java-21",
            "LANG=C.UTF-8",
        ],
    },
    {"op": "replace", "path": "/config/Labels/java.version", "value": "21"},
    {"op": "add", "path": "/config/StopSignal", "value": "SIGINT"},
]
"""What the patch changes of the settings; layers and history are held against the digest."""

_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_COMMENT = "buildkit.dockerfile.v0"

Files = Mapping[str, str]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Step:
    """One instruction of a demo Dockerfile, as history tells it, with the files of the layer that it makes."""

    created_by: str
    files: Files | None = None


def demonstrate(directory: str, say: Say) -> None:
    """Make the images, rebase one, and hold the result against what it must be; keep them in `directory` if given.

    Raises:
        InputError: the directory is not empty.
        InternalError: the result is not what it must be.
    """
    if directory and Path(directory).exists() and any(Path(directory).iterdir()):
        raise InputError(InputProblem("directory", f"{directory} is not empty", "Name an empty or absent directory."))
    keeper = nullcontext(directory) if directory else tempfile.TemporaryDirectory(prefix="rebaser-demo-")
    with keeper as place, Places(Network(), Traffic()) as places:
        layout = Repository(Transport.OCI_LAYOUT, "", place)
        store = places.open(layout)
        _make_images(store)
        say(f"Made in {store.repository}: java-17, java-21, and shop-1, which was built FROM java-17.")
        request = Request(
            Reference(layout, "shop-1"),
            Reference(layout, "java-21"),
            Reference(layout, "java-17"),
            (Reference(layout, RESULT),),
        )
        run = Run(request, Policy())
        rebase(run, Tools(places))
        _tell(run, say)
        _require_expected(run, store)
        again = Run(replace(request, image=Reference(layout, RESULT)), Policy())
        rebase(again, Tools(places))
        _require(
            again.decision is not None and again.decision.outcome is Outcome.UNCHANGED, "the second run changed it"
        )
        say("A second run: unchanged.")
        say(f"Digest, config and patch are what they must be. {'Kept in ' + place if directory else ''}".rstrip())


def _make_images(store: ImageStore) -> None:
    old, new = _java("17", "12.5"), _java("21", "12.9")
    _put(store, "java-17", old, _java_config("17"))
    _put(store, "java-21", new, _java_config("21"))
    application = [
        _Step("ENV PATH=/scripts:/opt/java-17/bin:" + _SYSTEM_PATH),
        _Step("COPY greet /scripts/greet # buildkit", {"scripts/greet": "#!/bin/sh\nexec java -jar /shop.jar\n"}),
        _Step("COPY shop.jar /shop.jar # buildkit", {"shop.jar": "not really a jar\n"}),
        _Step("LABEL maintainer=shop@example.org"),
        _Step('CMD ["greet"]'),
    ]
    config = _java_config("17")
    config["Env"] = ["PATH=/scripts:/opt/java-17/bin:" + _SYSTEM_PATH, "JAVA_HOME=/opt/java-17", "LANG=C.UTF-8"]
    config["Labels"] = {"java.version": "17", "maintainer": "shop@example.org"}
    config["Cmd"] = ["greet"]
    _put(store, "shop-1", [*old, *application], config)


def _java(version: str, debian: str) -> list[_Step]:
    return [
        _Step("RUN /bin/sh -c debootstrap # buildkit", {"etc/os-release": f"ID=debian\nVERSION_ID={debian}\n"}),
        _Step(f"ENV JAVA_HOME=/opt/java-{version}"),
        _Step(f"COPY java /opt/java-{version}/ # buildkit", {f"opt/java-{version}/bin/java": f"java {version}\n"}),
        _Step('CMD ["java" "-version"]'),
    ]


def _java_config(version: str) -> JsonObject:
    home = f"/opt/java-{version}"
    env: list[Json] = [f"PATH={home}/bin:{_SYSTEM_PATH}", f"JAVA_HOME={home}", "LANG=C.UTF-8"]
    added: JsonObject = {"StopSignal": "SIGINT"} if version == "21" else {}
    return {"Env": env, "Cmd": ["java", "-version"], "Labels": {"java.version": version}, **added}


def _put(store: ImageStore, tag: str, steps: Sequence[_Step], settings: JsonObject) -> None:
    layers = [_layer(step.files) for step in steps if step.files is not None]
    config = new_document(
        media_types.OCI_CONFIG,
        {
            "architecture": "amd64",
            "os": "linux",
            "created": "2026-01-01T00:00:00Z",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [digest_of(layer) for layer in layers]},
            "history": [_entry(step) for step in steps],
        },
    )
    blobs = [descriptor(media_types.OCI_LAYER, digest_of(layer), len(layer)) for layer in layers]
    manifest = new_document(
        media_types.OCI_MANIFEST,
        {
            "schemaVersion": 2,
            "mediaType": media_types.OCI_MANIFEST,
            "config": describe(config).raw,
            "layers": [blob.raw for blob in blobs],
        },
    )
    for blob, content in zip([*blobs, describe(config)], [*layers, config.content], strict=True):
        store.put_blob(blob, given(content))
    store.put_manifest(manifest)
    store.put_tag(tag, manifest)


def _entry(step: _Step) -> JsonObject:
    entry: JsonObject = {"created": "2026-01-01T00:00:00Z", "created_by": step.created_by, "comment": _COMMENT}
    return entry if step.files is not None else {**entry, "empty_layer": True}


def _layer(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text.encode())
            entry.mode = 0o755 if "/bin/" in path or path.startswith("scripts/") else 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def _tell(run: Run, say: Say) -> None:
    draft = run.plans[0].draft
    _require(draft is not None and run.plan is not None, "there is nothing to rebase")
    if draft is not None and run.plan is not None:
        settings = [change for change in draft.patch if str(change["path"]).startswith("/config/")]
        others = [str(change["path"]) for change in draft.patch if change not in settings]
        say(f"Rebased shop-1 from java-17 onto java-21, as {RESULT}: {run.plan.root.digest}")
        say("The change of its config, as a JSON patch (RFC 6902):")
        say(json.dumps(settings, indent=2))
        say(f"and, longer than is worth showing here: {', '.join(others)}")


def _require_expected(run: Run, store: ImageStore) -> None:
    original, draft, plan = run.original, run.plans[0].draft, run.plan
    if original is None or draft is None or plan is None:
        raise InternalError("the demo was not rebased")
    _require(store.resolve(RESULT) == plan.root.digest, "the tag does not name the result")
    manifest = store.manifest(RESULT)
    if not isinstance(manifest, Manifest):
        raise InternalError("the demo's result is no manifest")
    before = run.plans[0].original.config.document.json
    pushed = read_blob(store, manifest.view.config, MAX_CONFIG)
    after = parse_document(media_types.OCI_CONFIG, pushed, MAX_CONFIG).json
    _require(same(patch.apply(draft.patch, before), after), "the patch does not give the config")
    settings: list[Json] = [change for change in draft.patch if str(change["path"]).startswith("/config/")]
    _require(same(settings, EXPECTED_SETTINGS), "the patch is another one")
    _require(plan.root.digest == EXPECTED_DIGEST, f"the digest is {plan.root.digest}")


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001  an assertion by name
    if not holds:
        raise InternalError(f"The demo went wrong: {otherwise}")
