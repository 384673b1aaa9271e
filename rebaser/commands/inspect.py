"""`rebaser inspect`: what an image is built on, how that is known, and whether it is stale."""

import json

from rebaser.checks.identifiers import check_ids
from rebaser.ci.arguments import Arguments
from rebaser.ci.inputs import read_inputs
from rebaser.commands.base import Surroundings, given_texts, say
from rebaser.commands.reach import network_for
from rebaser.inspection import inspect
from rebaser.transports.docker_engine import engine_from
from rebaser.transports.open import Places
from rebaser.transports.traffic import Traffic


def run(arguments: Arguments, here: Surroundings) -> int:
    """Look, and tell it to stdout."""
    inputs = read_inputs(given_texts(arguments, here), here.environment, check_ids)
    with Places(network_for(inputs, here), Traffic(), engine=engine_from(here.environment)) as places:
        found = inspect(inputs.request, places)
    if arguments.json:
        here.service.print_json(json.dumps(found.as_json(), indent=2))
    else:
        say(here.out, found.as_text())
    return 0
