"""Which places keep what refers to an image, and which keep whole images and nothing else."""

from collections.abc import Iterable
from dataclasses import replace

from rebaser.oci.reference import Repository, Transport
from rebaser.plan.model import Plan

_KEEPING = (Transport.REGISTRY, Transport.OCI_LAYOUT)


def keeps_referrers(place: Repository) -> bool:
    """Answer whether what refers to an image can be kept at `place`."""
    return place.transport in _KEEPING


def with_places(plan: Plan, places: Iterable[Repository]) -> Plan:
    """Return the plan with a notice for each of the `places` that will not keep its referrers."""
    forgetting = [place for place in dict.fromkeys(places) if plan.referrers and not keeps_referrers(place)]
    told = (
        f"{place} keeps no layers but the image's own; as they were before they were changed, they stay where the "
        "image was"
        for place in forgetting
    )
    return replace(plan, notices=(*plan.notices, *told))
