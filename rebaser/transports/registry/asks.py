"""Requests that are made in more than one place. OCI distribution specification, "Pulling manifests"."""

from rebaser.oci import media_types
from rebaser.oci.document import MAX_MANIFEST
from rebaser.oci.reference import Repository
from rebaser.transports.registry.connection import Ask, Headers
from rebaser.transports.registry.responses import Errand, Kind
from rebaser.transports.registry.scopes import PULL, Scope

RAW: Headers = (("Accept-Encoding", "identity"),)
ACCEPT: Headers = (("Accept", ", ".join(media_types.ACCEPT)),)


def manifest_ask(
    repository: Repository, name: str, step: str = "the manifest", method: str = "GET", headers: Headers = RAW + ACCEPT
) -> Ask:
    """Return the request for what `name`, a tag or a digest, names; one header accepts all types that we read."""
    errand = Errand(Kind.READ, repository, step, name)
    path = f"/v2/{repository.path}/manifests/{name}"
    return Ask(method, path, (Scope(repository.path, PULL),), errand, headers, limit=MAX_MANIFEST)
