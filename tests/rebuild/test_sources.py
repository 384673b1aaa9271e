from pathlib import Path

import pytest

from rebaser.errors import RebuildError
from rebaser.rebuild.checkout import fetched_checkout, local_checkout
from rebaser.rebuild.sources import (
    REVISION,
    SOURCE,
    GitSource,
    Repository,
    automatic_source,
    parse_context,
    parse_repository,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MINE = Repository("git.example", "me/app")
LABELS = {SOURCE: "https://git.example/me/app", REVISION: COMMIT}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".", Path()),
        ("./a#b", Path("a#b")),
        ("/srv/x.git", Path("/srv/x.git")),
        ("auto", None),
        ("https://Git.Example/me/app.git", GitSource(MINE)),
        ("https://git.example/me/app.git#main", GitSource(MINE, "main")),
        ("https://git.example/me/app.git#:docker/app/", GitSource(MINE, "", "docker/app")),
        (f"https://git.example/me/app.git#{COMMIT}:docker", GitSource(MINE, COMMIT, "docker")),
        (
            "https://git.example:8443/a.git#refs/pull/1/head",
            GitSource(Repository("git.example:8443", "a"), "refs/pull/1/head"),
        ),
    ],
)
def test_contexts_are_written_as_for_buildkit(text: str, expected: object) -> None:
    assert parse_context(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://git.example/me/app.git",
        "git://git.example/me/app.git",
        "ssh://git@git.example/me/app.git",
        "git@git.example:me/app.git",
        "file:///srv/app.git",
        "ext::sh://x.git",
        "github.com/me/app",
        "https://user:password@git.example/me/app.git",
        "https://git.example/me/app.tar.gz",
        "https://git.example/me/app.git?x=1",
        "https://git.example/me/../../app.git",
        "https://git.example/-me/app.git",
        "https://-git.example/me/app.git",
        "https://git.example/me/app.git#--upload-pack=x",
        "https://git.example/me/app.git#+main",
        "https://git.example/me/app.git#main:../..",
        "https://git.example/me/app.git#main:/etc",
        "https://git.example/me/app.git#a..b",
        "https://git.example/me/ap\np.git",
        "",
    ],
)
def test_what_is_no_plain_https_address_is_refused(text: str) -> None:
    if text.startswith("ext::"):
        assert parse_context(text) == Path(text)  # a directory, if there is one
        return
    with pytest.raises(ValueError, match=r"is not|is neither|names no"):
        parse_context(text)


def test_two_ways_to_write_a_repository_are_one() -> None:
    assert parse_repository("https://GIT.example/me/app.git") == parse_repository("https://git.example/me/app/") == MINE


def test_auto_takes_the_running_repository_at_the_image_s_own_revision() -> None:
    assert automatic_source(LABELS, {}, MINE, ()) == GitSource(MINE, COMMIT)
    base = {SOURCE: "https://git.example/base", REVISION: "f" * 40}
    assert automatic_source(LABELS, base, None, [MINE]) == GitSource(MINE, COMMIT)


@pytest.mark.parametrize(
    ("labels", "base", "why"),
    [
        ({}, {}, "has no label"),
        (LABELS, None, "labels are not known"),
        (LABELS, {SOURCE: LABELS[SOURCE]}, "may be the base's"),
        (LABELS, {REVISION: COMMIT}, "may be the base's"),
        (LABELS | {REVISION: "main"}, {}, "no full commit id"),
        (LABELS | {REVISION: COMMIT[:12]}, {}, "no full commit id"),
        (LABELS | {SOURCE: "https://git.example/me/app.git#evil"}, {}, "is not an address"),
        (LABELS | {SOURCE: "http://git.example/me/app"}, {}, "is not an address"),
        (LABELS | {SOURCE: "https://token@git.example/me/app"}, {}, "is not an address"),
        (LABELS | {SOURCE: "https://git.example.evil/me/app"}, {}, "not the repository of this job"),
        (LABELS | {SOURCE: "https://git.example/me/other"}, {}, "not the repository of this job"),
    ],
)
def test_auto_refuses_labels_that_may_be_somebody_else_s(
    labels: dict[str, str], base: dict[str, str] | None, why: str
) -> None:
    with pytest.raises(RebuildError, match=why) as caught:
        automatic_source(labels, base, MINE, ())
    assert caught.value.code == "source-refused"


def test_a_link_does_not_lead_out_of_a_fetched_repository(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    (root / "docker").mkdir(parents=True)
    (root / "docker" / "Dockerfile").touch()
    (root / "Dockerfile").symlink_to("docker/Dockerfile")
    (root / "out").symlink_to("/")
    (root / "loop").symlink_to("loop")
    found = fetched_checkout(root, "docker", "../Dockerfile")
    assert (found.context, found.dockerfile) == (root / "docker", root / "docker" / "Dockerfile")
    for directory, file in (("out", ""), ("", "out/etc/passwd"), ("", "absent"), ("loop", ""), ("Dockerfile", "")):
        with pytest.raises(RebuildError, match="is not in the fetched repository"):
            fetched_checkout(root, directory, file)


def test_file_goes_by_the_current_directory_and_its_default_by_the_context(tmp_path: Path) -> None:
    assert local_checkout(tmp_path, "").dockerfile == tmp_path / "Dockerfile"
    assert local_checkout(tmp_path, "docker/x").dockerfile == Path("docker/x").resolve()
    with pytest.raises(RebuildError, match="is not a directory"):
        local_checkout(tmp_path / "absent", "")
