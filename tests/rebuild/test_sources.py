from pathlib import Path

import pytest

from rebaser.context import GitRepository, GitSource
from rebaser.errors import RebuildError
from rebaser.rebuild.checkout import fetched_checkout, local_checkout
from rebaser.rebuild.sources import REVISION, SOURCE, automatic_source

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MINE = GitRepository("git.example", "me/app")
LABELS = {SOURCE: "https://git.example/me/app", REVISION: COMMIT}


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
