from pathlib import Path

import pytest

from rebaser.context import GitRepository, GitSource, parse_context, parse_repository

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MINE = GitRepository("git.example", "me/app")


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
            GitSource(GitRepository("git.example:8443", "a"), "refs/pull/1/head"),
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


def test_a_source_is_told_as_it_is_written() -> None:
    for text in ("https://git.example/me/app.git", "https://git.example/me/app.git#main:docker"):
        assert str(parse_context(text)) == text
