"""One line for a merge: an old base, an application on it, a new base; and what comes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rebaser.oci.image import Image
from rebaser.oci.reference import parse_reference
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.draft import draft
from rebaser.plan.model import Base, Draft, Seam, Trio, Wishes
from rebaser.plan.seam import find_seam
from tests.builders import AnImage, a_layer, an_image, as_image, buildkit, classic

DEBIAN = parse_reference("registry.example/debian:12")
OLD_LAYER = a_layer({"old": ""})
NEW_LAYER = a_layer({"new": ""})
APP_LAYER = a_layer({"app": ""})
DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
Builder = Literal["classic", "buildkit"]


@dataclass(frozen=True, slots=True)
class Merged:
    """A draft, seen as tests look at it."""

    draft: Draft

    @property
    def config(self) -> JsonObject:
        settings = self.draft.config.get("config")
        return settings if isinstance(settings, dict) else {}

    @property
    def env(self) -> Json:
        return self.config.get("Env")

    @property
    def kinds(self) -> list[str]:
        return [conflict.kind for conflict in self.draft.conflicts]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Kind and place of every conflict."""
        return [(c.kind, f"{c.pointer}/{c.key}" if c.key else c.pointer) for c in self.draft.conflicts]


def merged(
    old: Mapping[str, Json],
    app: Mapping[str, Json],
    new: Mapping[str, Json],
    ran: Sequence[str] = ("COPY a /a",),
    *,
    builder: Builder = "buildkit",
    wishes: Wishes | None = None,
    members: Mapping[str, tuple[Json, Json, Json]] | None = None,
) -> Merged:
    """Merge three `config` members; `ran` are the application's instructions, of which the last one made its layer.

    `members` of the document itself are given with their three values.
    """
    write = buildkit if builder == "buildkit" else classic
    own = [write(line, layer=line.startswith(("COPY", "RUN"))) for line in ran]
    layers = [APP_LAYER] * sum(not entry.get("empty_layer") for entry in own)
    top = [{key: values[side] for key, values in (members or {}).items()} for side in range(3)]
    base = [buildkit("RUN base")]
    return rebased(
        an_image([OLD_LAYER], config=old, history=base, config_members=top[0]),
        an_image([OLD_LAYER, *layers], config=app, history=[*base, *own], config_members=top[1]),
        an_image([NEW_LAYER], config=new, history=base, config_members=top[2]),
        wishes,
    )


def unproved(
    old: Mapping[str, Json], app: Mapping[str, Json], new: Mapping[str, Json], wishes: Wishes | None = None
) -> Merged:
    """Merge without any history."""
    return rebased(
        an_image([OLD_LAYER], config=old, history=None),
        an_image([OLD_LAYER, APP_LAYER], config=app, history=None),
        an_image([NEW_LAYER], config=new, history=None),
        wishes,
    )


def rebased(old: AnImage, app: AnImage, new: AnImage, wishes: Wishes | None = None) -> Merged:
    trio = Trio(as_image(app), base_of(as_image(old)), base_of(as_image(new)))
    seam = find_seam(trio.original, trio.old_base)
    assert isinstance(seam, Seam)
    return Merged(draft(trio, seam, wishes or Wishes()))


def base_of(image: Image, reference: str = "registry.example/debian:12") -> Base:
    return Base(parse_reference(reference), image.manifest.document.digest, image)
