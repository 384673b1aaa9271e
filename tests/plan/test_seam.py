import pytest

from rebaser.oci.strict_json import JsonObject
from rebaser.plan.model import Base, Seam, Unrelated
from rebaser.plan.seam import common_prefix, find_seam, made_layers
from tests.builders import ALayer, a_layer, an_image, as_image, buildkit, classic
from tests.plan.scene import base_of
from tests.plan.steps import entries

ONE, TWO, THREE, FOUR = (a_layer({name: ""}) for name in ("1", "2", "3", "4"))
COPY, RUN, ENV = buildkit("COPY a /a"), buildkit("RUN b"), buildkit("ENV A=1")
FIRST, SECOND = buildkit("RUN first"), buildkit("RUN second")
PLACEHOLDERS: list[JsonObject] = [
    {"created_by": "fileop target", "comment": "buildkit.exporter.image.v0"},
    {"created_by": "mount / from exec /bin/sh -c touch /b", "comment": "buildkit.exporter.image.v0"},
]


def seam(base: list[JsonObject] | None, app: list[JsonObject] | None, layers: int = 2) -> Seam:
    """The old base has two layers, the application two more unless told otherwise."""
    old = as_image(an_image([ONE, TWO], history=base))
    original = as_image(an_image([ONE, TWO, THREE, FOUR][: 2 + layers], history=app))
    found = find_seam(original, base_of(old))
    assert isinstance(found, Seam)
    return found


def test_all_of_the_base_s_layers_begin_the_image_s() -> None:
    assert seam([FIRST, SECOND], [FIRST, SECOND, ENV, COPY, RUN]) == Seam(2, entries(ENV, COPY, RUN))


@pytest.mark.parametrize(
    ("layers", "matching"), [([ONE, THREE], 1), ([THREE, TWO], 0), ([ONE], 1), ([TWO, ONE], 0), ([], 0)]
)
def test_a_part_of_them_is_no_base(layers: list[ALayer], matching: int) -> None:
    original = as_image(an_image(layers))
    assert find_seam(original, base_of(as_image(an_image([ONE, TWO])))) == Unrelated(matching, 2)


def test_compression_does_not_matter() -> None:
    base = base_of(as_image(an_image([a_layer({"1": ""}, compression="zstd")])))
    assert isinstance(find_seam(as_image(an_image([ONE, TWO])), base), Seam)


def test_scratch_is_below_everything() -> None:
    original = as_image(an_image([ONE], history=[COPY]))
    assert find_seam(original, Base(None, None, None)) == Seam(0, entries(COPY))


@pytest.mark.parametrize(
    ("base", "app"),
    [
        (None, None),
        ([FIRST, SECOND], None),
        ([FIRST, SECOND], []),
        ([FIRST, SECOND], [FIRST, SECOND, COPY]),
        ([FIRST, SECOND], [FIRST, RUN, COPY, RUN]),
        ([FIRST, SECOND], [{"created_by": "squashed"}]),
        ([FIRST, SECOND, ENV], [FIRST, SECOND, COPY, RUN]),
    ],
)
def test_history_that_does_not_fit_proves_nothing(base: list[JsonObject] | None, app: list[JsonObject] | None) -> None:
    assert seam(base, app) == Seam(2, None)


@pytest.mark.parametrize("base", [None, [], [FIRST], [buildkit("ENV A=0")]])
def test_a_base_that_tells_little_is_no_hindrance(base: list[JsonObject] | None) -> None:
    own = [classic("ENV A=1"), classic("COPY a /a"), classic("RUN b")]
    assert seam(base, [*(base or []), *own]) == Seam(2, entries(*own))


@pytest.mark.parametrize(("base", "missing"), [(None, 2), ([], 2), ([FIRST], 1), ([buildkit("ENV A=0")], 2)])
def test_placeholders_stand_for_the_base_s_layers(base: list[JsonObject] | None, missing: int) -> None:
    own = [ENV, COPY, RUN]
    assert seam(base, [*(base or []), *own, *PLACEHOLDERS[:missing]]) == Seam(2, entries(*own))


def test_a_docker_import_s_entry_has_no_created_by() -> None:
    imported: JsonObject = {"created": "2024-01-01T00:00:00Z", "comment": "Imported from -"}
    assert seam([imported, SECOND], [imported, SECOND, COPY, RUN]) == Seam(2, entries(COPY, RUN))


def test_when_it_ran_and_members_that_builders_drop_do_not_matter() -> None:
    old: JsonObject = {"created": "2020-01-01T00:00:00Z", "created_by": "x", "comment": "c", "vendor": 1}
    app: JsonObject = {"created": "2024-01-01T00:00:00Z", "created_by": "x"}
    assert seam([old, SECOND], [app, SECOND, COPY, RUN]) == Seam(2, entries(COPY, RUN))


def test_an_image_that_ran_nothing_has_no_entries_of_its_own() -> None:
    assert seam([FIRST, SECOND], [FIRST, SECOND], layers=0) == Seam(2, ())


def test_prefixes_and_counts() -> None:
    ids = [layer.diff_id for layer in (ONE, TWO, THREE)]
    assert common_prefix(ids, ids[:2]) == 2
    assert common_prefix(ids[1:], ids) == 0
    assert made_layers(entries(FIRST, ENV, COPY)) == 2
