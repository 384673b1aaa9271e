"""When an image needs no rebase."""

import pytest

from rebaser.oci.image import Image
from rebaser.plan.draft import plan_platform, why_current
from rebaser.plan.model import Base, Rejection, Trio, Unrelated, Wishes
from tests.builders import a_layer, an_image, as_image, buildkit
from tests.plan.scene import APP_LAYER, NEW_LAYER, OLD_LAYER, base_of

RUN, OWN = buildkit("RUN base"), buildkit("RUN own")
OLD = as_image(an_image([OLD_LAYER], env=["PATH=/old"], history=[RUN]))
NEW = as_image(an_image([NEW_LAYER], env=["PATH=/new"], history=[RUN]))
SAME_LAYERS = as_image(an_image([OLD_LAYER], env=["PATH=/else"], history=[buildkit("RUN other")]))
LONGER = as_image(an_image([OLD_LAYER, NEW_LAYER], env=["PATH=/old"], history=[RUN, RUN]))
APP = as_image(an_image([OLD_LAYER, APP_LAYER], env=["PATH=/old", "A=1"], history=[RUN, OWN]))
ON_LONGER = as_image(an_image([OLD_LAYER, NEW_LAYER, APP_LAYER], env=["PATH=/old"], history=[RUN, RUN, OWN]))
SCRATCH = Base(None, None, None)


def current(app: Image, new: Image, recorded: Image | None = None, named: Image | None = None) -> bool:
    told = recorded.manifest.document.digest if recorded else None
    return bool(why_current(app, base_of(new), told, base_of(named) if named else None))


@pytest.mark.parametrize(
    ("app", "new", "recorded", "named", "expected"),
    [
        (APP, OLD, None, None, True),
        (APP, OLD, OLD, None, True),
        (APP, OLD, NEW, None, False),
        (APP, NEW, None, None, False),
        (APP, NEW, NEW, None, False),
        (APP, SAME_LAYERS, None, None, False),
        (APP, SAME_LAYERS, SAME_LAYERS, None, True),
        (APP, OLD, NEW, OLD, True),
        (APP, SAME_LAYERS, None, OLD, False),
        (ON_LONGER, OLD, None, LONGER, False),
        (ON_LONGER, LONGER, None, OLD, True),
        (ON_LONGER, OLD, None, NEW, True),
    ],
)
def test_an_image_is_current(
    app: Image, new: Image, recorded: Image | None, named: Image | None, *, expected: bool
) -> None:
    assert current(app, new, recorded, named) is expected


def test_a_record_of_the_index_that_the_base_is_in_counts() -> None:
    index = a_layer({"index": ""}).digest
    base = Base(base_of(OLD).reference, index, OLD)
    assert why_current(APP, base, index, None)
    assert why_current(APP, base, OLD.manifest.document.digest, None)


def test_an_image_with_poor_history_is_current_on_the_base_that_is_named() -> None:
    app = as_image(an_image([OLD_LAYER, APP_LAYER], history=[{"created_by": "squashed"}]))
    assert why_current(app, base_of(OLD), None, base_of(OLD))


def test_everything_stands_on_scratch() -> None:
    assert why_current(APP, SCRATCH, None, SCRATCH)
    assert why_current(APP, SCRATCH, None, None)
    assert not why_current(APP, SCRATCH, None, base_of(OLD))


def test_the_id_of_a_parent_and_a_build_key_do_not_matter() -> None:
    app = as_image(
        an_image(
            [OLD_LAYER, APP_LAYER],
            config={"Env": ["PATH=/old"], "Image": "sha256:1"},
            history=[RUN, OWN],
            config_members={"container": "x", "moby.buildkit.cache.v0": "y"},
        )
    )
    assert why_current(app, base_of(OLD), None, None)


def test_a_plan_has_a_draft_where_the_image_stands_on_the_old_base() -> None:
    plan = plan_platform((1,), Trio(APP, base_of(OLD), base_of(NEW)), (Rejection("x"),), Wishes())
    assert plan.draft is not None
    assert [layer.diff_id for layer in plan.draft.layers] == [NEW_LAYER.diff_id, APP_LAYER.diff_id]
    assert [layer.diff_id for layer in (one.layer for one in plan.draft.app)] == [APP_LAYER.diff_id]
    assert (plan.path, plan.rejected, plan.current) == ((1,), (Rejection("x"),), "")


def test_a_plan_has_none_where_it_does_not() -> None:
    plan = plan_platform((), Trio(APP, base_of(NEW), base_of(NEW)), (), Wishes())
    assert (plan.draft, plan.seam) == (None, Unrelated(0, 1))


def test_an_image_is_not_current_where_triggers_ran_that_the_new_base_has_otherwise() -> None:
    old = as_image(an_image([OLD_LAYER], config={"OnBuild": ["ENV T=old"]}, history=[RUN]))
    new = as_image(an_image([OLD_LAYER], config={"OnBuild": ["ENV T=new"]}, history=[RUN]))
    app = as_image(an_image([OLD_LAYER, APP_LAYER], history=[RUN, OWN]))
    assert not why_current(app, base_of(new), None, base_of(old))
