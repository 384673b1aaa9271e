"""Where an image may say what it was built on. Every candidate still has to be proved against the layers.

Annotations of the manifest, of its entry in the index, and of the index; BuildKit's provenance; labels, which may be
inherited from the base's own base. image-spec annotations.md; SLSA provenance v0.2 and v1.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from rebaser.oci.annotations import BASE_DIGEST, BASE_NAME
from rebaser.oci.digest import Digest, parse_digest
from rebaser.oci.reference import DEFAULT_TAG, Reference, Scratch, parse_base, parse_reference
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.base_record import told_digest

FROM_LABELS = "label"
FROM_PROVENANCE = "provenance"
_MAX_QUALIFIERS = 16  # of one package-url; BuildKit writes two
MAX_MATERIALS = 32  # of one provenance; a build with more stages than that names its base otherwise


@dataclass(frozen=True, slots=True)
class Candidate:
    """A base that the image may have been built on, and where that is said. `problem` tells why it is none."""

    found: str
    name: Reference | Scratch | None = None
    digest: Digest | None = None
    problem: str = ""

    @property
    def place(self) -> Reference | None:
        """Return where to look for it: by its digest if that is told, None when it is `scratch` or has no name."""
        if not isinstance(self.name, Reference):
            return None
        return self.name.with_digest(self.digest) if self.digest else self.name

    @property
    def successor(self) -> Reference | None:
        """Return the name under which a newer base is found; None for a name that is pinned to a digest."""
        return self.name if isinstance(self.name, Reference) and self.name.digest is None else None


@dataclass(frozen=True, slots=True)
class Sayings:
    """All that one platform's image says of its base: annotations by place, the nearest first, and the rest."""

    annotations: tuple[tuple[str, Mapping[str, str]], ...]
    labels: Mapping[str, str]
    provenance: tuple[JsonObject, ...] = ()


def find_candidates(sayings: Sayings) -> tuple[Candidate, ...]:
    """Return every base that is named, the most trustworthy saying first, each base once."""
    told = [_from_notes(place, notes) for place, notes in sayings.annotations]
    told += [candidate for statement in sayings.provenance for candidate in _from_provenance(statement)]
    told.append(_from_notes(FROM_LABELS, sayings.labels))
    unique: dict[tuple[object, object, str], Candidate] = {}
    for candidate in told:
        if candidate:
            unique.setdefault((candidate.name, candidate.digest, candidate.problem), candidate)
    return tuple(unique.values())


def recorded_digest(sayings: Sayings) -> Digest | None:
    """Return the digest of the base as annotations record it, which are written for this very image."""
    return next((digest for _, notes in sayings.annotations if (digest := told_digest(notes))), None)


def _from_notes(found: str, notes: Mapping[str, str]) -> Candidate | None:
    name, digest_text = notes.get(BASE_NAME), notes.get(BASE_DIGEST)
    if not name and not digest_text:
        return None
    try:
        base = parse_base(name) if name else None
        digest = parse_digest(digest_text) if digest_text else None
    except ValueError as error:
        return Candidate(found, problem=str(error))
    if isinstance(base, Reference) and base.digest and digest is None:
        digest = base.digest
    return Candidate(found, base, digest if base is not Scratch.SCRATCH else None)


def _from_provenance(statement: JsonObject) -> Iterator[Candidate]:
    for material in _materials(statement)[:MAX_MATERIALS]:
        if isinstance(material, dict):
            candidate = _from_material(material.get("uri"), material.get("digest"))
            if candidate:
                yield candidate


def _materials(statement: JsonObject) -> Sequence[Json]:
    predicate = statement.get("predicate")
    if not isinstance(predicate, dict):
        return ()
    definition = predicate.get("buildDefinition")
    told = definition.get("resolvedDependencies") if isinstance(definition, dict) else predicate.get("materials")
    return told if isinstance(told, list) else ()


def _from_material(uri: Json, digests: Json) -> Candidate | None:
    """Read `pkg:docker/[host/]name@tag?platform=…` with the digest beside it. package-url "docker" type."""
    if not isinstance(uri, str) or not uri.startswith("pkg:docker/"):
        return None
    encoded = digests.get("sha256") if isinstance(digests, dict) else None
    try:
        return _named_by(uri.removeprefix("pkg:docker/"), f"sha256:{encoded}" if isinstance(encoded, str) else "")
    except ValueError:
        return None


def _named_by(package: str, digest_beside: str) -> Candidate:
    path, _, query = package.partition("?")
    name, _, version = path.partition("@")
    qualifiers = parse_qs(query, max_num_fields=_MAX_QUALIFIERS)
    host, tag = qualifiers.get("repository_url", [""])[0], unquote(version)
    repository = parse_reference(f"{host}/{unquote(name)}" if host else unquote(name)).repository
    if tag.startswith("sha256:"):
        return Candidate(FROM_PROVENANCE, Reference(repository, None, parse_digest(tag)), parse_digest(tag))
    digest = parse_digest(digest_beside or qualifiers.get("digest", [""])[0])
    return Candidate(FROM_PROVENANCE, parse_reference(f"{repository}:{tag or DEFAULT_TAG}"), digest)
