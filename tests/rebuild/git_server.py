"""Git over https, as a forge speaks it: git's own server program behind a socket, with a new certificate."""

import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

_LENGTH = "Content-Length"


@dataclass
class GitServer:
    """A server of the repositories below a directory; `seen` are path and Authorization of each request."""

    directory: Path
    certificate: Path
    host: str = ""
    seen: list[tuple[str, str]] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)

    def commit(self, repository: str, files: Mapping[str, str]) -> str:
        """Make a repository with one commit and return its id."""
        work = self.directory / f"{repository}-work"
        for name, text in files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_text(text, "utf-8")
        git(work, "init", "--quiet", "--initial-branch=main")
        git(work, "add", "--all")
        git(work, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message=x")
        git(work, "clone", "--quiet", "--bare", ".", str(self.directory / f"{repository}.git"))
        return git(work, "rev-parse", "HEAD").strip()


def git(cwd: Path, *arguments: str) -> str:
    environment = {"PATH": os.defpath, "HOME": str(cwd), "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ("git", *arguments), cwd=cwd, env=environment, check=True, capture_output=True, text=True
    ).stdout


@contextmanager
def serving(directory: Path) -> Iterator[GitServer]:
    """Serve until the end of the block."""
    for program in ("git", "openssl"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    made = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    subprocess.run((*made, "-keyout", key, "-out", certificate, *subject), check=True, capture_output=True)
    server = GitServer(directory, certificate)

    class Handler(_Handler):
        git_server: ClassVar[GitServer] = server

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.socket = context.wrap_socket(listening.socket, server_side=True)
    server.host = f"localhost:{listening.server_address[1]}"
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()


class _Handler(BaseHTTPRequestHandler):
    git_server: ClassVar[GitServer]

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get(_LENGTH, "0"))))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as it is called
        """Say nothing."""

    def _answer(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        self.git_server.seen.append((path, self.headers.get("Authorization", "")))
        for before, after in self.git_server.moved.items():
            if path.startswith(before):
                self.send_response(301)
                self.send_header("Location", f"{after}{self.path.removeprefix(before)}")
                self.end_headers()
                return
        headers, content = self._backend(path, query, body)
        self.send_response(int(headers.pop("Status", "200")[:3]))
        for name, value in {**headers, _LENGTH: str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _backend(self, path: str, query: str, body: bytes) -> tuple[dict[str, str], bytes]:
        environment = {
            "PATH": os.defpath,
            "GIT_PROJECT_ROOT": str(self.git_server.directory),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(("git", "http-backend"), env=environment, input=body, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        pairs = (line.partition(": ") for line in head.decode("ascii").split("\r\n"))
        return {name: value for name, _, value in pairs}, content
