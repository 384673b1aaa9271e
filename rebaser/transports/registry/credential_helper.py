"""Runs one of docker's credential helpers. Programs of its kind are few jobs' business, so this is imported late."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from subprocess import DEVNULL, PIPE, Popen
from threading import Timer
from typing import IO

logger = logging.getLogger(__name__)

MAX_OUTPUT = 64 * 1024  # bytes
SECONDS = 30.0  # some ask a cloud's metadata service


def ask(name: str, host: str, environment: Mapping[str, str]) -> bytes | None:
    """Return what `docker-credential-NAME get` prints for a host; None when it has nothing or cannot be run.

    `name` has been checked: it is a plain word.
    """
    command = [f"docker-credential-{name}", "get"]
    try:
        with Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment) as process:  # noqa: S603  no shell
            return _conversation(process, host)
    except OSError as error:
        logger.warning("the credential helper docker-credential-%s cannot be run: %s", name, error.strerror)
        return None


def _conversation(process: Popen[bytes], host: str) -> bytes | None:
    stdin, stdout = _pipes(process)
    limit = Timer(SECONDS, process.kill)
    limit.start()
    try:
        with suppress(OSError):
            stdin.write(host.encode())
            stdin.close()
        output = stdout.read(MAX_OUTPUT + 1)
        if len(output) > MAX_OUTPUT:
            process.kill()
        return output if process.wait() == 0 else None
    finally:
        limit.cancel()


def _pipes(process: Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise OSError("no pipes")
    return process.stdin, process.stdout
