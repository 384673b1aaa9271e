"""What an image says of its base: `org.opencontainers.image.base.name` and `.digest`, read and renewed.

image-spec annotations.md: the name is fully qualified, and resolving it again gives the base's successor.
"""

from collections.abc import Mapping

from rebaser.oci.annotations import BASE_DIGEST, BASE_NAME
from rebaser.oci.digest import Digest, parse_digest
from rebaser.oci.reference import Reference, Scratch, Transport, parse_base
from rebaser.plan.model import Base


def recorded(notes: Mapping[str, str], base: Base) -> dict[str, str]:
    """Return `notes` telling of `base`, whatever they told before."""
    told = {key: value for key, value in notes.items() if key not in (BASE_NAME, BASE_DIGEST)}
    name, digest = _name(notes, base), base.digest
    return {**told, **({BASE_NAME: name} if name else {}), **({BASE_DIGEST: digest} if digest else {})}


def renewed(notes: Mapping[str, str], base: Base) -> dict[str, str]:
    """Return `notes` telling of `base` where they told of a base before, else unchanged."""
    stood = BASE_NAME in notes or BASE_DIGEST in notes
    return recorded(notes, base) if stood else dict(notes)


def forgotten(notes: Mapping[str, str]) -> dict[str, str]:
    """Return `notes` telling of no base."""
    return {key: value for key, value in notes.items() if key not in (BASE_NAME, BASE_DIGEST)}


def told_digest(notes: Mapping[str, str]) -> Digest | None:
    """Return the base's digest that `notes` tell, None where they tell none that is one."""
    try:
        return parse_digest(notes.get(BASE_DIGEST, ""))
    except ValueError:
        return None


def _name(notes: Mapping[str, str], base: Base) -> str | None:
    if base.reference is None:
        return Scratch.SCRATCH.value
    if base.reference.repository.transport is not Transport.REGISTRY:
        return None
    if base.reference.tag:
        return str(Reference(base.reference.repository, base.reference.tag))
    before = notes.get(BASE_NAME)
    return before if before and _same_repository(before, base.reference) else None


def _same_repository(name: str, reference: Reference) -> bool:
    try:
        named = parse_base(name)
    except ValueError:
        return False
    return isinstance(named, Reference) and named.repository == reference.repository and named.digest is None
