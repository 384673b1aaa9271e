"""How registries are to be reached, from the inputs and the environment."""

from rebaser.ci.inputs import Inputs
from rebaser.ci.masking import forms, secrets_of
from rebaser.commands.base import Surroundings
from rebaser.oci.reference import Transport
from rebaser.transports.registry.credentials import Given, credentials_from
from rebaser.transports.registry.network import Network, proxies_from


def network_for(inputs: Inputs, here: Surroundings) -> Network:
    """Return the network; `username` and `password` are for the registry of the result.

    The service is told to hide all secrets: those of the inputs now, others when they come to be known.

    Raises:
        InputError: a credential is incomplete or cannot be read.
    """
    request, access = inputs.request, inputs.access
    places = [tag.repository for tag in request.tags or ()] or [request.image.repository]
    registry = next((place.registry for place in places if place.transport is Transport.REGISTRY), "")
    given = Given(registry, access.username, access.password, access.registry_auth, access.github_token)
    own = secrets_of(access.username, access.password, access.registry_auth, access.github_token)
    built_with = request.rebuild.recipe.secrets if request.rebuild else ()
    here.service.mask(forms((*own, *(secret.value for secret in built_with))))
    environment = here.environment
    return Network(
        credentials_from(given, environment, learn=lambda secrets: here.service.mask(forms(secrets))),
        frozenset(access.insecure_registries),
        environment.get("SSL_CERT_FILE") or None,
        proxies_from(environment),
    )
