"""How a build takes the new base without a change to the user's files.

Every place that names the final base as the final stage does takes the new one: an image that a stage compiles on and
the last stage runs on is one image to the Dockerfile, and so it is when a tag is moved and `docker build` runs again,
which is what we promise. Other bases stay as they are written.
"""

from collections.abc import Iterable

from rebaser.errors import RebuildError
from rebaser.oci.reference import Reference, Transport, familiar, parse_reference
from rebaser.printable import printable
from rebaser.rebuild.dockerfile import SCRATCH, Dockerfile, ImageName, base_chain, uses


def final_base(dockerfile: Dockerfile, target: str, known: Iterable[Reference]) -> ImageName:
    """Return the image that the final stage stands on, provided that it is one of `known`.

    `known` are the names of the old and of the new base: the repository has to be the same, or the digest.

    Raises:
        RebuildError: it is another image, or none.
    """
    stage = base_chain(dockerfile, target)[-1]
    expected = list(known)
    if stage.image.text != SCRATCH and _is_one_of(stage.image, expected):
        return stage.image
    called = " or ".join(dict.fromkeys(str(base.repository) for base in expected))
    raise RebuildError(
        "base-not-in-dockerfile",
        f"The Dockerfile's final stage stands on {printable(stage.image.text)} (line {stage.line}), not on {called}",
        "Name another Dockerfile or stage in `file` or `target`, set its ARG with `build-args`, or give `old-base` as"
        " the Dockerfile names it.",
    )


def _is_one_of(image: ImageName, known: Iterable[Reference]) -> bool:
    try:
        reference = parse_reference(image.text)
    except ValueError:
        return False
    return any(
        reference.repository == base.repository or (base.digest is not None and reference.digest == base.digest)
        for base in known
    )


def pinned(base: Reference) -> str:
    """Return the name under which every builder finds exactly `base`.

    Raises:
        RebuildError: no builder can: it has no digest, or is in no registry.
    """
    if base.digest is None or base.repository.transport is not Transport.REGISTRY:
        raise RebuildError(
            "base-not-pullable",
            f"A builder cannot pull the new base {printable(str(base))}: it takes digests from registries",
            "Push the new base to a registry, and name it there in `new-base`.",
        )
    return f"{base.repository}@{base.digest}"


def context_name(dockerfile: Dockerfile, base: ImageName) -> str | None:
    """Return what BuildKit calls `base` among its named contexts; None where it would take a stage for it as well.

    A stage that bears that name (`FROM node AS node`) would be replaced with all its instructions.
    """
    try:
        name = familiar(parse_reference(base.text)).removesuffix(":latest")
    except ValueError:
        return None
    return None if any(stage.name == name for stage in dockerfile.stages) else name


def rewritten(dockerfile: Dockerfile, base: ImageName, replacement: str) -> bytes:
    """Return the Dockerfile with `replacement` wherever it names `base`, and every other byte as it is."""
    parts, done = [], 0
    for name in uses(dockerfile, base):
        parts += [dockerfile.content[done : name.start], replacement]
        done = name.end
    return "".join([*parts, dockerfile.content[done:]]).encode("utf-8", "surrogateescape")
