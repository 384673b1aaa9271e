"""Inputs: every text becomes a value or a problem, and all problems are told at once."""

from pathlib import Path

import pytest

from rebaser.checks.identifiers import check_ids
from rebaser.ci.inputs import INPUTS, from_environment, read_inputs, variable
from rebaser.context import GitRepository
from rebaser.errors import InputError
from rebaser.oci.platform import Platform
from rebaser.oci.reference import Scratch, parse_reference
from rebaser.recipe import Rebuild, Recipe, Secret
from rebaser.request import Severity


def problems(texts: dict[str, str], environment: dict[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(InputError) as raised:
        read_inputs(texts, environment or {}, check_ids)
    return {problem.name: problem.message for problem in raised.value.problems}


def test_the_image_alone_is_enough() -> None:
    inputs = read_inputs({"image": "ghcr.io/acme/shop:1"}, {}, check_ids)
    assert inputs.request.image == parse_reference("ghcr.io/acme/shop:1")
    assert inputs.request.tags == (parse_reference("ghcr.io/acme/shop:1"),)
    assert inputs.request.new_base is None
    assert inputs.request.old_base is None
    assert inputs.request.created is None
    assert inputs.policy.fail_on is Severity.BLOCKER
    assert inputs.policy.on_incompatible == "fail"
    assert inputs.report_dir == "rebase-report"


def test_no_image_is_a_problem() -> None:
    assert problems({}) == {"image": "it is not given"}


def test_all_wrong_inputs_are_told_at_once() -> None:
    told = problems(
        {
            "image": "shop/UPPER",
            "new-base": "a b",
            "platforms": "linux",
            "on-conflict": "bse",
            "fail-on": "blockr",
            "dry-run": "perhaps",
            "tolerate": "config-conflikt: because",
        },
        {"SOURCE_DATE_EPOCH": "yesterday"},
    )
    assert set(told) == {
        "image",
        "new-base",
        "platforms",
        "on-conflict",
        "fail-on",
        "dry-run",
        "tolerate",
        "SOURCE_DATE_EPOCH",
    }
    assert told["on-conflict"] == "'bse' is not known; did you mean base?"
    assert told["fail-on"] == "'blockr' is not known; did you mean blocker?"
    assert told["tolerate"] == "'config-conflikt' is not a check; did you mean config-conflict?"


def test_every_problem_comes_with_a_remedy_that_names_the_input() -> None:
    with pytest.raises(InputError) as raised:
        read_inputs({"image": "x", "platforms": "?", "tags": "a@b", "tolerate": "x: y"}, {}, check_ids)
    for problem in raised.value.problems:
        assert problem.name in problem.remedy


def test_an_empty_text_is_one_that_was_not_given() -> None:
    inputs = read_inputs({"image": "shop", "new-base": "", "platforms": " ", "dry-run": ""}, {}, check_ids)
    assert inputs.request.new_base is None
    assert inputs.request.platforms == ()
    assert inputs.request.dry_run is False


def test_scratch_is_a_base_and_not_a_repository() -> None:
    inputs = read_inputs({"image": "shop", "new-base": "scratch", "old-base": "scratch"}, {}, check_ids)
    assert inputs.request.new_base is Scratch.SCRATCH
    assert inputs.request.old_base is Scratch.SCRATCH


@pytest.mark.parametrize(
    ("image", "tags", "expected"),
    [
        ("r.example/a:1", "2", ["r.example/a:2"]),
        ("r.example/a:1", "2,3\nr.example/b:4", ["r.example/a:2", "r.example/a:3", "r.example/b:4"]),
        ("r.example/a:1", "2, 2", ["r.example/a:2"]),
        ("r.example/a:1", "none", []),
        ("r.example/a:1", "oci:out:x", ["oci:out:x"]),
        (f"r.example/a@sha256:{'0' * 64}", "", []),
        (f"r.example/a:1@sha256:{'0' * 64}", "", ["r.example/a:1"]),
        ("oci:dir:x", "", ["oci:dir:x"]),
    ],
)
def test_where_the_result_goes(image: str, tags: str, expected: list[str]) -> None:
    inputs = read_inputs({"image": image, "tags": tags}, {}, check_ids)
    assert [str(tag) for tag in inputs.request.tags or ()] == expected


def test_the_tag_of_an_image_named_by_neither_tag_nor_digest_is_not_known_yet() -> None:
    assert read_inputs({"image": "oci:dir"}, {}, check_ids).request.tags is None
    assert read_inputs({"image": "oci:dir", "tags": "none"}, {}, check_ids).request.tags == ()


def test_in_an_archive_a_bare_tag_is_one_of_the_image_s_own_name() -> None:
    inputs = read_inputs({"image": "docker-archive:a.tar:shop:1", "tags": "2, docker-archive:b.tar"}, {}, check_ids)
    assert [str(tag) for tag in inputs.request.tags or ()] == [
        "docker-archive:a.tar:docker.io/library/shop:2",
        "docker-archive:b.tar",
    ]


@pytest.mark.parametrize("image", ["docker-archive:a.tar", "docker-daemon:shop:1"])
def test_where_images_are_kept_by_name_none_is_no_place_for_a_result(image: str) -> None:
    assert "by name" in problems({"image": image, "tags": "none"})["tags"]


def test_an_image_by_its_id_has_no_tags_beside_it() -> None:
    texts = {"image": f"docker-daemon:sha256:{'0' * 64}", "tags": "x"}
    assert "not a repository" in problems(texts)["tags"]


def test_a_destination_with_a_digest_is_refused() -> None:
    assert "names no tag" in problems({"image": "a", "tags": f"r.example/b@sha256:{'0' * 64}"})["tags"]


def test_tags_that_name_none_are_not_by_digest_only() -> None:
    assert "names no tag" in problems({"image": "a", "tags": ","})["tags"]


def test_platforms_are_read_under_their_usual_names() -> None:
    inputs = read_inputs({"image": "a", "platforms": "linux/arm64/v8, linux/x86_64"}, {}, check_ids)
    assert inputs.request.platforms == (Platform("linux", "arm64"), Platform("linux", "amd64"))


def test_tolerating_needs_a_reason() -> None:
    assert problems({"image": "a", "tolerate": "config-conflict"})["tolerate"] == (
        "config-conflict is tolerated without a reason"
    )
    texts = {"image": "a", "tolerate": "config-conflict: agreed\n\nonbuild-changed: seen: ok"}
    inputs = read_inputs(texts, {}, check_ids)
    assert inputs.policy.tolerate == {"config-conflict": "agreed", "onbuild-changed": "seen: ok"}


def test_on_conflict_fail_makes_conflicts_block() -> None:
    assert read_inputs({"image": "a", "on-conflict": "fail"}, {}, check_ids).policy.conflicts_block is True
    assert read_inputs({"image": "a"}, {}, check_ids).policy.conflicts_block is False


def test_source_date_epoch_is_the_creation_date() -> None:
    assert read_inputs({"image": "a"}, {"SOURCE_DATE_EPOCH": "1700000000"}, check_ids).request.created == 1_700_000_000


def test_every_input_is_also_a_variable() -> None:
    environment = {variable(known.name): known.name for known in INPUTS}
    assert from_environment(environment) == {known.name: known.name for known in INPUTS}
    assert variable("new-base") == "REBASE_NEW_BASE"


def test_secrets_do_not_show_in_what_was_read() -> None:
    texts = {"image": "a", "username": "me", "password": "canary-1", "registry-auth": "host me canary-2"}
    assert "canary" not in repr(read_inputs(texts, {}, check_ids))


def test_the_tag_of_an_original_must_be_one_and_another_than_the_tag_itself() -> None:
    texts = {"image": "a", "keep-original": "{tag}-before-{digest}"}
    assert read_inputs(texts, {}, check_ids).request.keep_original == "{tag}-before-{digest}"
    for wrong in ("{tag}", "a b", "{date}"):
        assert "makes no tag of its own" in problems({"image": "a", "keep-original": wrong})["keep-original"]


def test_a_rebuild_without_a_source_is_a_problem_that_names_the_input() -> None:
    told = problems({"image": "shop", "on-incompatible": "rebuild"})
    assert told == {"context": "it is not given, and `on-incompatible` is rebuild, which needs a source"}


def test_a_comparison_with_a_rebuild_wants_a_source_too() -> None:
    told = problems({"image": "shop", "verify": "rebuild"})
    assert told == {"context": "it is not given, and `verify` is rebuild, which needs a source"}


def test_a_rebuild_is_read_whole() -> None:
    texts = {
        "image": "shop",
        "on-incompatible": "rebuild",
        "context": "auto",
        "file": "docker/Dockerfile",
        "target": "app",
        "build-args": "A=1\nB=2",
        "secrets": "npm=canary",
        "builder": "buildah",
        "allowed-sources": "https://git.example/a.git, https://git.example/b",
    }
    inputs = read_inputs(texts, {}, check_ids)
    recipe = Recipe("docker/Dockerfile", "app", (("A", "1"), ("B", "2")), (Secret("npm", "canary"),), "buildah")
    allowed = (GitRepository("git.example", "a"), GitRepository("git.example", "b"))
    assert inputs.request.rebuild == Rebuild(None, recipe, allowed)
    assert inputs.policy.on_incompatible == "rebuild"
    assert "canary" not in repr(inputs)


def test_a_directory_is_a_source() -> None:
    inputs = read_inputs({"image": "shop", "context": "."}, {}, check_ids)
    assert inputs.request.rebuild == Rebuild(Path())


def test_a_source_that_cannot_be_fetched_is_a_problem() -> None:
    told = problems({"image": "shop", "context": "git@git.example:a.git", "allowed-sources": "git.example/a"})
    assert set(told) == {"context", "allowed-sources"}
