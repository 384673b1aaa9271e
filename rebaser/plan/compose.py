"""From drafts to every byte that is to be written: configs, manifests and indexes, and the blobs they refer to.

One media-type family throughout. What is not rebased keeps its bytes; what cannot be true any more is dropped and said.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rebaser.errors import ImageError
from rebaser.oci import annotations, media_types
from rebaser.oci.descriptor import Descriptor, describe
from rebaser.oci.digest import Digest
from rebaser.oci.document import MAX_MANIFEST, Document, new_document
from rebaser.oci.image import Image, Layer
from rebaser.oci.media_types import Family
from rebaser.oci.reference import Repository
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.base_record import forgotten, recorded, renewed
from rebaser.plan.compose_built import built_blobs, built_manifest
from rebaser.plan.family import chosen_family, converted, nameless, put_notes, wants_docker
from rebaser.plan.model import (
    AppLayer,
    Base,
    BlobMove,
    Branch,
    BuiltImage,
    Draft,
    Kept,
    Node,
    Plan,
    PlatformPlan,
    Rewritten,
    Wishes,
)
from rebaser.printable import size as readable

ORIGINAL_LAYERS = "application/vnd.rebaser.original-layers.v1"
"""The type of the artifact that keeps the layers which were changed, as a referrer of the image."""


@dataclass(slots=True)
class _Composing:
    """What composing gathers on its way through the tree."""

    plans: Mapping[tuple[int, ...], PlatformPlan]
    wishes: Wishes
    original: Repository
    standing: frozenset[Digest]  # of all manifests and indexes of the tree that stay as they are
    blobs: dict[Digest, BlobMove] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    kept: list[Descriptor] = field(default_factory=list)
    referrers: list[Document] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def compose(root: Node, plans: Iterable[PlatformPlan], original: Repository, wishes: Wishes) -> Plan:
    """Return all that must be written for the plans, of which at least one has a draft, or was built.

    Raises:
        ImageError: `media-type-unsupported`, when a layer has no name in the wanted family; `too-large`, when a
            document would be larger than registries take.
    """
    by_path = {plan.path: plan for plan in plans}
    moving = {path: plan for path, plan in by_path.items() if plan.moves}
    composing = _Composing(by_path, wishes, original, frozenset(_standing(root, (), moving)))
    _settle_family(moving.values(), composing)
    _compose(root, (), composing)
    for document in composing.documents:
        if document.size > MAX_MANIFEST:
            raise _too_large(document)
    return Plan(
        tuple(composing.blobs.values()),
        tuple(composing.documents),
        tuple(composing.kept),
        tuple(composing.notices),
        tuple(composing.referrers),
    )


def _standing(node: Node, path: tuple[int, ...], moving: Iterable[tuple[int, ...]]) -> Iterator[Digest]:
    """Yield the digests of what stays as it is, down from `node`; `moving` are the paths of what doesn't."""
    if node.descriptor and not any(below[: len(path)] == path for below in moving):
        yield node.descriptor.digest
    for at, entry in enumerate(node.entries if isinstance(node, Branch) else ()):
        yield from _standing(entry, (*path, at), moving)


def _settle_family(plans: Iterable[PlatformPlan], composing: _Composing) -> None:
    """Let the whole tree become OCI's where Docker's was to be kept and has no name for one of its layers."""
    docker = (plan for plan in plans if wants_docker(composing.wishes, plan.original.manifest.document.media_type))
    unnamed = next(filter(None, (nameless(_layers(plan)) for plan in docker)), None)
    if unnamed and composing.wishes.manifest_format == "keep":
        composing.wishes = replace(composing.wishes, manifest_format="oci")
        told = f"The image becomes an OCI one: Docker's manifest has no name for {unnamed.media_type} layers"
        composing.notices.append(told)


def _layers(plan: PlatformPlan) -> tuple[Layer, ...]:
    made = plan.built or plan.draft
    return made.layers if made else ()


def _compose(node: Node, path: tuple[int, ...], composing: _Composing) -> Document | None:
    """Compose what is below `path`; None means that it stays as it is."""
    if isinstance(node, Branch):
        return _compose_index(node, path, composing)
    plan = composing.plans.get(path)
    if isinstance(node, Kept) or plan is None:
        return None
    if plan.built is not None:
        return _compose_built(plan, plan.built, composing)
    return _compose_manifest(plan.draft, composing) if plan.draft else None


def _compose_built(plan: PlatformPlan, built: BuiltImage, composing: _Composing) -> Document:
    family = chosen_family(composing.wishes, plan.original.manifest.document.media_type, built.layers)
    document = built_manifest(plan, built, family, composing.notices)
    for move in built_blobs(plan, built, composing.original):
        composing.blobs.setdefault(move.descriptor.digest, move)
    composing.documents.append(document)
    return document


def _compose_manifest(draft: Draft, composing: _Composing) -> Document:
    source = draft.trio.original.manifest
    family = chosen_family(composing.wishes, source.document.media_type, draft.layers)
    config = new_document(str(media_types.in_family(media_types.OCI_CONFIG, family)), draft.config)
    told = {key: value for key, value in source.view.config.raw.items() if key != "data"}
    raw: JsonObject = {"schemaVersion": 2, "mediaType": media_types.in_family(media_types.OCI_MANIFEST, family)}
    raw |= {key: value for key, value in source.document.json.items() if key not in raw}
    raw["config"] = {**told, **describe(config).raw}
    raw["layers"] = [converted(layer.descriptor, family) for layer in draft.layers]
    put_notes(raw, _manifest_notes(draft, family), family, composing.notices)
    document = new_document(str(raw["mediaType"]), raw)
    _remember_blobs(draft, config, composing)
    composing.documents.append(document)
    _keep_originals(document, draft, composing)
    return document


def _remember_blobs(draft: Draft, config: Document, composing: _Composing) -> None:
    base = draft.trio.new_base.reference
    held = {layer.descriptor.digest for layer in (*draft.trio.original.layers, *(one.layer for one in draft.app))}
    made = {one.layer.descriptor.digest: _made(one, composing.original) for one in draft.app if one.changes is not None}
    if draft.top:
        made[draft.top.layer.descriptor.digest] = BlobMove(draft.top.layer.descriptor, content=draft.top.content)
    for layer in draft.layers:
        if layer.descriptor.digest in made:
            composing.blobs[layer.descriptor.digest] = made[layer.descriptor.digest]
            continue
        source = composing.original if base is None or layer.descriptor.digest in held else base.repository
        if not layer.descriptor.is_foreign:
            composing.blobs.setdefault(layer.descriptor.digest, BlobMove(layer.descriptor, source))
    composing.blobs[config.digest] = BlobMove(describe(config), content=config.content)


def _made(one: AppLayer, home: Repository) -> BlobMove:
    original, changes = one.original, one.changes
    rewritten = Rewritten(original.descriptor, changes) if original is not None and changes is not None else None
    return BlobMove(one.layer.descriptor, home, rewritten=rewritten)


def _keep_originals(document: Document, draft: Draft, composing: _Composing) -> None:
    """Compose a referrer of the manifest that holds the layers which had to be changed, as they were."""
    originals = {one.original.descriptor.digest: one.original.descriptor for one in draft.app if one.original}
    if not originals:
        return
    nothing = new_document(media_types.OCI_EMPTY, {})
    raw: JsonObject = {"schemaVersion": 2, "mediaType": media_types.OCI_MANIFEST, "artifactType": ORIGINAL_LAYERS}
    raw["config"] = describe(nothing).raw
    raw["layers"] = [converted(layer, "oci") for layer in originals.values()]
    raw["subject"] = describe(document).raw
    composing.referrers.append(new_document(media_types.OCI_MANIFEST, raw))
    for layer in originals.values():
        composing.blobs.setdefault(layer.digest, BlobMove(layer, composing.original))
    composing.blobs[nothing.digest] = BlobMove(describe(nothing), content=nothing.content)


def _manifest_notes(draft: Draft, family: Family) -> dict[str, str]:
    """Return the manifest's annotations: those that a builder inherited follow the new base, the record is renewed."""
    trio = draft.trio
    app = dict(trio.original.manifest.view.notes)
    old, new = (dict(base.image.manifest.view.notes) if base.image else {} for base in (trio.old_base, trio.new_base))
    inherited = {key for key, value in forgotten(old).items() if app.get(key) == value}
    followed = {key: new.get(key) if key in inherited else value for key, value in app.items()}
    arrived = {key: value for key, value in sorted(new.items()) if inherited and key not in old and key not in app}
    notes = {key: value for key, value in {**followed, **arrived}.items() if value is not None}
    return recorded(notes, trio.new_base) if family == "oci" else renewed(notes, trio.new_base)


def _compose_index(branch: Branch, path: tuple[int, ...], composing: _Composing) -> Document | None:
    entries = [(node, _compose(node, (*path, at), composing)) for at, node in enumerate(branch.entries)]
    if all(document is None for _, document in entries):
        return None
    source = branch.index.document
    family: Family = "docker" if wants_docker(composing.wishes, source.media_type) else "oci"
    raw: JsonObject = {"schemaVersion": 2, "mediaType": media_types.in_family(media_types.OCI_INDEX, family)}
    raw |= {key: value for key, value in source.json.items() if key not in (*raw, "subject")}
    raw["manifests"] = list(_entries(entries, path, composing))
    if branch.index.view.subject:
        composing.notices.append(f"The new index says nothing of its old subject {branch.index.view.subject.digest}")
    put_notes(raw, _index_notes(branch, path, composing), family, composing.notices)
    document = new_document(str(raw["mediaType"]), raw)
    composing.documents.append(document)
    return document


def _index_notes(branch: Branch, path: tuple[int, ...], composing: _Composing) -> dict[str, str]:
    """Return the index' annotations; its record of a base stays, renewed, only if all its images stand on one base."""
    bases = list((_bases(branch, path, composing) or {}).values())
    return renewed(branch.index.view.notes, bases[0]) if len(bases) == 1 else forgotten(branch.index.view.notes)


def _entries(
    entries: list[tuple[Node, Document | None]], path: tuple[int, ...], composing: _Composing
) -> Iterable[JsonObject]:
    """Return the index' entries: new digests for what moved, and no attestation of an image that is not there."""
    for at, (node, document) in enumerate(entries):
        descriptor = node.descriptor
        if descriptor is None:
            continue
        if document is not None:
            plan = composing.plans.get((*path, at))
            yield _moved(descriptor, document, plan.new_base if plan else None)
        elif descriptor.is_attestation and not _has_subject(descriptor, composing):
            composing.notices.append(f"The attestation {descriptor.digest} is dropped: its subject has been replaced")
        else:
            composing.kept.append(descriptor)
            yield descriptor.raw


def _has_subject(attestation: Descriptor, composing: _Composing) -> bool:
    return attestation.notes.get(annotations.DOCKER_REFERENCE_DIGEST) in composing.standing


def _moved(descriptor: Descriptor, document: Document, base: Base | None) -> JsonObject:
    raw: JsonObject = {key: value for key, value in descriptor.raw.items() if key != "data"}
    raw |= describe(document).raw
    if base is not None and descriptor.annotations:
        raw["annotations"] = dict[str, Json](renewed(descriptor.annotations, base))
    platform = raw.get("platform")
    if isinstance(platform, dict) and base is not None and base.image:
        raw["platform"] = _of_base(platform, base.image)
    return raw


def _of_base(platform: JsonObject, base: Image) -> JsonObject:
    """Return `platform` with the version and the features of the base, where it told of any."""
    stood = [key for key in ("os.version", "os.features") if key in platform]
    kept = {key: value for key, value in platform.items() if key not in stood}
    told: JsonObject = {**base.config.document.json, "os.version": base.os_version}
    return kept | {key: told[key] for key in stood if told.get(key)}


def _bases(branch: Branch, path: tuple[int, ...], composing: _Composing) -> dict[Digest | None, Base] | None:
    """Return the bases that the images below stand on now, by digest; None when an image stays on what it stood on."""
    bases: dict[Digest | None, Base] = {}
    for at, node in enumerate(branch.entries):
        plan = composing.plans.get((*path, at))
        if plan:
            bases[plan.new_base.digest] = plan.new_base
        elif isinstance(node, Branch):
            below = _bases(node, (*path, at), composing)
            if below is None:
                return None
            bases |= below
        elif not node.descriptor or not _is_no_image(node.descriptor):
            return None
    return bases


def _is_no_image(descriptor: Descriptor) -> bool:
    platform = descriptor.platform
    return descriptor.is_attestation or platform is None or platform.os == "unknown"


def _too_large(document: Document) -> ImageError:
    return ImageError(
        "too-large",
        f"The new {document.media_type} would have {readable(document.size)}, more than the "
        f"{readable(MAX_MANIFEST)} that registries take",
        "Rebase fewer platforms at once with `platforms`, or rebuild the image with fewer layers.",
    )
