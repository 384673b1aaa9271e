"""What is stated of a result: an in-toto Statement v1 with SLSA provenance v1, the same bytes for the same run.

in-toto attestation spec v1 (Statement, ResourceDescriptor); SLSA provenance v1; package-url, type `oci`. There are no
times in it, no credential, and no text that an image could choose freely. docs/provenance.md tells its members.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from rebaser import __version__
from rebaser.oci.digest import Digest, algorithm, encoded
from rebaser.oci.document import Document, new_document
from rebaser.oci.media_types import IN_TOTO
from rebaser.oci.reference import Reference, Repository, Scratch, Transport
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.model import Base, PlatformPlan
from rebaser.request import Maker, Policy, Request

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "https://rebaser.github.io/build-types/rebase/v1"
_PLATFORM = re.compile(r"[a-z]{1,16}/[a-z0-9]{1,16}(/v[0-9]{1,2}(\.[0-9])?)?")


@dataclass(frozen=True, slots=True)
class Made:
    """What a statement is made of. `results` are digests, what tags name first, in each of the `places`.

    `findings` is the digest of their list. `earlier` are attestations of the original: what is known of how the
    application was built is said there.
    """

    original: Reference
    results: Sequence[Digest]
    places: Sequence[Repository]
    plans: Sequence[PlatformPlan]
    findings: Digest
    earlier: Sequence[Digest] = ()


def statement(made: Made, request: Request, policy: Policy, maker: Maker) -> Document:
    """Return the statement of a rebase."""
    definition: JsonObject = {
        "buildType": BUILD_TYPE,
        "externalParameters": _parameters(request, policy),
        "internalParameters": {"decision": "rebase"},
        "resolvedDependencies": list[Json](_dependencies(made)),
    }
    run: JsonObject = {"builder": {"id": maker.builder, "version": {"rebaser": __version__}}}
    if maker.invocation:
        run["metadata"] = {"invocationId": maker.invocation}
    findings = _resource("findings", digest=made.findings) | {"mediaType": "application/json"}
    run["byproducts"] = [findings]
    names, results = (dict.fromkeys(map(_told_place, made.places)), dict.fromkeys(made.results))
    subjects = [_resource(name, digest=digest) for name in names for digest in results]
    predicate: JsonObject = {"buildDefinition": definition, "runDetails": run}
    whole: JsonObject = {"_type": STATEMENT, "subject": list[Json](subjects)}
    return new_document(IN_TOTO, whole | {"predicateType": PREDICATE, "predicate": predicate})


def _dependencies(made: Made) -> Iterator[JsonObject]:
    """Yield the images that the result is made of, each once: what was there, and the bases of every platform."""
    told: dict[str, JsonObject] = {}
    for resource in _resources(made):
        told.setdefault(str(resource), resource)
    yield from told.values()


def _resources(made: Made) -> Iterator[JsonObject]:
    place, root = made.original.repository, made.original.digest
    if root is not None:
        yield _resource("original", _purl(made.original, root), root)
    for plan in made.plans:
        own = plan.original.manifest.document.digest
        if own != root:
            yield _resource("original", _purl(Reference(place), own), own) | _of(plan)
        for name, base in (("old-base", plan.old_base), ("new-base", plan.new_base)):
            if base is not None:
                yield from (resource | _of(plan) for resource in _bases(name, base))
    for digest in made.earlier:
        yield _resource("original-provenance", _purl(Reference(place), digest), digest)


def _bases(name: str, base: Base) -> Iterator[JsonObject]:
    """Yield a base by the digest that its name means and, where that is an index, by that of the platform's image."""
    for digest in sorted(base.digests, key=lambda one: one != base.digest):
        yield _resource(name, _purl(base.reference, digest) if base.reference else "", digest)


def _of(plan: PlatformPlan) -> JsonObject:
    """Return which platform something is for, if its name is one that platforms have; an image could say anything."""
    platform = str(plan.original.platform)
    return {"annotations": {"platform": platform}} if _PLATFORM.fullmatch(platform) else {}


def _resource(name: str, uri: str = "", digest: Digest | None = None) -> JsonObject:
    told: JsonObject = {"name": name}
    if uri:
        told["uri"] = uri
    return told | {"digest": {algorithm(digest): encoded(digest)}} if digest else told


def _purl(reference: Reference, digest: Digest) -> str:
    """Return the package-url of an image in a registry, empty for one elsewhere: its place says nothing to others."""
    place = reference.repository
    if place.transport is not Transport.REGISTRY:
        return ""
    name, told = place.path.rpartition("/")[2], f"repository_url={quote(str(place), safe='/')}"
    tag = f"&tag={quote(reference.tag)}" if reference.tag else ""
    return f"pkg:oci/{quote(name)}@{quote(digest, safe='')}?{told}{tag}"


def _parameters(request: Request, policy: Policy) -> JsonObject:
    """Return the inputs that decide what comes out, under their own names; those that were not given are left out."""
    tags = None if request.tags is None else [_told(tag) for tag in request.tags]
    given: Mapping[str, Json] = {
        "image": _told(request.image),
        "new-base": _told(request.new_base) if request.new_base else None,
        "old-base": _told(request.old_base) if request.old_base else None,
        "tags": list[Json](tags) if tags is not None else None,
        "platforms": list[Json](map(str, request.platforms)) or None,
        "on-incompatible": policy.on_incompatible,
        "on-conflict": request.on_conflict,
        "tolerate": list[Json](sorted(policy.tolerate)) or None,
        "fail-on": policy.fail_on.word,
        "checks": request.checks,
        "merge-layer": request.merge_layer,
        "manifest-format": request.manifest_format,
        "SOURCE_DATE_EPOCH": request.created,
    }
    return {name: value for name, value in given.items() if value is not None}


def _told(reference: Reference | Scratch) -> str:
    """Return a reference as it was given; of a path on some machine only its last part is anyone's business."""
    if isinstance(reference, Scratch):
        return reference.value
    tag, digest = (f"{mark}{part}" if part else "" for mark, part in ((":", reference.tag), ("@", reference.digest)))
    return f"{_told_place(reference.repository)}{tag}{digest}"


def _told_place(place: Repository) -> str:
    if place.transport in (Transport.OCI_LAYOUT, Transport.DOCKER_ARCHIVE):
        return f"{place.transport.value}:{place.path.rstrip('/').rpartition('/')[2]}"
    return str(place)


def findings_listed(found: Iterable[JsonObject]) -> Document:
    """Return the list of findings whose digest a statement names, as it is put beside the report."""
    return new_document("application/json", {"findings": list[Json](found)})
