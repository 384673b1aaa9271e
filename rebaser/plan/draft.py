"""From the images of one platform to what is to become of it."""

from rebaser.oci.digest import Digest
from rebaser.oci.image import Image
from rebaser.plan.config_merge import is_build_key, merge_config
from rebaser.plan.model import (
    NOTHING_SEEN,
    AppLayer,
    Base,
    Draft,
    Made,
    PlatformPlan,
    Rejection,
    Seam,
    Seen,
    Trio,
    Unrelated,
    Weight,
    Wishes,
    app_layers,
)
from rebaser.plan.seam import common_prefix, find_seam
from rebaser.plan.standing import stands_on

_HARMLESS = {"/created", "/config/Image"}


def draft(trio: Trio, seam: Seam, wishes: Wishes, seen: Seen = NOTHING_SEEN) -> Draft:
    """Return the rebased image: the new base's layers under the application's, as they are, and the merged config."""
    app = tuple(AppLayer(layer) for layer in app_layers(trio.original, seam))
    return layered(trio, seam, app, wishes, seen)


def layered(
    trio: Trio, seam: Seam, app: tuple[AppLayer, ...], wishes: Wishes, seen: Seen, *, top: Made | None = None
) -> Draft:
    """Return the rebased image with the application's layers as `app` has them, and `top` over them."""
    layers = (*trio.new_base.layers, *(one.layer for one in app), *((top.layer,) if top else ()))
    merged = merge_config(trio, seam, layers, wishes, seen, top=top)
    return Draft(trio, seam, layers, merged.config, merged.patch, merged.conflicts, app, top)


def plan_platform(path: tuple[int, ...], trio: Trio, rejected: tuple[Rejection, ...], wishes: Wishes) -> PlatformPlan:
    """Return the plan for a platform whose old base is known and that is not current."""
    seam = find_seam(trio.original, trio.old_base)
    made = None if isinstance(seam, Unrelated) else draft(trio, seam, wishes)
    return PlatformPlan(path, trio.original, trio.new_base, trio.old_base, rejected, "", seam, made)


def why_current(original: Image, new_base: Base, recorded: Digest | None, old_base: Base | None) -> str:
    """Return why the original already stands on the new base, empty when it doesn't or when nothing tells.

    `recorded` is the base's digest that annotations tell of this very image; `old_base` the one that was named or
    proved. Without a record the image must come out of its own rebase as it went in.
    """
    if common_prefix([layer.diff_id for layer in new_base.layers], original.diff_ids) < len(new_base.layers):
        return ""
    if old_base is not None and _one_base(old_base, new_base):
        return "the base that it stands on is the new base"
    if recorded is not None:
        return "its record names the new base, and its layers are there" if recorded in new_base.digests else ""
    base = _nearer(original, new_base, old_base)
    if base is None or not _comes_out_unchanged(Trio(original, base, new_base)):
        return ""
    return "the new base's layers are there, and rebasing would change nothing"


def _one_base(left: Base, right: Base) -> bool:
    return bool(left.digests & right.digests) or (left.image is None and right.image is None)


def _nearer(original: Image, new_base: Base, old_base: Base | None) -> Base | None:
    """Return the base to rebase from for the comparison, None when the image cannot stand on the new one.

    An old base that the image does not begin with any more, or one that the new base contains, tells that the image
    has been rebased. Where no old base is known, the new base's whole config must stand in the image.
    """
    if old_base is None:
        return new_base if stands_on(original, new_base) else None
    if isinstance(find_seam(original, old_base), Unrelated):
        return new_base
    ours, theirs = len(old_base.layers), len(new_base.layers)
    if ours == theirs:
        return old_base
    return new_base if theirs > ours else None


def _comes_out_unchanged(trio: Trio) -> bool:
    seam = find_seam(trio.original, trio.old_base)
    if isinstance(seam, Unrelated):
        return False
    harmless = _HARMLESS if seam.app_history is not None else {*_HARMLESS, "/history"}
    made = draft(trio, seam, Wishes())
    if any(conflict.weight is Weight.BLOCKER for conflict in made.conflicts):
        return False
    changes = [str(operation["path"]) for operation in made.patch]
    if seam.merge_layers:  # what was put on top belongs to the base that is compared with
        changes = [path for path in changes if not path.startswith(("/rootfs/diff_ids", "/history"))]
    return all(path in harmless or is_build_key(path.removeprefix("/")) for path in changes)
