"""Which builder, and which run of it, a statement names."""

import pytest

from rebaser.ci.invocation import maker
from rebaser.request import LOCAL_MAKER, Maker

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "org/app",
    "GITHUB_WORKFLOW_REF": "org/app/.github/workflows/rebase.yml@refs/heads/main",
    "GITHUB_RUN_ID": "42",
    "GITHUB_RUN_ATTEMPT": "2",
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_SERVER_URL": "https://gitlab.example:8443",
    "CI_CONFIG_REF_URI": "gitlab.example/org/app//.gitlab-ci.yml@refs/heads/main",
    "CI_PROJECT_PATH": "org/app",
    "CI_JOB_URL": "https://gitlab.example:8443/org/app/-/jobs/7",
}


def test_on_github_it_is_the_workflow_and_the_attempt_of_its_run() -> None:
    assert maker(GITHUB) == Maker(
        "https://github.com/org/app/.github/workflows/rebase.yml@refs/heads/main",
        "https://github.com/org/app/actions/runs/42/attempts/2",
    )


def test_on_gitlab_it_is_the_configuration_and_the_job() -> None:
    found = maker(GITLAB)
    assert found.builder == "https://gitlab.example/org/app//.gitlab-ci.yml@refs/heads/main"
    assert found.invocation == "https://gitlab.example:8443/org/app/-/jobs/7"
    older = {name: value for name, value in GITLAB.items() if name != "CI_CONFIG_REF_URI"}
    assert maker(older).builder == "https://gitlab.example:8443/org/app"


def test_elsewhere_it_is_a_process_of_someones_own() -> None:
    assert maker({"GITHUB_RUN_ID": "42", "CI_JOB_URL": "https://gitlab.example/1"}) == LOCAL_MAKER


@pytest.mark.parametrize(
    "server",
    ["https://user:secret@github.com", "javascript:alert(1)", "https://x\n::error::y", "", "https://" + "a" * 999],
)
def test_what_is_no_plain_address_is_left_out(server: str) -> None:
    assert maker(GITHUB | {"GITHUB_SERVER_URL": server}) == LOCAL_MAKER
