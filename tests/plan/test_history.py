"""What the result's history tells, for every kind of history that a base and an application may have."""

import pytest

from rebaser.oci.strict_json import Json, JsonObject
from rebaser.plan.history import PLACEHOLDER, rebased_history
from rebaser.plan.model import Seam
from rebaser.plan.seam import find_seam
from tests.builders import CREATED, a_layer, an_image, as_image, buildkit
from tests.plan.scene import base_of

OLD = [a_layer({"old 1": ""}), a_layer({"old 2": ""})]
NEW = [a_layer({"new 1": ""})]
OWN = [a_layer({"own": ""})]
O1, O2, N1, ENV, RUN = (buildkit(line) for line in ("RUN o1", "RUN o2", "RUN n1", "ENV A=1", "RUN own"))
OLD_ENV, NEW_ENV = buildkit("ENV O=1"), buildkit("ENV N=1")
FOREIGN: JsonObject = {"created_by": "bazel build ..."}
PLACED: JsonObject = {"created_by": "fileop target", "comment": "buildkit.exporter.image.v0"}
PADDED: JsonObject = {"created": CREATED, "created_by": "", "comment": PLACEHOLDER}

Told = list[JsonObject] | None


def history(old: Told, app: Told, new: Told) -> list[Json] | None:
    original, bases = as_image(an_image([*OLD, *OWN], history=app)), []
    for layers, told in ((OLD, old), (NEW, new)):
        bases.append(base_of(as_image(an_image(layers, history=told))))
    seam = find_seam(original, bases[0])
    assert isinstance(seam, Seam)
    return rebased_history(original.config, bases[0], bases[1], seam)


@pytest.mark.parametrize(
    ("old", "app", "new", "expected"),
    [
        ([O1, O2], [O1, O2, ENV, RUN], [N1, NEW_ENV], [N1, NEW_ENV, ENV, RUN]),
        (None, None, None, None),
        ([], [], [], None),
        (None, [ENV, RUN], [N1], [N1, ENV, RUN]),
        (None, [ENV, RUN, PLACED, PLACED], [N1], [N1, ENV, RUN]),
        ([O1], [O1, ENV, RUN, PLACED], [N1], [N1, ENV, RUN]),
        ([O1, O2], None, [N1], [N1, PADDED]),
        ([O1, O2], [O1, O2, ENV, RUN], None, [PADDED, ENV, RUN]),
        ([O1, O2], [O1, O2, ENV, RUN], [NEW_ENV], [NEW_ENV, PADDED, ENV, RUN]),
        ([O1, O2], [FOREIGN, FOREIGN, FOREIGN], [N1], [N1, FOREIGN]),
        ([O1, O2, OLD_ENV], [FOREIGN, FOREIGN, OLD_ENV, ENV, RUN], [N1], [N1, ENV, RUN]),
        ([O1, O2], [FOREIGN], [N1], [N1, FOREIGN]),
        ([O1, O2], [O1, FOREIGN], [N1], [N1, FOREIGN]),
        ([O1, O2], [ENV], [N1], [N1, PADDED, ENV]),
        ([O1, O2], [PLACED, PLACED], [N1], [N1, PADDED]),
    ],
)
def test_the_new_base_s_and_then_the_application_s_own(old: Told, app: Told, new: Told, expected: Told) -> None:
    assert history(old, app, new) == expected


def test_what_stands_in_an_entry_stays() -> None:
    odd: JsonObject = {**RUN, "author": "me", "x": {"y": 1}, "created": None}
    assert history([O1, O2], [O1, O2, odd], [{**N1, "vendor": 1}]) == [{**N1, "vendor": 1}, odd]
