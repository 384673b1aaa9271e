"""Annotation and label keys that we read or write: those that others define, and our own."""

BASE_NAME = "org.opencontainers.image.base.name"
BASE_DIGEST = "org.opencontainers.image.base.digest"
REF_NAME = "org.opencontainers.image.ref.name"

DOCKER_REFERENCE_TYPE = "vnd.docker.reference.type"
DOCKER_REFERENCE_DIGEST = "vnd.docker.reference.digest"
ATTESTATION_MANIFEST = "attestation-manifest"
IN_TOTO_PREDICATE_TYPE = "in-toto.io/predicate-type"

ORIGINAL_LAYER = "io.github.rebaser.original-layer"  # and .digest, .size, .media-type, .diff-id
MERGE_LAYER = "io.github.rebaser.merge-layer"
