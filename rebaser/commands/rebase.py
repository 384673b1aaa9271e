"""`rebaser rebase`: the inputs, connections to the registries, and then the job, whose code is imported meanwhile."""

import gc
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from rebaser.ci.arguments import Arguments
from rebaser.ci.inputs import Inputs, read_inputs
from rebaser.commands.base import Surroundings, given_texts
from rebaser.commands.files import make_writable
from rebaser.commands.reach import network_for
from rebaser.errors import InputError
from rebaser.oci.reference import Reference, Transport
from rebaser.request import Request
from rebaser.transports.registry.early import Early
from rebaser.transports.registry.network import Network, expected_origin
from rebaser.transports.traffic import Traffic

WRITING, READING = 10, 2  # connections that are opened early to a registry that is written to, or only read


def run(arguments: Arguments, here: Surroundings) -> int:
    """Rebase an image, tell what became of it, and return the exit code.

    Raises:
        InputError: the inputs are wrong; the report of that has been written where it can be.
    """
    with suppress(InputError):  # told again when all outputs are set; until then, whatever ends us, it is a failure
        here.service.set_outputs({"result": "failed"})
    try:
        inputs, network = _understood(arguments, here)
    except InputError as error:
        from rebaser.commands.job import report_wrong_inputs

        report_wrong_inputs(error, arguments, here)
        raise
    early, traffic = Early(network), Traffic()
    open_early(inputs.request, network, early)
    from rebaser.transports.registry.transports import RegistryTransports

    registries = RegistryTransports(network, traffic, early=early)
    for reference in named(inputs.request):
        if reference.repository.transport is Transport.REGISTRY:
            registries.ask_ahead(reference)
    from rebaser.commands.job import Job, carry_out

    gc.enable()
    return carry_out(Job(inputs, network, registries, traffic), arguments, here)


def named(request: Request) -> tuple[Reference, ...]:
    """Return the images that are named, each once: the one to rebase, and its bases."""
    bases = (base for base in (request.old_base, request.new_base) if isinstance(base, Reference))
    return tuple(dict.fromkeys((request.image, *bases)))


def open_early(request: Request, network: Network, early: Early) -> None:
    """Begin to open connections to all registries that are named."""
    written = set() if request.dry_run else {place.repository for place in request.tags or (request.image,)}
    places = written | {place.repository for place in named(request)}
    registries = {place.registry for place in places if place.transport is Transport.REGISTRY}
    for registry in registries:
        count = WRITING if registry in {place.registry for place in written} else READING
        early.open(expected_origin(registry, network), count)


def _understood(arguments: Arguments, here: Surroundings) -> tuple[Inputs, Network]:
    inputs = read_inputs(given_texts(arguments, here), here.environment, _check_ids)
    network = network_for(inputs, here)
    make_writable(Path(inputs.report_dir))
    return inputs, network


def _check_ids() -> Collection[str]:
    from rebaser.checks.identifiers import check_ids

    return check_ids()
