"""Whole runs on images made on the spot, and a look at what came of them.

    world = World()                                   # a registry in memory; World(tmp_path): OCI layouts there
    world.put("base:1", base := an_image([...]))
    world.put("app:1", built_on(base))
    run = world.rebase("app:1", new="base:2", old="base:1")
    world.image("app:1").diff_ids

Every result is checked as a whole, and every run is made a second time, which must change nothing.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rebaser.decide import Outcome
from rebaser.oci import annotations
from rebaser.oci.config import parse_config
from rebaser.oci.digest import DiffId, Digest, digest_of
from rebaser.oci.document import MAX_CONFIG, parse_document
from rebaser.oci.image import Image, join
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.reference import DEFAULT_TAG, Reference, Scratch, parse_base, parse_reference
from rebaser.oci.strict_json import Json, JsonObject, same
from rebaser.pipeline import Run, Tools
from rebaser.pipeline import rebase as run_pipeline
from rebaser.plan import patch
from rebaser.plan.model import Draft
from rebaser.rebuilding import Workshop
from rebaser.request import Policy, Request
from rebaser.transports.base import ImageStore, read_blob
from rebaser.transports.open import Places
from rebaser.transports.registry.network import Network
from rebaser.transports.traffic import Traffic
from tests.builders import ALayer, AnEntry, AnImage, AnIndex, a_layer, an_image, buildkit, compact, store
from tests.fakes.registry import FakeRegistry
from tests.invariants import assert_valid
from tests.transports.registry.places import Clock

HOST = "registry.test"
_READS = ("GET", "HEAD")

Stories = Sequence[JsonObject] | None


@dataclass
class World:
    """A place with images in it. `app:1` is short for an image in the registry, or below the directory."""

    directory: Path | None = None
    fake: FakeRegistry = field(default_factory=FakeRegistry)
    clock: Clock = field(default_factory=Clock)
    traffic: Traffic = field(default_factory=Traffic)
    workshop: Workshop | None = None

    def __post_init__(self) -> None:
        self.places = self.connect()

    def connect(self) -> Places:
        """Return what a process of its own would open."""
        return Places(Network(), self.traffic, timing=self.clock.timing, transport=self.fake.wire)

    # images

    def name(self, short: str) -> str:
        if "/" in short and "." in short.partition("/")[0]:
            return short
        return f"{HOST}/{short}" if self.directory is None else f"oci:{self.directory}/{short}"

    def reference(self, short: str) -> Reference:
        return parse_reference(self.name(short))

    def base(self, short: str | None) -> Reference | Scratch | None:
        return None if short is None else parse_base(short if short == "scratch" else self.name(short))

    def store(self, short: str) -> ImageStore:
        return self.places.open(self.reference(short).repository)

    def put(self, short: str, value: AnImage | AnIndex) -> Digest:
        return store(value, self.store(short), self.reference(short).tag)

    def digest(self, short: str) -> Digest | None:
        return self.store(short).resolve(str(self.reference(short).tag))

    def manifest(self, short: str) -> Manifest | Index:
        reference = self.reference(short)
        return self.store(short).manifest(str(reference.digest or reference.tag))

    def index(self, short: str) -> Index:
        found = self.manifest(short)
        assert isinstance(found, Index)
        return found

    def image(self, short: str) -> Image:
        found = self.manifest(short)
        assert isinstance(found, Manifest)
        content = read_blob(self.store(short), found.view.config, MAX_CONFIG)
        return join(found, parse_config(parse_document(found.view.config.media_type, content, MAX_CONFIG)))

    def children(self, short: str) -> list[Image]:
        """Return the index' images, without what is not one."""
        repository = short.partition(":")[0].partition("@")[0]
        entries = [entry for entry in self.index(short).view.manifests if not entry.is_attestation]
        return [self.image(f"{repository}@{entry.digest}") for entry in entries]

    # runs

    def request(
        self,
        image: str,
        new: str | None = None,
        old: str | None = None,
        tags: Sequence[str] | None = None,
        **wishes: Any,  # noqa: ANN401  whatever Request has
    ) -> Request:
        reference = self.reference(image)
        own = [] if reference.tag is None else [reference.with_tag(reference.tag)]
        listed = own if tags is None else [self.reference(tag) for tag in tags]
        wishes.setdefault("checks", "config")  # layers are looked into where a test asks for it
        return Request(reference, self.base(new), self.base(old), tuple(listed), **wishes)

    def run(
        self,
        request: Request,
        policy: Policy = Policy(),  # noqa: B008  frozen
        places: Places | None = None,
        progress: Callable[[str], None] = lambda _stage: None,
    ) -> Run:
        """Run once, and look at nothing."""
        run = Run(request, policy)
        self.carry_out(run, places, progress)
        return run

    def carry_out(
        self, run: Run, places: Places | None = None, progress: Callable[[str], None] = lambda _stage: None
    ) -> None:
        """Run, and leave what it came to in `run`, also where it failed."""
        run_pipeline(run, Tools(places or self.places, progress=progress, workshop=self.workshop))

    def rebase(
        self,
        image: str,
        new: str | None = None,
        old: str | None = None,
        tags: Sequence[str] | None = None,
        policy: Policy = Policy(),  # noqa: B008  frozen
        **wishes: Any,  # noqa: ANN401  whatever Request has
    ) -> Run:
        """Run, look at all that came out, and run again."""
        request = self.request(image, new, old, tags, **wishes)
        run = self.run(request, policy)
        assert run.decision is not None
        if run.decision.outcome in (Outcome.REBASE, Outcome.REBUILD, Outcome.UNCHANGED) and not request.dry_run:
            self.assert_done(run)
            self.assert_settled(run)
        return run

    def assert_done(self, run: Run) -> None:
        assert run.document is not None
        for place in {target.repository for target in run.tags} or {run.request.image.repository}:
            assert_valid(self.places.open(place), run.document.digest)
        for target in run.tags:
            assert self.places.open(target.repository).resolve(str(target.tag)) == run.document.digest
        assert run.receipt.not_moved == []
        for plan in run.plans:
            if plan.draft:
                _assert_patch(plan.draft)
        _assert_nothing_has_a_subject(run)

    def assert_settled(self, run: Run) -> None:
        """Run again with fresh connections: the same digest, and where the image's own tag moved, nothing at all."""
        before, written = self.state(), self.writes
        again = self.run(run.request, run.policy, self.connect())
        assert again.document is not None
        assert run.document is not None
        assert again.document.digest == run.document.digest
        assert again.receipt.moved == []
        assert self.state() == before
        image = run.request.image
        if image.digest is None and image.with_tag(image.tag or DEFAULT_TAG) in run.tags:
            assert again.decision is not None
            assert again.decision.outcome is Outcome.UNCHANGED, again.decision.because
            assert self.writes == written

    # what is there

    @property
    def writes(self) -> list[str]:
        """Return every request that could have changed something, in any registry on the wire."""
        return [asked.line for asked in self.fake.wire.journal if asked.method not in _READS]

    @property
    def pushed(self) -> list[str]:
        """Return every request that stored bytes or a name; a mount and an upload without bytes are none."""
        return [line for line in self.writes if line.startswith(("PUT", "PATCH"))]

    def state(self) -> Mapping[str, object]:
        """Return all that anyone can see; a blob that no manifest names is nothing."""
        kept: dict[str, object] = {}
        for name, repository in self.fake.repositories.items():
            kept[name] = (sorted(repository.manifests), dict(repository.tags))
        for file in sorted(self.directory.rglob("*")) if self.directory else ():
            if file.is_file():
                kept[str(file)] = file.read_bytes()
        return kept


def refused(run: Run) -> list[str]:
    """Return the checks that stood in the way of a refused run."""
    assert run.decision is not None
    assert run.decision.outcome is Outcome.REFUSE, run.decision
    assert run.plan is None
    assert run.receipt.moved == []
    return [finding.check for finding in run.decision.blocking]


def outcome(run: Run) -> Outcome:
    assert run.decision is not None
    return run.decision.outcome


def notices(run: Run) -> tuple[str, ...]:
    assert run.plan is not None
    return run.plan.notices


def found(run: Run) -> list[tuple[str, str]]:
    """Return all findings: the check, and what it is about."""
    return [(finding.check, finding.subject) for result in run.results for finding in result.findings]


def settings(image: Image) -> JsonObject:
    return image.config.settings


def env(image: Image) -> list[Json]:
    listed = settings(image).get("Env")
    assert isinstance(listed, list)
    return listed


def labels(image: Image) -> JsonObject:
    told = settings(image).get("Labels")
    return told if isinstance(told, dict) else {}


def blobs(image: Image) -> list[Digest]:
    """Return the layers' digests, base first."""
    return [layer.descriptor.digest for layer in image.layers]


def steps(image: Image) -> list[str | None]:
    return [entry.created_by for entry in image.config.history]


def recorded(name: str, digest: str | None = None) -> dict[str, str]:
    """Return the two annotations that name a base."""
    told = {annotations.BASE_NAME: name, annotations.BASE_DIGEST: digest}
    return {key: value for key, value in told.items() if value}


def layers_of(*names: str) -> list[ALayer]:
    """Return one layer for each name, which is also the content of its only file."""
    return [a_layer({f"{name}/file": name}) for name in names]


def provenance(of: AnImage, *materials: JsonObject, version: str = "v1", about: Digest | None = None) -> AnEntry:
    """Return the index' entry with the provenance that BuildKit attests of an image; SLSA v0.2 or v1."""
    listed: list[Json] = list(materials)
    predicate: JsonObject = {"materials": listed}
    if version == "v1":
        predicate = {"buildDefinition": {"resolvedDependencies": listed}}
    kind = f"https://slsa.dev/provenance/{version}"
    statement: JsonObject = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": kind,
        "predicate": predicate,
    }
    content = compact(statement)
    layer = ALayer(content, "application/vnd.in-toto+json", DiffId(digest_of(content)))
    noted: JsonObject = {**layer.descriptor.raw, "annotations": {annotations.IN_TOTO_PREDICATE_TYPE: kind}}
    child = an_image([layer], platform="unknown/unknown", history=None, manifest_members={"layers": [noted]})
    notes = {annotations.DOCKER_REFERENCE_TYPE: annotations.ATTESTATION_MANIFEST}
    notes[annotations.DOCKER_REFERENCE_DIGEST] = about or of.digest
    return AnEntry(child, {"architecture": "unknown", "os": "unknown"}, notes)


def material(name: str, digest: str, platform: str = "linux/amd64") -> JsonObject:
    """Return a material as BuildKit writes it: `name` is `registry/repository@tag`."""
    uri = f"pkg:docker/{name}?platform={quote(platform, safe='')}"
    return {"uri": uri, "digest": {"sha256": digest.removeprefix("sha256:")}}


OLD, NEW, OWN = layers_of("old-1", "old-2"), layers_of("new-1", "new-2", "new-3"), layers_of("own-1", "own-2")


def built_on(
    base: AnImage,
    layers: Sequence[ALayer] = tuple(OWN),
    *,
    config: Mapping[str, Json] | None = None,
    labels: Mapping[str, str] | None = None,
    history: Stories = None,
    **more: Any,  # noqa: ANN401  whatever an_image takes
) -> AnImage:
    """Return what a builder makes FROM `base`: its layers, its settings overridden, its history with own steps."""
    inherited = json.loads(base.config)
    started = {**(inherited.get("config") or {}), **(config or {})} | ({"Labels": dict(labels)} if labels else {})
    own = [buildkit(f"COPY own-{number} / ") for number, _ in enumerate(layers)] if history is None else list(history)
    told = [*(inherited.get("history") or []), *own]
    more = {"platform": str(base.platform), **more}
    return an_image([*base.layers, *layers], config=started, history=told, **more)


def _assert_patch(draft: Draft) -> None:
    before = draft.trio.original.config.document.json
    assert same(patch.apply(draft.patch, before), draft.config)


def _assert_nothing_has_a_subject(run: Run) -> None:
    for document in run.plan.documents if run.plan else ():
        assert "subject" not in document.json
