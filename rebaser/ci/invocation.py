"""Who is making this, as the service that runs us tells: a URI for the builder, and one for its run.

GitHub: "Default environment variables"; GitLab: "Predefined CI/CD variables". SLSA provenance v1, `runDetails`.
"""

import re
from collections.abc import Mapping

from rebaser.request import LOCAL_BUILDER, LOCAL_MAKER, Maker

MAX_URI = 1000  # characters
_URI = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%@+=/-]*)?")


def maker(environment: Mapping[str, str]) -> Maker:
    """Return the builder and its run; a process of someone's own, where no service says otherwise."""
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github(environment)
    if environment.get("GITLAB_CI") == "true":
        return _gitlab(environment)
    return LOCAL_MAKER


def _github(environment: Mapping[str, str]) -> Maker:
    """Return the workflow and, where it is told, which attempt of which run."""
    server = environment.get("GITHUB_SERVER_URL", "")
    builder = _uri(server, environment.get("GITHUB_WORKFLOW_REF", ""))
    run = (environment.get(f"GITHUB_{name}", "") for name in ("REPOSITORY", "RUN_ID", "RUN_ATTEMPT"))
    repository, number, attempt = run
    told = _uri(server, f"{repository}/actions/runs/{number}/attempts/{attempt or 1}") if repository and number else ""
    return Maker(builder or LOCAL_BUILDER, told)


def _gitlab(environment: Mapping[str, str]) -> Maker:
    """Return the pipeline's configuration and the job."""
    told = environment.get("CI_CONFIG_REF_URI", "")
    project = _uri(environment.get("CI_SERVER_URL", ""), environment.get("CI_PROJECT_PATH", ""))
    builder = (_uri(f"https://{told}") if told else "") or project
    return Maker(builder or LOCAL_BUILDER, _uri(environment.get("CI_JOB_URL", "")))


def _uri(*parts: str) -> str:
    """Return the parts, joined by slashes; nothing where that is no plain URI, or one with a credential in it."""
    told = "/".join(part.rstrip("/") for part in parts)
    return told if all(parts) and len(told) <= MAX_URI and _URI.fullmatch(told) else ""
