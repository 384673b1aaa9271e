"""The whole way from three images to the written result, as the laws need it: no network, no files."""

from dataclasses import dataclass

from rebaser.oci import media_types
from rebaser.oci.config import parse_config
from rebaser.oci.digest import digest_of
from rebaser.oci.document import MAX_CONFIG, parse_document
from rebaser.oci.image import Image, join
from rebaser.oci.manifest import Manifest, parse_manifest
from rebaser.oci.reference import parse_reference
from rebaser.oci.strict_json import Json, JsonObject, write
from rebaser.plan.compose import compose
from rebaser.plan.draft import draft
from rebaser.plan.model import Base, Child, Draft, Plan, PlatformPlan, Seam, Trio, Wishes
from rebaser.plan.seam import find_seam
from tests.property.docker_build import Built

PLACE = parse_reference("registry.example/bases/debian:12")


@dataclass(frozen=True, slots=True)
class Rebased:
    """The draft, what was composed of it, and the image that it is when it is read again."""

    draft: Draft
    plan: Plan
    image: Image

    @property
    def document(self) -> JsonObject:
        return self.image.config.document.json


def image_of(built: Built) -> Image:
    """The image as it is read from its bytes."""
    config = write(built.document)
    layers: list[Json] = [
        {"mediaType": layer.media_type, "size": len(layer.content), "digest": layer.digest} for layer in built.layers
    ]
    told: JsonObject = {"mediaType": media_types.OCI_CONFIG, "size": len(config), "digest": digest_of(config)}
    manifest: JsonObject = {"schemaVersion": 2, "mediaType": media_types.OCI_MANIFEST, "config": told, "layers": layers}
    return _read(write(manifest), config)


def base_of(image: Image) -> Base:
    return Base(PLACE, image.manifest.document.digest, image)


def rebase(original: Image, old: Image, new: Image, wishes: Wishes | None = None) -> Rebased:
    """The result of a rebase whose old base is known to be the image's."""
    wishes = wishes or Wishes()
    trio = Trio(original, base_of(old), base_of(new))
    seam = find_seam(original, trio.old_base)
    assert isinstance(seam, Seam)
    drafted = draft(trio, seam, wishes)
    made = PlatformPlan((), original, trio.new_base, trio.old_base, seam=seam, draft=drafted)
    plan = compose(Child(None, original), [made], PLACE.repository, wishes)
    config = next(blob.content for blob in plan.blobs if blob.content is not None)
    return Rebased(drafted, plan, _read(plan.root.content, config))


def _read(content: bytes, config: bytes) -> Image:
    manifest = parse_manifest(None, content, digest_of(content))
    assert isinstance(manifest, Manifest)
    return join(manifest, parse_config(parse_document(manifest.view.config.media_type, config, MAX_CONFIG)))
