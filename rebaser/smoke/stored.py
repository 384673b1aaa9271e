"""Tries what a rebase or a rebuild stored: reads it as anybody would, and hands over what was made anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from rebaser.gather import Gatherer
from rebaser.oci.platform import Platform, same_platform
from rebaser.oci.reference import Reference
from rebaser.plan.model import PlatformPlan
from rebaser.smoke.trying import Ready, made_ready, tried
from rebaser.transports.docker_engine import Engine
from rebaser.trial.model import SmokeTest, Trial


@dataclass(frozen=True, slots=True)
class Trying:
    """What is to be tried, on which platforms of an image, and the engine that answered."""

    tests: Sequence[SmokeTest]
    plans: Sequence[PlatformPlan]
    ready: Ready

    def of(self, stored: Reference, gatherer: Gatherer) -> Trial:
        """Return what came of the tests in an image that is stored, by its digest.

        Raises:
            InputError: the image has no health check, and that is to be tried.
            TransportError: the engine or the image's place said no.
            ImageError: what is stored is not what its digest says.
        """
        images = [child.image for _, child in gatherer.original(stored, ()).children()]
        made = [image for image in images if any(same_platform(image.platform, one) for one in self.platforms)]
        return tried(self.tests, gatherer.documents.transports.open(stored.repository), made or images, self.ready)

    @property
    def platforms(self) -> list[Platform]:
        """Return the platforms that are made anew."""
        return [plan.original.platform for plan in self.plans if not plan.current]


def trying(tests: Sequence[SmokeTest], plans: Sequence[PlatformPlan], engine: Engine) -> Trying:
    """Return what can try an image; before anything is stored, so that nothing is if it cannot be tried.

    Raises:
        TransportError: `smoke-test-impossible`.
    """
    found = Trying(tests, plans, made_ready(engine))
    found.ready.suits(found.platforms)
    return found
