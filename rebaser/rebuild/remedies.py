"""What to do about a failed build, as far as the builder's words tell."""

from collections.abc import Iterable, Sequence
from typing import Final

AGAIN: Final = "Run the same build by hand with the new base, and correct what it complains about."
_KNOWN: Final = (
    (
        ("unshare(CLONE_NEWUSER)", "creating new namespace", "operation not permitted: unshare"),
        "Give the container --security-opt seccomp=unconfined or --cap-add SYS_ADMIN, or name another `builder`.",
    ),
    (
        ("permission denied while trying to connect to the Docker daemon", "Cannot connect to the Docker daemon"),
        "Give the job docker's socket, or name another builder in `builder`.",
    ),
    (
        (
            "the --mount option requires BuildKit",
            "requires BuildKit",
            "Unknown flag: mount",
            "unknown instruction: EOF",
        ),
        "Install docker's buildx, and name `buildkit` in `builder`.",
    ),
    (
        ("exec format error",),
        "Leave the platform out with `platforms`, or register an emulator for it (binfmt_misc) on the machine.",
    ),
    (
        ("http: server gave HTTP response to HTTPS client",),
        "Name the host in `insecure-registries`; docker's engine has a setting of its own, insecure-registries.",
    ),
    (
        ("pull access denied", "unauthorized", "authentication required", "denied: requested access"),
        "Give a line for the registry in `registry-auth`.",
    ),
    (("no space left on device",), "Give the builder more room on its disk."),
)


def reason(log: Sequence[str]) -> str:
    """Return the line that says what went wrong: the last that is called an error, or just the last."""
    called = (line for line in reversed(log) if line.lower().startswith(("error", "fatal")))
    return next(called, log[-1] if log else "it printed nothing")


def remedy(log: Iterable[str]) -> str:
    """Return what helps against the last trouble that the lines tell of."""
    for line in reversed(list(log)):
        for signs, advice in _KNOWN:
            if any(sign.lower() in line.lower() for sign in signs):
                return advice
    return AGAIN
