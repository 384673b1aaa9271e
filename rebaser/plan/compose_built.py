"""The manifest of an image that was built from source, and the blobs that it refers to.

What the builder made keeps its bytes. Of the original's manifest nothing is taken over but the name of its base: its
other annotations tell of another build.
"""

from collections.abc import Iterator

from rebaser.oci import media_types
from rebaser.oci.annotations import BASE_DIGEST, BASE_NAME
from rebaser.oci.descriptor import describe
from rebaser.oci.document import Document, new_document
from rebaser.oci.media_types import Family
from rebaser.oci.reference import Repository
from rebaser.oci.strict_json import JsonObject
from rebaser.plan.base_record import recorded
from rebaser.plan.family import converted, put_notes
from rebaser.plan.model import BlobMove, BuiltImage, PlatformPlan
from rebaser.printable import printable


def built_manifest(plan: PlatformPlan, built: BuiltImage, family: Family, notices: list[str]) -> Document:
    """Return the manifest, which records the new base where the family has a place for that."""
    media_type = str(media_types.in_family(media_types.OCI_MANIFEST, family))
    config: JsonObject = {"mediaType": media_types.in_family(media_types.OCI_CONFIG, family)}
    raw: JsonObject = {"schemaVersion": 2, "mediaType": media_type, "config": describe(built.config).raw | config}
    raw["layers"] = [converted(layer.descriptor, family) for layer in built.layers]
    before = plan.original.manifest.view.notes
    named = {key: before[key] for key in (BASE_NAME,) if key in before}
    notes = recorded({**named, **built.notes}, plan.new_base) if family == "oci" else dict(built.notes)
    put_notes(raw, notes, family, notices)
    lost = sorted(key for key in before if key not in notes and key not in (BASE_NAME, BASE_DIGEST))
    if lost:
        notices.append(f"Annotations that the build did not make again: {', '.join(map(printable, lost))}")
    return new_document(media_type, raw)


def built_blobs(plan: PlatformPlan, built: BuiltImage, home: Repository) -> Iterator[BlobMove]:
    """Yield the layers, those of the base from where they are already, and the config; `home` has the original's."""
    held = {layer.descriptor.digest for layer in plan.original.layers}
    base = plan.new_base.reference
    for position, layer in enumerate(built.layers):
        own = position >= len(plan.new_base.layers)
        place = built.place if own or base is None else base.repository
        if not layer.descriptor.is_foreign:
            yield BlobMove(layer.descriptor, home if layer.descriptor.digest in held else place)
    yield BlobMove(describe(built.config), content=built.config.content)
