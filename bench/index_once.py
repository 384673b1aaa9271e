"""Indexes one layer, in a process of its own, and prints its peak memory in MB and the stored index' size in bytes.

python -m bench.index_once DIFF_ID FILE
python -m bench.index_once DIFF_ID HOST/REPOSITORY DIGEST SIZE
"""

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from rebaser.layers.index import Depth, index_layer
from rebaser.layers.stored import encode
from rebaser.oci import media_types
from rebaser.oci.descriptor import descriptor
from rebaser.oci.digest import parse_diff_id, parse_digest
from rebaser.oci.reference import parse_reference


def main() -> None:
    """Index, and tell."""
    told, place, *blob = sys.argv[1:]
    diff_id = parse_diff_id(told)
    if blob:
        from rebaser.transports.open import Places
        from rebaser.transports.registry.network import Network
        from rebaser.transports.traffic import Traffic

        wanted = descriptor(media_types.OCI_LAYER_GZIP, parse_digest(blob[0]), int(blob[1]))
        repository = parse_reference(place).repository
        with Places(Network(), Traffic()) as places, places.open(repository).blob(wanted) as chunks:
            index = index_layer(chunks, diff_id, Depth.BASE)
    else:
        index = index_layer(_read(Path(place)), diff_id, Depth.BASE)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{peak} {len(encode(index))} {len(index.entries)}\n")


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 16):
            yield chunk


if __name__ == "__main__":
    main()
