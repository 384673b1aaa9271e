"""The report as people read it."""

from rebaser.report import model
from rebaser.report.markdown import summary
from rebaser.report.text import render
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
    image,
    platform,
)

DEBIAN = "docker.io/library/debian:12"


def test_a_rebase_is_told_with_the_way_back() -> None:
    assert render(REBASED).splitlines() == [
        "Rebased: ghcr.io/acme/shop:1",
        "  linux/amd64",
        f"    base: {DEBIAN} (sha256:cccccccccccc…, annotation) → {DEBIAN} (sha256:dddddddddddd…, input)",
        "    layers: 2 of the base replaced by 1, 2 kept (500.0 kB)",
        "    config: Env",
        "    warning: config-conflict: Both the application and the new base changed LANG",
        "  note: The attestation sha256:f0 is dropped: its subject has been replaced",
        f"  digest: {NEW}",
        f"  before: {OLD}",
        "  tag: ghcr.io/acme/shop:1",
    ]


def test_a_dry_run_does_not_claim_to_have_done_it() -> None:
    lines = render(WOULD_BE_REBASED).splitlines()
    assert lines[0] == "Would be rebased: ghcr.io/acme/shop:1"
    assert lines[-1] == "  tag, were it not a dry run: ghcr.io/acme/shop:1"


def test_a_forced_rebase_says_so() -> None:
    assert render(FORCED).splitlines()[0] == "Rebased (forced): ghcr.io/acme/shop:1"


def test_nothing_to_do_is_one_line_why() -> None:
    assert render(UNCHANGED).splitlines() == [
        "Unchanged: ghcr.io/acme/shop:1",
        "  its record names the new base, and its layers are there",
        "  linux/amd64 (current)",
        f"  digest: {OLD}",
    ]


def test_a_refusal_says_what_to_do_and_nothing_from_an_image_takes_over_the_terminal() -> None:
    lines = render(REFUSED).splitlines()
    assert lines[0] == "Refused: ghcr.io/acme/shop:1"
    assert r"    blocker: config-conflict: The layers\x1b[2J are\x0a::error::bad" in lines
    assert lines.count("      → Look at the value.") == 1
    assert "    warning: config-conflict: Known (tolerated: seen)" in lines
    assert not any(line.startswith("::") for line in lines)


def test_a_failure_says_what_was_done_and_what_was_not() -> None:
    assert render(FAILED).splitlines() == [
        "Failed: ghcr.io/acme/shop:1",
        "  ghcr.io said no",
        "  → Set `password`.",
        "  (access-denied)",
        "  tag: ghcr.io/acme/shop:1",
        "  tag not moved: ghcr.io/acme/shop:2",
    ]


def test_packages_are_counted() -> None:
    read = platform().model_copy(update={"packages": PACKAGES})
    told = render(image("rebased", platforms=[read])).splitlines()
    assert "    packages: 1 upgraded, 1 added; 1 of the application's own outdated" in told
    assert "packages" not in render(REBASED)


def test_a_layer_that_was_changed_is_named_with_what_changed() -> None:
    changed = model.RewrittenLayerEntry(
        layer=2,
        digest=NEW,
        diffId=NEW,
        original=OLD,
        originalDiffId=OLD,
        changes=[model.LayerChangeEntry(path=f"/lib/{name}", why="goes to '/usr/lib'") for name in "abcdef"],
    )
    told = render(image("rebased", platforms=[platform().model_copy(update={"rewrittenLayers": [changed]})]))
    assert (
        "    layer 2 changed to stand on the new base: /lib/a, /lib/b, /lib/c, /lib/d and 2 more" in told.splitlines()
    )
    assert "What was changed in layer 2, which could not stand on the new base (6)" in summary(
        image("rebased", platforms=[platform().model_copy(update={"rewrittenLayers": [changed]})])
    )


def test_it_names_which_files_were_merged_taken_and_removed_in_the_layer_on_top() -> None:
    told = render(image("rebased", platforms=[platform().model_copy(update={"mergeLayer": MERGE_LAYER})])).splitlines()
    start = told.index("    merge layer: 4.1 kB")
    assert told[start + 1 : start + 5] == [
        "      merged: /etc/0, /etc/1, /etc/2, /etc/3 and 2 more",
        "      taken from the new base: /lib/a",
        "      removed: /b, /c",
        "      owner or mode only: /home",
    ]


SOURCE = "https://git.example/acme/shop.git#main at 0123456789abcdef0123456789abcdef01234567"
BY = f"{SOURCE}, by buildkit, with the new base for {DEBIAN}"


def test_a_rebuild_says_why_from_what_and_by_whom() -> None:
    assert render(REBUILT).splitlines() == [
        "Rebuilt: ghcr.io/acme/shop:1",
        "  a rebase would not do: libfoo.so.1 is not there",
        f"  built from: {BY}",
        "  linux/amd64",
        f"    base: {DEBIAN} (sha256:cccccccccccc…, annotation) → {DEBIAN} (sha256:dddddddddddd…, input)",
        "    layers: 1 of the new base, 2 built (500.0 kB)",
        "    blocker: config-conflict: libfoo.so.1 is not there",
        f"  digest: {NEW}",
        f"  before: {OLD}",
        "  tag: ghcr.io/acme/shop:1",
    ]


def test_a_dry_run_says_that_it_would_be_rebuilt_and_knows_no_digest() -> None:
    lines = render(WOULD_BE_REBUILT).splitlines()
    assert lines[0] == "Would be rebuilt: ghcr.io/acme/shop:1"
    assert "  to be built from: https://git.example/acme/shop.git#main" in lines
    assert "  digest: not known before it is built" in lines
    assert not any("layers" in line for line in lines)


def test_a_rebuild_that_failed_shows_the_builder_s_last_lines_and_why_it_came_to_that() -> None:
    assert render(NOT_REBUILT).splitlines() == [
        "Failed: ghcr.io/acme/shop:1",
        "  The build by buildkit failed (2)",
        "  → Build by hand.",
        "  (rebuild-failed)",
        "  a rebase would not do: libfoo.so.1 is not there",
        f"  to be built from: {BY}",
        "  nothing was pushed, and all tags are as they were",
        "  the builder's last lines:",
        "    | #8 RUN make",
        r"    | #8 \x1b[2Jdone",
    ]
