"""Plans for checks to look at."""

from rebaser.oci.reference import parse_reference
from rebaser.plan.candidates import FROM_LABELS
from rebaser.plan.draft import plan_platform
from rebaser.plan.model import Base, PlatformPlan, Rejection, Trio, Wishes
from tests.builders import AnImage, a_layer, an_image, as_image

OLD, NEW, OWN = (a_layer({"name": name}) for name in ("old", "new", "own"))


def a_base(image: AnImage | None, found: str = "input") -> Base:
    if image is None:
        return Base(None, None, None, found)
    return Base(parse_reference("r.example/base:1"), image.digest, as_image(image), found)


def a_plan(
    old: AnImage | None = None, app: AnImage | None = None, new: AnImage | None = None, *, found: str = "input"
) -> PlatformPlan:
    """A plan for images that go together, unless others are given."""
    original = as_image(app or an_image([OLD, OWN]))
    trio = Trio(original, a_base(old or an_image([OLD]), found), a_base(new or an_image([NEW])))
    return plan_platform((), trio, (), Wishes())


def an_unknown_base(*rejected: Rejection) -> PlatformPlan:
    return PlatformPlan((), as_image(an_image([OLD, OWN])), a_base(an_image([NEW])), None, rejected)


__all__ = ["FROM_LABELS", "NEW", "OLD", "OWN", "a_base", "a_plan", "an_unknown_base"]
