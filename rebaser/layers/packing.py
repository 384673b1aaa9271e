"""Which bytes are the blob of a tar: gzip, RFC 1952, without a name and a time. The same for one release of zlib."""

import zlib
from collections.abc import Iterable, Iterator

_GZIP = 31  # what tells zlib that it is gzip
_LEVEL = 6


def gzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of one gzip member that holds the chunks."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    for chunk in chunks:
        packed = packer.compress(chunk)
        if packed:
            yield packed
    yield packer.flush()
