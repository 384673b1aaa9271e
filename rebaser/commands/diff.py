"""`rebaser diff`: how two images differ, in config, packages, files and layers."""

import json

from rebaser.checks.identifiers import check_ids
from rebaser.ci.arguments import Arguments
from rebaser.ci.inputs import read_inputs
from rebaser.commands.base import Surroundings, given_texts, say
from rebaser.commands.cache import cache_directory
from rebaser.commands.reach import network_for
from rebaser.comparison import compare
from rebaser.errors import InputError, InputProblem
from rebaser.oci.reference import Reference, parse_reference
from rebaser.transports.docker_engine import engine_from
from rebaser.transports.open import Places
from rebaser.transports.traffic import Traffic


def run(arguments: Arguments, here: Surroundings) -> int:
    """Compare, and tell it to stdout."""
    inputs = read_inputs(given_texts(arguments, here), here.environment, check_ids)
    other, cache = _other(arguments.other), cache_directory(inputs.cache_dir, here.environment)
    with Places(network_for(inputs, here), Traffic(), engine=engine_from(here.environment)) as places:
        found = compare(inputs.request, other, places, cache)
    if arguments.json:
        here.service.print_json(json.dumps(found.as_json(), indent=2))
    else:
        say(here.out, found.as_text())
    return 0


def _other(text: str) -> Reference:
    try:
        return parse_reference(text)
    except ValueError as error:
        raise InputError(InputProblem("OTHER", str(error), "Name the second image as you name the first.")) from error
