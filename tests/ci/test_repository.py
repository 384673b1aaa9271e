import pytest

from rebaser.ci.repository import git_logins, running_repository
from rebaser.context import GitRepository
from rebaser.transports.registry.login import Login

MINE = GitRepository("github.com", "acme/shop")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"GITHUB_REPOSITORY": "acme/shop", "GITHUB_SERVER_URL": "https://github.com"}, MINE),
        ({"GITHUB_REPOSITORY": "acme/shop"}, MINE),
        ({"CI_PROJECT_URL": "https://git.example/acme/shop"}, GitRepository("git.example", "acme/shop")),
        ({"GITHUB_REPOSITORY": "../x"}, None),
        ({"GITHUB_REPOSITORY": "acme/shop", "GITHUB_SERVER_URL": "http://git.example"}, None),
        ({}, None),
    ],
)
def test_the_running_repository_is_what_the_service_says(
    environment: dict[str, str], expected: GitRepository | None
) -> None:
    assert running_repository(environment) == expected


def test_the_token_goes_to_the_host_that_runs_the_job_and_to_no_other() -> None:
    login_of = git_logins({"GITHUB_SERVER_URL": "https://git.example"}, "canary")
    assert login_of(GitRepository("git.example", "any/thing")) == Login("x-access-token", "canary")
    assert login_of(MINE) is None
    assert login_of(GitRepository("git.example.evil", "acme/shop")) is None


def test_gitlab_s_job_token_is_for_its_own_host() -> None:
    login_of = git_logins({"CI_PROJECT_URL": "https://git.example/a/b", "CI_JOB_TOKEN": "canary"}, "")
    assert login_of(GitRepository("git.example", "a/c")) == Login("gitlab-ci-token", "canary")
    assert login_of(MINE) is None


def test_without_a_token_nobody_logs_in() -> None:
    assert git_logins({}, "")(MINE) is None
