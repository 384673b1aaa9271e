"""Manifests and configs, each read once however many ask for it, from whichever thread."""

from dataclasses import dataclass, field

from rebaser.oci.config import ImageConfig, parse_config
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.document import MAX_CONFIG, parse_document
from rebaser.oci.manifest import Index, Manifest
from rebaser.oci.reference import Reference
from rebaser.once import Once
from rebaser.transports.base import Transports, read_blob


@dataclass(slots=True)
class Documents:
    """What has been read so far; whoever asks first reads it, in his own thread, and the others wait for him."""

    transports: Transports
    _read: Once = field(default_factory=Once)

    def manifest(self, reference: Reference, expected: Descriptor | None = None) -> Manifest | Index:
        """Return the manifest or index at `reference`; `expected` is what an index said of it.

        Raises:
            ImageError, TransportError: it could not be read.
        """
        store = self.transports.open(reference.repository)
        name = reference.digest or reference.tag or store.untagged()
        return self._read.answer((reference.repository, name), lambda: store.manifest(name, expected))

    def config(self, reference: Reference, manifest: Manifest) -> ImageConfig:
        """Return the config of a manifest in the repository of `reference`.

        Raises:
            ImageError, TransportError: it could not be read, or is no config.
        """
        source, told = self.transports.open(reference.repository), manifest.view.config

        def read() -> ImageConfig:
            content = read_blob(source, told, MAX_CONFIG)
            return parse_config(parse_document(told.media_type, content, MAX_CONFIG, told.digest))

        return self._read.answer((reference.repository, told.digest, told.media_type, told.size), read)
