"""Containers of an engine that exists only in memory: what a program would do there is told beforehand."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(frozen=True)
class Does:
    """What a container does: its exit code (None: it runs on), what it prints, and why it cannot be started."""

    exit_code: int | None = 0
    out: bytes = b""
    error: bytes = b""
    refusal: tuple[int, str, int] | None = None
    health: str = ""
    checked: str = ""
    oom: bool = False


@dataclass
class FakeContainers:
    """`does` tells what a container does from what it is made of; `files` are archives by path."""

    does: Callable[[Mapping[str, Any]], Does] = lambda _made: Does()
    files: dict[str, bytes] = field(default_factory=dict)
    made: list[dict[str, Any]] = field(default_factory=list)
    there: dict[str, Does] = field(default_factory=dict)
    committed: int = 0

    def answer(self, request: httpx.Request, body: bytes) -> httpx.Response:
        if request.url.path == "/containers/create":
            made = json.loads(body)
            self.made.append(made)
            identity = f"{len(self.made):064x}"
            self.there[identity] = self.does(made)
            return httpx.Response(201, json={"Id": identity, "Warnings": []})
        if request.url.path == "/commit":
            self.committed += 1
            return httpx.Response(201, json={"Id": f"sha256:{self.committed:064x}"})
        _, _, identity, *rest = request.url.path.split("/")
        if identity not in self.there:
            return httpx.Response(404, json={"message": f"No such container: {identity}"})
        if request.method == "DELETE":
            del self.there[identity]
            return httpx.Response(204)
        return self._of(self.there[identity], rest[0], request)

    def _of(self, does: Does, wanted: str, request: httpx.Request) -> httpx.Response:
        if wanted == "start" and does.refusal:
            return httpx.Response(does.refusal[0], json={"message": does.refusal[1]})
        if wanted in ("start", "kill"):
            return httpx.Response(204)
        if wanted == "json":
            return httpx.Response(200, json={"State": _state(does)})
        if wanted == "logs":
            return httpx.Response(200, content=_frame(1, does.out) + _frame(2, does.error))
        content = self.files.get(request.url.params["path"])
        if content is None:
            return httpx.Response(404, json={"message": "not there"})
        return httpx.Response(200, content=content)


def _state(does: Does) -> dict[str, object]:
    code = does.refusal[2] if does.refusal else does.exit_code
    state: dict[str, object] = {"Running": code is None, "ExitCode": code or 0, "OOMKilled": does.oom, "Error": ""}
    if does.health:
        state["Health"] = {"Status": does.health, "Log": [{"ExitCode": 1, "Output": does.checked}]}
    return state


def _frame(stream: int, content: bytes) -> bytes:
    return bytes((stream, 0, 0, 0)) + len(content).to_bytes(4) + content if content else b""
