import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rebaser.context import GitRepository, GitSource
from rebaser.errors import RebuildError
from rebaser.rebuild.fetching import Bounds, fetch
from rebaser.transports.registry.login import Login
from tests.rebuild.git_server import GitServer, git, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with serving(tmp_path) as found:
        yield found


def environment(server: GitServer) -> dict[str, str]:
    return {"PATH": os.defpath, "GIT_SSL_CAINFO": str(server.certificate), "GITHUB_TOKEN": "canary"}


def source(server: GitServer, name: str = "app", ref: str = "") -> GitSource:
    return GitSource(GitRepository(server.host, name), ref)


def refusal(server: GitServer, wanted: GitSource, place: Path, **more: object) -> str:
    with pytest.raises(RebuildError) as caught:
        fetch(wanted, place, environment(server), **more)  # type: ignore[arg-type]
    assert caught.value.code == "source-unavailable"
    return caught.value.message


@pytest.mark.parametrize("by", ["commit", "branch", "default"])
def test_a_commit_is_fetched_with_its_files_and_nothing_of_git_stays(
    server: GitServer, tmp_path: Path, by: str
) -> None:
    commit = server.commit("app", {"Dockerfile": "FROM a\n", "dir/b": "b"})
    ref = {"commit": commit, "branch": "main", "default": ""}[by]
    assert fetch(source(server, ref=ref), tmp_path / "got", environment(server)) == commit
    found = {str(path.relative_to(tmp_path / "got")) for path in (tmp_path / "got").rglob("*")}
    assert found == {"Dockerfile", "dir", "dir/b"}


def test_the_login_goes_to_the_repository_and_is_in_no_message(server: GitServer, tmp_path: Path) -> None:
    server.commit("app", {"a": "a"})
    login = Login("x-access-token", "canary-token")
    fetch(source(server), tmp_path / "got", environment(server), login)
    assert {authorization for _, authorization in server.seen} == {"Basic eC1hY2Nlc3MtdG9rZW46Y2FuYXJ5LXRva2Vu"}
    message = refusal(server, source(server, "absent"), tmp_path / "none", login=login)
    assert "canary" not in message
    assert "not found" in message


def test_a_redirect_is_not_followed_with_the_login(server: GitServer, tmp_path: Path) -> None:
    server.commit("app", {"a": "a"})
    server.moved["/old.git"] = "/app.git"
    login = Login("u", "canary-token")
    assert "git says" in refusal(server, source(server, "old"), tmp_path / "got", login=login)
    assert all(path.startswith("/old.git") for path, _ in server.seen)


def test_a_submodule_a_hook_and_a_filter_of_the_repository_do_nothing(server: GitServer, tmp_path: Path) -> None:
    work = tmp_path / "app-work"
    work.mkdir()
    server.commit("inner", {"inner": "x"})
    git(work, "init", "--quiet", "--initial-branch=main")
    allowed = ("-c", "protocol.file.allow=always")
    git(work, *allowed, "submodule", "add", "--quiet", str(tmp_path / "inner.git"), "sub")
    commit = server.commit("app", {".gitattributes": "* filter=evil\n", ".gitconfig": "[core]\n", "a": "a"})
    assert fetch(source(server, ref=commit), tmp_path / "got", environment(server)) == commit
    assert list((tmp_path / "got" / "sub").iterdir()) == []


def test_what_is_larger_than_the_bounds_is_not_written(server: GitServer, tmp_path: Path) -> None:
    server.commit("app", {f"file-{number}": "x" * 100 for number in range(20)})
    few = replace(Bounds(), files=10)
    assert "more than 10 files" in refusal(server, source(server), tmp_path / "few", bounds=few)
    assert not (tmp_path / "few" / "file-1").exists()
    small = replace(Bounds(), size=500)
    assert "more than 500 B" in refusal(server, source(server), tmp_path / "small", bounds=small)


def test_a_server_that_never_answers_is_left(server: GitServer, tmp_path: Path) -> None:
    start = time.monotonic()
    silent = GitSource(GitRepository("192.0.2.1", "app"))
    message = refusal(server, silent, tmp_path / "got", bounds=replace(Bounds(), seconds=1))
    assert "git took more than 1 seconds" in message or "git says" in message
    assert time.monotonic() - start < 20


def test_another_commit_than_was_asked_for_is_refused(server: GitServer, tmp_path: Path) -> None:
    server.commit("app", {"a": "a"})
    assert "cannot be fetched" in refusal(server, source(server, ref="0" * 40), tmp_path / "got")


def test_without_git_it_says_so(server: GitServer, tmp_path: Path) -> None:
    with pytest.raises(RebuildError, match="git cannot be run"):
        fetch(source(server), tmp_path / "got", {"PATH": str(tmp_path)})
