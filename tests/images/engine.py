"""The container engine of this machine, and its two ways to build."""

import io
import json
import subprocess
import tarfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from tests.images.machine import MissingError, environment, run, tool, work_directory

# Debian's own client stands second, for machines that put another before it without the plugin for BuildKit.
CLIENTS = ("docker", "/usr/bin/docker")
PLUGIN_NEEDED_SINCE = 23


class Builder(StrEnum):
    """What turns a Dockerfile into an image."""

    CLASSIC = "classic"
    BUILDKIT = "buildkit"


@dataclass(frozen=True)
class Engine:
    """A client that knows both builders, and through it the engine."""

    client: str

    def run(self, *arguments: str | Path, builder: Builder = Builder.CLASSIC) -> str:
        """What one command of the client prints."""
        chosen = str(int(builder is Builder.BUILDKIT))
        return run(self.client, *arguments, env=environment(DOCKER_BUILDKIT=chosen))

    def build(self, context: Path, tag: str, *options: str, builder: Builder) -> None:
        """Build the Dockerfile of a directory; without a network, so that its inputs alone decide what comes out."""
        self.run("build", "--quiet", "--network=none", f"--tag={tag}", *options, context, builder=builder)

    def import_tree(self, archive: Path, tag: str) -> None:
        """Make a tree an image of one layer, unless it is one already."""
        if not self.run("images", "--quiet", tag).strip():
            self.run("import", archive, tag)

    def config(self, tag: str) -> dict[str, Any]:
        """The config document of an image, of which `docker inspect` shows only a part.

        The engine gives it away only with all layers, so it is kept, under the image's id, which is its digest.
        """
        identifier = self.run("image", "inspect", "--format={{.Id}}", tag).strip().removeprefix("sha256:")
        kept = work_directory() / "configs" / f"{identifier}.json"
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            part = kept.with_suffix(".part")
            part.write_bytes(self._saved_config(tag))
            part.rename(kept)
        config: dict[str, Any] = json.loads(kept.read_bytes())
        return config

    def _saved_config(self, tag: str) -> bytes:
        saved = subprocess.run((self.client, "save", tag), capture_output=True, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(saved)) as archive:
            (image,) = json.loads(_member(archive, "manifest.json"))
            return _member(archive, image["Config"])


def connect() -> Engine:
    """The engine, if there is one that can build in both ways."""
    answers = [_answer(client) for client in CLIENTS]
    for client, answer in zip(CLIENTS, answers, strict=True):
        if answer == "":
            return Engine(client)
    raise MissingError("; ".join(f"{client}: {answer}" for client, answer in zip(CLIENTS, answers, strict=True)))


def _answer(client: str) -> str:
    """Why this client won't do; empty if it will."""
    try:
        tool(client)
        version = run(client, "version", "--format={{.Client.Version}}/{{.Server.Version}}")
        if int(version.partition(".")[0]) >= PLUGIN_NEEDED_SINCE:
            run(client, "buildx", "version")
    except (MissingError, RuntimeError) as error:
        return str(error).strip().splitlines()[-1]
    return ""


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise RuntimeError(f"{name} is not a file of the saved image")
    return file.read()
