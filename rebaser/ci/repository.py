"""Whose job this is: the repository that runs it, and the login that the job has at that repository's host.

GitHub: GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_TOKEN. GitLab: CI_PROJECT_URL, CI_JOB_TOKEN.
"""

from collections.abc import Callable, Mapping

from rebaser.context import GitRepository, parse_repository
from rebaser.transports.registry.login import Login

_GITHUB = "https://github.com"


def running_repository(environment: Mapping[str, str]) -> GitRepository | None:
    """Return the repository whose job this is; None where no service says so."""
    name = environment.get("GITHUB_REPOSITORY")
    if name:
        return _repository(f"{environment.get('GITHUB_SERVER_URL') or _GITHUB}/{name}")
    return _repository(environment.get("CI_PROJECT_URL", ""))


def git_logins(environment: Mapping[str, str], token: str) -> Callable[[GitRepository], Login | None]:
    """Return what gives the login of a repository: the job's own, at the host that runs it, and none elsewhere.

    `token` is GitHub's where it is given; it is never shown to another host.
    """
    github = _repository(f"{environment.get('GITHUB_SERVER_URL') or _GITHUB}/any")
    gitlab = _repository(environment.get("CI_PROJECT_URL", ""))
    known = {
        github: Login("x-access-token", token or environment.get("GITHUB_TOKEN", "")),
        gitlab: Login("gitlab-ci-token", environment.get("CI_JOB_TOKEN", "")),
    }
    logins = {place.host: login for place, login in known.items() if place and login.password}
    return lambda repository: logins.get(repository.host)


def _repository(url: str) -> GitRepository | None:
    try:
        return parse_repository(url)
    except ValueError:
        return None
