"""Words that a container starts with: of its command, of lines for a shell, of its health check."""

from collections.abc import Iterator

from rebaser.contents.commands import argv0_of_shell_line
from rebaser.contents.shebang import read_shebang
from rebaser.layers.entry import Entry
from rebaser.oci.strict_json import JsonObject
from rebaser.system.commands import Missing, start
from rebaser.system.model import System

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "busybox"})
_PASS_ON = frozenset({"tini", "dumb-init", "gosu", "su-exec", "setpriv", "catatonit", "docker-init"})
_OPTION = "-c"
_NONE, _EXEC, _SHELL = "NONE", "CMD", "CMD-SHELL"


def started_words(system: System) -> tuple[str, ...]:
    """Return the words that name what is started: the first of the command, and what it in turn is told to start."""
    return tuple(dict.fromkeys(_started(list(system.command), system)))


def health_words(system: System) -> tuple[str, ...]:
    """Return the words that name what the health check starts."""
    test = _test(system.settings)
    if not test or test[0] == _NONE:
        return ()
    if test[0] == _SHELL:
        shell = list(system.words("Shell") or ("/bin/sh", _OPTION))
        return tuple(dict.fromkeys(_started([*shell, *test[1:2]], system)))
    return tuple(dict.fromkeys(_started(test[1:], system)))


def shell_lines(settings: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield lines that a shell is given, and in words where they stand."""
    for member, title in (("Entrypoint", "the entrypoint"), ("Cmd", "the command")):
        told = settings.get(member)
        words = [word for word in told if isinstance(word, str)] if isinstance(told, list) else []
        line = _line(words)
        if line:
            yield f"The line of {title}", line
    test = _test(settings)
    if test[:1] == [_SHELL] and len(test) > 1:
        yield "The health check", test[1]


def is_shell_script(entry: Entry) -> bool:
    """Answer whether a file is a script for a shell."""
    shebang = read_shebang((entry.body or b"")[:256])
    return shebang is not None and shebang.program.rpartition("/")[2] in _SHELLS


def _started(words: list[str], system: System) -> Iterator[str]:
    if not words:
        return
    yield words[0]
    line = _line(words)
    if line:
        word = argv0_of_shell_line(line)
        if word:
            yield word
        return
    rest = [word for word in words[1:] if not word.startswith("-")]
    if words[0].rpartition("/")[2] in _PASS_ON:
        yield from _started(rest, system)
    elif _is_handed_on(words[0], system) and rest:
        yield rest[0]


def _is_handed_on(word: str, system: System) -> bool:
    """Answer whether the entrypoint is a script that ends with `exec "$@"`: it starts the command."""
    chain = start(system.files, system.path, word, system.directory)
    if isinstance(chain, Missing) or not is_shell_script(chain[0]):
        return False
    return b'exec "$@"' in (chain[0].body or b"") and bool(system.words("Entrypoint"))


def _line(words: list[str]) -> str:
    """Return the line in `/bin/sh -c LINE`."""
    if len(words) > 2 and words[0].rpartition("/")[2] in _SHELLS:  # noqa: PLR2004
        options = words[1:-1]
        for position, option in enumerate(options, 1):
            if option.startswith("-") and option.endswith("c") and not option.startswith("--"):
                return words[position + 1]
    return ""


def _test(settings: JsonObject) -> list[str]:
    told = settings.get("Healthcheck")
    test = told.get("Test") if isinstance(told, dict) else None
    return [word for word in test if isinstance(word, str)] if isinstance(test, list) else []
