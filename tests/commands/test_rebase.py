"""What is begun before the job's own code is there."""

from dataclasses import dataclass, field

from rebaser.commands.rebase import READING, WRITING, named, open_early
from rebaser.oci.reference import Reference, parse_reference
from rebaser.request import Request
from rebaser.transports.registry.early import Early
from rebaser.transports.registry.network import Network
from rebaser.transports.registry.origin import Origin


@dataclass(slots=True)
class Noted(Early):
    """Opens nothing, and says what it would have opened."""

    asked: dict[str, int] = field(default_factory=dict)

    def open(self, origin: Origin, count: int) -> None:
        self.asked[origin.authority] = count


def refs(*texts: str) -> tuple[Reference, ...]:
    return tuple(map(parse_reference, texts))


def opened(request: Request) -> dict[str, int]:
    network = Network()
    early = Noted(network)
    open_early(request, network, early)
    return early.asked


def test_more_connections_go_where_something_is_written() -> None:
    image, base, target = refs("ghcr.io/a/app:1", "debian:12", "r.example/x:1")
    assert opened(Request(image, base, base, None)) == {"ghcr.io": WRITING, "registry-1.docker.io": READING}
    assert opened(Request(image, base, None, (target,))) == {
        "ghcr.io": READING,
        "registry-1.docker.io": READING,
        "r.example": WRITING,
    }


def test_a_dry_run_only_reads() -> None:
    (image,) = refs("ghcr.io/a/app:1")
    assert opened(Request(image, dry_run=True)) == {"ghcr.io": READING}


def test_a_directory_needs_no_connection() -> None:
    image, base = refs("oci:images:app", "oci:images:base")
    assert opened(Request(image, base, base, None)) == {}


def test_each_image_that_is_named_is_named_once() -> None:
    image, base = refs("a:1", "b:1")
    assert named(Request(image, base, base)) == (image, base)
