"""Descriptors: what a document says of another blob. image-spec descriptor.md."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StrictInt,
    StrictStr,
    model_validator,
)

from rebaser.oci import annotations
from rebaser.oci.digest import Digest, parse_digest
from rebaser.oci.document import Document
from rebaser.oci.media_types import FOREIGN_LAYERS
from rebaser.oci.platform import Platform
from rebaser.oci.strict_json import JsonObject

MAX_SIZE = 2**63 - 1

ValidDigest = Annotated[Digest, Field(strict=True), AfterValidator(parse_digest)]


def at_most(limit: int) -> BeforeValidator:
    """Return what bounds a list before its members are looked at; null, as Go writes an empty one, is empty."""

    def check(value: object) -> object:
        if isinstance(value, list) and len(value) > limit:
            raise ValueError(f"{len(value)} members are more than the {limit} that are accepted")
        return () if value is None else value

    return BeforeValidator(check)


class View(BaseModel):
    """A read-only view of a JSON object; `raw` is that object, with the fields that we don't know and in its order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    _raw: JsonObject = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_raw(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401
        known = {field.alias or name for name, field in cls.model_fields.items()}
        refuse_other_spellings(value, known)
        view = handler(value)
        if isinstance(value, dict):
            view._raw = value  # noqa: SLF001  our own
        return view

    @property
    def raw(self) -> JsonObject:
        """Return the object as it was read. Not to be changed in place."""
        return self._raw


def refuse_other_spellings(members: object, known: Collection[str]) -> None:
    """Refuse keys that tools written in Go take for one of the `known`, since they don't look at letter case.

    Raises:
        ValueError: naming the key.
    """
    folded = {key.casefold() for key in known}
    for key in members if isinstance(members, dict) else ():
        if key not in known and key.casefold() in folded:
            raise ValueError(f"some tools would read {key[:100]!r} as the key that is spelled otherwise")


class DescriptorPlatform(View):
    """The platform that an index gives an entry. image-spec image-index.md."""

    os: StrictStr
    architecture: StrictStr
    variant: StrictStr | None = None
    os_version: StrictStr | None = Field(default=None, alias="os.version")

    @property
    def platform(self) -> Platform:
        """Return the three parts that make a platform."""
        return Platform(self.os, self.architecture, self.variant or "")


class Descriptor(View):
    """What is at the other end: media type, digest, size in bytes."""

    media_type: StrictStr = Field(alias="mediaType")
    digest: ValidDigest
    size: Annotated[StrictInt, Field(ge=0, le=MAX_SIZE)]
    annotations: Mapping[StrictStr, StrictStr] | None = None
    platform: DescriptorPlatform | None = None
    artifact_type: StrictStr | None = Field(default=None, alias="artifactType")

    @property
    def notes(self) -> Mapping[str, str]:
        """Return the annotations; none when there are none."""
        return self.annotations or {}

    @property
    def is_attestation(self) -> bool:
        """Answer whether BuildKit put this entry into an index to attest another entry."""
        return self.notes.get(annotations.DOCKER_REFERENCE_TYPE) == annotations.ATTESTATION_MANIFEST

    @property
    def is_foreign(self) -> bool:
        """Answer whether the blob is a layer that registries are not meant to store."""
        return self.media_type in FOREIGN_LAYERS


def descriptor(media_type: str, digest: Digest, size: int) -> Descriptor:
    """Return a descriptor with the three required fields."""
    return Descriptor.model_validate({"mediaType": media_type, "digest": digest, "size": size})


def describe(document: Document) -> Descriptor:
    """Return the descriptor of `document`."""
    return descriptor(document.media_type, document.digest, document.size)
