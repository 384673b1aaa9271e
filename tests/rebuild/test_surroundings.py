import json
from pathlib import Path

from rebaser.rebuild.surroundings import builder_environment
from rebaser.transports.registry.login import Login


def test_a_builder_sees_no_login_but_the_ones_it_needs_and_finds_the_user_s_engine(tmp_path: Path) -> None:
    users, room = tmp_path / "home" / ".docker", tmp_path / "room"
    (users / "cli-plugins").mkdir(parents=True)
    (users / "contexts" / "meta").mkdir(parents=True)
    canary = {"auths": {"ghcr.io": {"auth": "canary"}}, "credsStore": "canary", "credHelpers": {"a": "canary"}}
    (users / "config.json").write_text(json.dumps({**canary, "currentContext": "colima"}), "utf-8")
    room.mkdir()
    given = {"HOME": str(tmp_path / "home"), "PATH": "/bin", "GITHUB_TOKEN": "canary", "REBASE_PASSWORD": "canary"}
    given |= {"DOCKER_HOST": "unix:///run/engine", "https_proxy": "http://proxy:1", "DOCKER_AUTH_CONFIG": "canary"}
    logins = {"docker.io": Login("me", "pw"), "ghcr.io": Login("", identity_token="token")}

    found = builder_environment(given, room, logins, ["127.0.0.1:5000"])

    assert {name for name in given if name in found} == {"HOME", "PATH", "DOCKER_HOST", "https_proxy"}
    config = room / "docker"
    assert found["DOCKER_CONFIG"] == str(config)
    written = json.loads((config / "config.json").read_text("utf-8"))
    assert written == {
        "currentContext": "colima",
        "auths": {
            "https://index.docker.io/v1/": {"auth": "bWU6cHc="},
            "ghcr.io": {"auth": "PHRva2VuPjo=", "identitytoken": "token"},
        },
    }
    assert "canary" not in "".join(found.values())
    assert (config / "config.json").stat().st_mode & 0o077 == 0
    assert (config / "contexts" / "meta").is_dir()
    assert (config / "cli-plugins").is_dir()
    assert not (config / "buildx").exists()
    assert 'location = "127.0.0.1:5000"\ninsecure = true' in (room / "registries.conf").read_text("utf-8")


def test_a_broken_configuration_of_the_user_s_is_none(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("[" * 100_000, "utf-8")
    builder_environment({"DOCKER_CONFIG": str(tmp_path)}, tmp_path, {}, ())
    assert json.loads((tmp_path / "docker" / "config.json").read_text("utf-8")) == {"auths": {}}
