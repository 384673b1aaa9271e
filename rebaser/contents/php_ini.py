"""Which extensions a php.ini, or a file beside it, has PHP load."""

import re
from dataclasses import dataclass

from rebaser.contents.malformed import MalformedError

_MAX_BODY = 1024 * 1024  # bytes
_SETTING = re.compile(r"[ \t]*(zend_extension|extension|extension_dir)[ \t]*=[ \t]*(?:\"([^\"]*)\"|([^;]*))")


@dataclass(frozen=True, slots=True)
class PhpExtension:
    """An extension to be loaded, by name (`gd`), file (`gd.so`) or path, and the line that asks for it."""

    name: str
    zend: bool
    line: int

    @property
    def file(self) -> str:
        """The file it is looked for in: in the extension directory, unless it is a path."""
        return self.name if self.name.endswith(".so") or "/" in self.name else f"{self.name}.so"


@dataclass(frozen=True, slots=True)
class PhpIni:
    """What is to be loaded, and from where if a directory of its own is named (else empty)."""

    extensions: tuple[PhpExtension, ...]
    extension_dir: str


def read_php_ini(body: bytes) -> PhpIni:
    """Return which extensions an ini file of PHP has it load.

    Raises:
        MalformedError: it is larger than any such file.
    """
    if len(body) > _MAX_BODY:
        raise MalformedError(f"it has {len(body)} bytes, more than the {_MAX_BODY} that are read")
    extensions, directory = [], ""
    for number, line in enumerate(body.decode("utf-8", "surrogateescape").split("\n"), start=1):
        setting = _SETTING.match(line)
        value = (setting[2] if setting[2] is not None else setting[3]).strip(" \t\r'") if setting else ""
        if setting is None or not value:
            continue
        if setting[1] == "extension_dir":
            directory = value
        else:
            extensions.append(PhpExtension(value, setting[1] == "zend_extension", number))
    return PhpIni(tuple(extensions), directory)
