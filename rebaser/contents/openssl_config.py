"""What an openssl.cnf switches on: providers, engines, and how strict TLS is. config(5) of OpenSSL 3."""

import re
from dataclasses import dataclass

from rebaser.contents.malformed import MalformedError

_MAX_BODY = 4 * 1024 * 1024  # bytes
_SECTION = re.compile(r"\[[ \t]*([^]]*?)[ \t]*\]")
_INCLUDE = re.compile(r"\.include(?:[ \t]*=[ \t]*|[ \t]+)(.*)")
_LEVEL = re.compile(r"@SECLEVEL=([0-9])")
_ON = frozenset(["1", "yes", "true", "on"])
_DEFAULT = "default"

_Sections = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class CryptoModule:
    """A provider or an engine: its name, the file it is loaded from (empty: from where OpenSSL has its own), and if."""

    name: str
    module: str
    active: bool


@dataclass(frozen=True, slots=True)
class OpensslConfig:
    """What a configuration switches on; what it leaves to OpenSSL is empty, `security_level` then None.

    `includes` are files and directories whose settings belong to it as well.
    """

    providers: tuple[CryptoModule, ...]
    engines: tuple[CryptoModule, ...]
    min_protocol: str
    cipher_string: str
    security_level: int | None
    includes: tuple[str, ...]


def read_openssl_config(body: bytes) -> OpensslConfig:
    """Return what an openssl.cnf switches on.

    Raises:
        MalformedError: it is larger than any such file.
    """
    sections, includes = _sections(body)
    start = _named(sections, _DEFAULT, "openssl_conf")
    tls = sections.get(sections.get(start.get("ssl_conf", ""), {}).get("system_default", ""), {})
    ciphers = tls.get("CipherString", "")
    level = _LEVEL.search(ciphers)
    return OpensslConfig(
        _modules(sections, start.get("providers", ""), "module"),
        _modules(sections, start.get("engines", ""), "dynamic_path"),
        tls.get("MinProtocol", tls.get("TLS.MinProtocol", "")),
        ciphers,
        int(level[1]) if level else None,
        tuple(includes),
    )


def _named(sections: _Sections, section: str, key: str) -> dict[str, str]:
    return sections.get(sections.get(section, {}).get(key, ""), {})


def _modules(sections: _Sections, listed: str, path: str) -> tuple[CryptoModule, ...]:
    """Return the modules that the section `listed` names; an engine is loaded by being named."""
    modules = []
    for name, section in sections.get(listed, {}).items():
        said = sections.get(section, {})
        active = path == "dynamic_path" or said.get("activate", "").lower() in _ON
        modules.append(CryptoModule(said.get("engine_id", name.rpartition(".")[2]), said.get(path, ""), active))
    return tuple(modules)


def _sections(body: bytes) -> tuple[_Sections, list[str]]:
    if len(body) > _MAX_BODY:
        raise MalformedError(f"it has {len(body)} bytes, more than the {_MAX_BODY} that are read")
    sections: _Sections = {}
    includes: list[str] = []
    current = _DEFAULT
    for line in _lines(body):
        section, include = _SECTION.match(line), _INCLUDE.fullmatch(line)
        key, equals, value = line.partition("=")
        if section:
            current = section[1]
        elif include:
            includes.append(include[1].strip("\"'"))
        elif equals:
            # A key may say which section it belongs to, as `other::key`.
            owner, colons, own = key.strip().rpartition("::")
            sections.setdefault(owner if colons else current, {})[own] = value.strip().strip("\"'")
    return sections, includes


def _lines(body: bytes) -> list[str]:
    """Return the lines without comments; one that ends in a backslash goes on in the next."""
    text = body.decode("utf-8", "surrogateescape").replace("\r\n", "\n").replace("\\\n", "")
    return [re.sub(r"(?<!\\)#.*", "", line).strip() for line in text.split("\n")]
