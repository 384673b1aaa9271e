import os

import pytest

_NAMES = {"ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "DOCKER_CONFIG", "SOURCE_DATE_EPOCH"}
_PREFIXES = ("CI_", "GITHUB_", "INPUT_", "REBASE_")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine that runs the tests reaches what is tested."""
    for name in list(os.environ):  # noqa: TID251  to take away what is there
        if name.upper() in _NAMES or name.startswith(_PREFIXES):
            monkeypatch.delenv(name)
