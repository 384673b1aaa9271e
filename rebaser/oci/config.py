"""The image config, as a read-only view of the document it came as. image-spec config.md."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictStr

from rebaser.oci.descriptor import View, at_most, refuse_other_spellings
from rebaser.oci.digest import DiffId, parse_diff_id
from rebaser.oci.document import Document, invalid
from rebaser.oci.manifest import MAX_LAYERS_READ, read_view
from rebaser.oci.platform import Platform
from rebaser.oci.strict_json import JsonObject

MAX_HISTORY = 4000  # entries


class HistoryEntry(View):
    """One step of the build. Without `empty_layer` it made a layer, or claims so."""

    created: StrictStr | None = None
    created_by: StrictStr | None = None
    author: StrictStr | None = None
    comment: StrictStr | None = None
    empty_layer: StrictBool | None = None

    @property
    def is_empty(self) -> bool:
        """Answer whether the step made no layer."""
        return bool(self.empty_layer)

    def same_step(self, other: "HistoryEntry") -> bool:
        """Answer whether two entries tell of the same step.

        When it ran and comments on it do not count; nor do members that we don't know, which builders drop from a
        base's entries.
        """
        mine, others = ((entry.created_by or "", entry.author or "", entry.is_empty) for entry in (self, other))
        return mine == others


class RootFs(View):
    """The layers' identities, base first."""

    type: Literal["layers"]
    diff_ids: Annotated[
        tuple[Annotated[DiffId, Field(strict=True), AfterValidator(parse_diff_id)], ...], at_most(MAX_LAYERS_READ)
    ] = ()  # docker leaves an empty list out


class ConfigView(View):
    """What an image config says, as far as rebasing must understand it."""

    architecture: StrictStr
    os: StrictStr
    variant: StrictStr | None = None
    os_version: StrictStr | None = Field(default=None, alias="os.version")
    created: StrictStr | None = None
    rootfs: RootFs
    history: Annotated[tuple[HistoryEntry, ...], at_most(MAX_HISTORY)] | None = None

    @property
    def platform(self) -> Platform:
        """Return the platform that the image was built for."""
        return Platform(self.os, self.architecture, self.variant or "")


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """A config's document and what it says."""

    document: Document
    view: ConfigView

    @property
    def diff_ids(self) -> tuple[DiffId, ...]:
        """Return the layers' diff IDs, base first."""
        return self.view.rootfs.diff_ids

    @property
    def history(self) -> tuple[HistoryEntry, ...]:
        """Return the history; none when it is absent."""
        return self.view.history or ()

    @property
    def settings(self) -> JsonObject:
        """Return the `config` member, what a container is started with; empty when absent or null."""
        settings = self.document.json.get("config")
        return settings if isinstance(settings, dict) else {}

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels; none when there are none."""
        labels = self.settings.get("Labels")
        return {key: text for key, text in labels.items() if isinstance(text, str)} if isinstance(labels, dict) else {}


def parse_config(document: Document) -> ImageConfig:
    """Return the config that `document` is.

    Raises:
        ImageError: `document-invalid`, when a member that rebasing must understand has another form than the
            specification's.
    """
    view = read_view(ConfigView, document)
    settings = document.json.get("config")
    if settings is not None and not isinstance(settings, dict):
        raise invalid("config is not an object", document.digest)
    _refuse_bad_settings(settings or {}, document)
    return ImageConfig(document, view)


def instant(text: str | None) -> datetime | None:
    """Return the moment that an RFC 3339 text names, None for none or for what is not one."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(_without_nanoseconds(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _without_nanoseconds(text: str) -> str:
    head, dot, rest = text.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    return f"{head}{dot}{rest[: min(digits, 6)]}{rest[digits:]}"


_STRING_LISTS = ("Env", "Cmd", "Entrypoint", "OnBuild", "Shell")
_OBJECTS = ("Labels", "ExposedPorts", "Volumes", "Healthcheck")
_STRINGS = ("WorkingDir", "User", "StopSignal")
_KNOWN = frozenset({*_STRING_LISTS, *_OBJECTS, *_STRINGS})


def _refuse_bad_settings(settings: JsonObject, document: Document) -> None:
    try:
        refuse_other_spellings(document.json, {"config"})
        refuse_other_spellings(settings, _KNOWN)
    except ValueError as error:
        raise invalid(str(error), document.digest) from error
    for key in _STRING_LISTS:
        value = settings.get(key)
        if value is not None and not (isinstance(value, list) and all(isinstance(member, str) for member in value)):
            raise invalid(f"config.{key}: is not a list of strings", document.digest)
    for key in _OBJECTS:
        if not isinstance(settings.get(key), dict | None):
            raise invalid(f"config.{key}: is not an object", document.digest)
    for key in _STRINGS:
        if not isinstance(settings.get(key), str | None):
            raise invalid(f"config.{key}: is not a string", document.digest)
    labels = settings.get("Labels")
    if isinstance(labels, dict) and not all(isinstance(value, str) for value in labels.values()):
        raise invalid("config.Labels: holds something else than strings", document.digest)
