"""The list of what refers to a manifest, under a tag made of its digest, where a place keeps no such list itself.

OCI distribution specification, "Referrers Tag Schema".
"""

from rebaser.errors import ImageNotFound
from rebaser.oci import media_types
from rebaser.oci.descriptor import Descriptor, describe
from rebaser.oci.digest import Digest, algorithm, encoded, parse_digest
from rebaser.oci.document import Document, new_document
from rebaser.oci.manifest import Index
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.transports.base import ImageSource, ImageStore

_MAX_TAG = 128  # characters
_MAX_ALGORITHM, _MAX_ENCODED = 32, 64


def subject_of(referrer: Document) -> Digest:
    """Return the digest of the manifest that a referrer of our own says something of."""
    subject = referrer.json["subject"]
    return parse_digest(str(subject["digest"]) if isinstance(subject, dict) else "")


def referrers_tag(subject: Digest) -> str:
    """Return the tag that names the list of a manifest's referrers."""
    return f"{algorithm(subject)[:_MAX_ALGORITHM]}-{encoded(subject)[:_MAX_ENCODED]}"[:_MAX_TAG]


def add_referrer(store: ImageStore, referrer: Document) -> None:
    """Add a stored manifest to the list of its subject's referrers, unless it is in there.

    Raises:
        TransportError, ImageError: the list could not be read or written, or the tag names something else.
    """
    subject = subject_of(referrer)
    before = tagged_referrers(store, subject)
    if any(entry.digest == referrer.digest for entry in before):
        return
    entry = describe(referrer).raw | {"artifactType": referrer.json["artifactType"]}
    entries: list[Json] = [*(entry.raw for entry in before), entry]
    listed: JsonObject = {"schemaVersion": 2, "mediaType": media_types.OCI_INDEX, "manifests": entries}
    document = new_document(media_types.OCI_INDEX, listed)
    store.put_manifest(document)
    store.put_tag(referrers_tag(subject), document)


def tagged_referrers(source: ImageSource, subject: Digest) -> tuple[Descriptor, ...]:
    """Return what the list under the tag of a manifest names; nothing where there is no such list.

    Raises:
        TransportError, ImageError: it could not be read.
    """
    tag = referrers_tag(subject)
    if source.resolve(tag) is None:
        return ()
    try:
        found = source.manifest(tag)
    except ImageNotFound:
        return ()
    return found.view.manifests if isinstance(found, Index) else ()
