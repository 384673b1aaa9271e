"""Which tags are to be put, and what they named when the run began: looked at while the image is read."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from rebaser.apply import TagTarget
from rebaser.errors import TransportError
from rebaser.gather import Original
from rebaser.oci.digest import Digest
from rebaser.oci.reference import Reference
from rebaser.request import Request
from rebaser.transports.base import Transports

Looks = Mapping[Reference, Future[Digest | None]]
"""Tags of the result, and what they named at the start."""


def look_at_tags(request: Request, transports: Transports, pool: ThreadPoolExecutor) -> Looks:
    """Look at the tags of the result; at the image's own only if it is not read by that very tag."""
    image = request.image
    read = image.with_tag(image.tag) if image.tag and image.digest is None else None
    return {
        tag: pool.submit(transports.open(tag.repository).resolve, str(tag.tag))
        for tag in request.tags or ()
        if tag != read and tag.tag
    }


def tag_targets(
    tags: Sequence[Reference], image: Reference, original: Original, looks: Looks, transports: Transports
) -> tuple[TagTarget, ...]:
    """Return the tags to be put with what they named at the start; the image's own must name the original.

    Where the original was read by its tag, that is what the tag named.

    Raises:
        TransportError: `tag-moved`, or what the registry said.
    """
    own = original.reference.with_tag(str(original.reference.tag)) if original.reference.tag else None
    named = {tag: look.result() for tag, look in looks.items()}
    for tag in tags:
        if tag not in named:
            known = tag in (own, image)
            named[tag] = original.digest if known else transports.open(tag.repository).resolve(str(tag.tag))
    targets = tuple(TagTarget(tag, named[tag]) for tag in tags)
    for target in targets:
        if target.reference == own and target.named != original.digest:
            raise TransportError(
                "tag-moved",
                f"{own} names {target.named or 'nothing'}, not the image {original.digest} that is to be rebased",
                "Name the image by its tag alone in `image`, or give the result another tag in `tags`.",
            )
    return targets
