"""The summary: what it says, in which order, and how long it may be."""

import pytest

from rebaser.report import model
from rebaser.report.markdown import summary
from tests.report.reports import (
    FAILED,
    FORCED,
    MERGE_LAYER,
    NEW,
    NOT_REBUILT,
    OLD,
    PACKAGES,
    REBASED,
    REBUILT,
    REFUSED,
    UNCHANGED,
    WOULD_BE_REBASED,
    WOULD_BE_REBUILT,
    a_change,
    finding,
    image,
    layer,
    platform,
)


def heading(told: model.ImageReport) -> str:
    return summary(told).splitlines()[0]


def test_the_first_line_is_the_verdict_and_the_digest() -> None:
    name = "<code>ghcr.io/acme/shop:1</code>"
    assert heading(REBASED) == f"### ✅ Rebased: {name} is <code>{NEW}</code>"
    assert heading(WOULD_BE_REBASED) == f"### ✅ Would be rebased (dry run): {name} is <code>{NEW}</code>"
    assert heading(UNCHANGED) == f"### 🟰 Nothing to do: {name} is <code>{OLD}</code>"
    assert heading(REFUSED) == f"### ⛔ Refused: {name} is <code>{OLD}</code>"
    assert heading(FAILED) == f"### ❌ Failed: {name}"
    assert heading(FORCED).startswith("### ⚠️ Rebased, forced: ")


def test_a_rebase_is_told_with_what_moved_and_the_way_back() -> None:
    before = [layer(2_000_000, "old base"), layer(1_000, "application"), layer(499_000, "application")]
    told = summary(image("rebased", **_moved(), platforms=[platform().model_copy(update={"layersBefore": before})]))
    assert "1 of the old base (2.0 MB) replaced by 1 (3.0 MB), 2 of the application kept (500.0 kB)" in told
    assert "| Env <code>A</code> | – | <code>1</code> |" in told  # noqa: RUF001
    assert f"docker pull ghcr.io/acme/shop@{NEW}" in told
    assert f"docker://ghcr.io/acme/shop@{OLD} docker://ghcr.io/acme/shop:1" in told
    assert "```mermaid" in told
    assert '"path": "/config/Env"' in told
    assert "9 requests, 4.2 kB down, 1.3 kB up, 2 blobs mounted" in told


def _moved() -> dict[str, object]:
    return {"digest": NEW, "changed": True, "tags": ["ghcr.io/acme/shop:1"]}


def test_a_refusal_says_why_what_to_do_and_what_it_would_have_come_to() -> None:
    lines = summary(REFUSED).splitlines()
    assert lines[2].startswith("The layers")
    assert "- <code>config-conflict</code>: Look at the value." in lines
    assert "**What a rebase would come to:**" in lines
    assert "docker pull" not in summary(REFUSED)


def test_a_failure_says_which_tags_moved_and_which_did_not() -> None:
    assert "**What to do:** Set <code>password</code>. (<code>access-denied</code>)" in summary(FAILED)
    assert "- tag moved: <code>ghcr.io/acme/shop:1</code>" in summary(FAILED)
    assert "- tag **not** moved: <code>ghcr.io/acme/shop:2</code>" in summary(FAILED)


def test_a_dry_run_does_not_tell_to_pull() -> None:
    assert "docker pull" not in summary(WOULD_BE_REBASED)
    assert "- tag, were it not a dry run: <code>ghcr.io/acme/shop:1</code>" in summary(WOULD_BE_REBASED)


def test_several_platforms_are_folded_but_for_the_first() -> None:
    arm = platform(finding("blocker", "x")).model_copy(update={"platform": "linux/arm64"})
    told = summary(image("refused", platforms=[platform(), arm]))
    assert "<details open><summary>linux/amd64</summary>" in told
    assert "<details><summary>linux/arm64 ⛔</summary>" in told
    assert told.count("<details") == told.count("</details>") == 6
    assert "<summary>linux/amd64" not in summary(REBASED)


def test_null_is_told_apart_from_what_is_not_there() -> None:
    changes = [
        a_change("changed", "User", "", None, ""),
        a_change("removed", "Cmd", "", None, None),
        a_change("reordered", "Env", "", ["A=1", "B=2"], ["B=2", "A=1"]),
    ]
    told = summary(image("rebased", platforms=[platform().model_copy(update={"configChanges": changes})]))
    assert "| User | <code>null</code> | <code>&#34;&#34;</code> |" in told.replace('""', "&#34;&#34;")
    assert "| Cmd | <code>null</code> | – |" in told  # noqa: RUF001
    assert "| Env (order) | " in told


def test_the_way_back_is_told_only_for_the_tag_that_named_the_original() -> None:
    told = summary(image("rebased", digest=NEW, changed=True, tags=["ghcr.io/acme/shop:1", "ghcr.io/acme/shop:latest"]))
    assert [line.split()[-5] for line in told.splitlines() if "way back" in line] == ["docker://ghcr.io/acme/shop:1"]
    pinned = image(
        "rebased", original=f"ghcr.io/acme/shop:1@{OLD}", digest=NEW, changed=True, tags=["ghcr.io/acme/shop:1"]
    )
    assert "the way back" in summary(pinned)


def test_why_nothing_was_to_be_done_is_said_once() -> None:
    assert summary(UNCHANGED).count("its record names the new base") == 1


def test_an_image_in_a_directory_gets_no_commands_for_a_registry() -> None:
    told = image("rebased", **_moved(), imageName="oci:dir", image="oci:dir@x")
    assert "docker" not in summary(told).replace("docker.io/library", "")


@pytest.mark.parametrize("limit", [400, 1_000, 3_000, 20_000, 100_000])
def test_no_summary_is_longer_than_it_may_be(limit: int) -> None:
    changes = [a_change("changed", "Env", f"NAME_{number}", "ä" * 100, "ö" * 100) for number in range(500)]
    many = platform(*[finding("blocker", "ü" * 1500) for _ in range(50)]).model_copy(update={"configChanges": changes})
    told = summary(image("refused", platforms=[many] * 5, notices=["x" * 1000] * 50), limit)
    assert len(told.encode()) <= limit
    assert told.startswith("### ⛔ Refused: ")
    assert "_Left out for length, and in report.json: config patch" in told
    assert told.count("<details") == told.count("</details>")


@pytest.mark.parametrize("limit", [-5, 0, 50, 150])
def test_where_not_even_the_verdict_fits_nothing_is_written(limit: int) -> None:
    assert summary(REBASED, limit) == ""


def test_what_matters_least_is_left_out_first() -> None:
    whole = summary(REBASED)
    shorter = summary(REBASED, len(whole.encode()) - 10)
    assert "JSON patch" not in shorter
    assert shorter.endswith("\n_Left out for length, and in report.json: config patch._\n")
    assert "docker pull" in shorter


def test_packages_are_told_where_layers_were_read() -> None:
    read = platform().model_copy(update={"packages": PACKAGES})
    told = summary(image("rebased", platforms=[read]))
    assert "**What the base brings:** packages: 1 upgraded, 1 added" in told
    assert "a rebuild would renew them" in told
    assert "which a rebase leaves as they are: 1" in told
    assert "packages" not in summary(REBASED)


def test_of_very_many_findings_the_rest_is_counted() -> None:
    told = summary(image("refused", platforms=[platform(*[finding("blocker", "x")] * 502)]))
    assert "_2 more are in report.json._" in told


def test_what_the_layer_on_top_does_is_counted_in_its_title_and_named_below() -> None:
    told = summary(image("rebased", platforms=[platform().model_copy(update={"mergeLayer": MERGE_LAYER})]))
    title = "on top: 6 merged, 1 taken from the new base, 2 removed, 1 owner or mode only"
    assert title in told
    assert "| <code>/b</code> | removed | both changed it |" in told


def test_a_rebuild_is_told_with_its_reason_source_and_folded_log() -> None:
    told = summary(REBUILT)
    assert told.startswith("### 🏗️ Rebuilt: ")
    assert "A rebase would not do: libfoo.so.1 is not there" in told
    assert "Built from https" in told
    assert "1 of the new base (3.0 MB), 2 built (500.0 kB)" in told
    assert "<details><summary>The builder's last lines</summary>" in told
    assert "\x1b" not in told


def test_a_rebuild_that_failed_says_why_it_was_tried_and_opens_the_log() -> None:
    told = summary(NOT_REBUILT)
    assert told.startswith("### ❌ Failed: ")
    assert "To be built from https" in told
    assert "A rebase would not do: libfoo.so.1 is not there" in told
    assert "<details open><summary>The builder's last lines</summary>" in told


def test_a_dry_run_of_a_rebuild_tells_no_digest() -> None:
    told = summary(WOULD_BE_REBUILT)
    assert told.splitlines()[0].startswith("### 🏗️ Would be rebuilt (dry run): ")
    assert "What a rebase would come to" in told
    assert "docker pull" not in told
