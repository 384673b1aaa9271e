"""References: where an image is, and which of the images there is meant.

distribution-spec "Pulling manifests" for the grammar of names and tags; docker.io's rules for short names;
containers-transports(5) for what is not in a registry.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from rebaser.oci.digest import Digest, parse_digest

DOCKER_HUB = "docker.io"
DEFAULT_TAG = "latest"
_HUB_ALIASES = {"index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"}
_MAX_NAME = 255  # characters of registry and repository together, as distribution counts them
_MAX_LENGTH = 4096  # characters of a whole reference; it may come from a label, and a directory can be long
_MAX_PORT = 65535

_HOST = re.compile(
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:.]+\])"
    r"(?::[0-9]{1,5})?"
)
_PATH = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_LAYOUT_TAG = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:@/+-]{0,254}[A-Za-z0-9])?")
_POSITION = re.compile(r"@(?:0|[1-9][0-9]{0,4})")
_DIGEST_AT_END = re.compile(r"@([a-z0-9]+:[0-9a-fA-F]+)$")


class Transport(Enum):
    """The kinds of places where images live."""

    REGISTRY = "docker"
    OCI_LAYOUT = "oci"
    DOCKER_ARCHIVE = "docker-archive"
    DOCKER_DAEMON = "docker-daemon"


@dataclass(frozen=True, slots=True)
class Repository:
    """One place with tags and blobs: a repository of a registry or of an engine, an OCI image layout, an archive."""

    transport: Transport
    registry: str  # host[:port]; empty for what is no registry
    path: str  # in the registry; the directory, or the file; the full name, or the image's ID, in the engine

    def __str__(self) -> str:
        """Return the place as it is written in references."""
        if self.transport is Transport.REGISTRY:
            return f"{self.registry}/{self.path}"
        return f"{self.transport.value}:{self.path}"

    @property
    def holds_names(self) -> bool:
        """Answer whether images are kept there by name only: nobody finds by digest what has none."""
        return self.transport in (Transport.DOCKER_ARCHIVE, Transport.DOCKER_DAEMON)

    @property
    def is_image_id(self) -> bool:
        """Answer whether it is one image of an engine, which has no tags."""
        return self.transport is Transport.DOCKER_DAEMON and _is_digest(self.path)


@dataclass(frozen=True, slots=True)
class Reference:
    """An image in a repository: by tag, by digest, or by both, and then the digest decides.

    The tag in an archive is a full name with a tag, or a position, `@0` the first.
    """

    repository: Repository
    tag: str | None = None
    digest: Digest | None = None

    def __str__(self) -> str:
        """Return the fully qualified reference; parsing it gives this value again."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"

    def with_tag(self, tag: str) -> "Reference":
        """Return the reference to another tag of the same repository; in an archive, of this image's own name."""
        if self.repository.transport is Transport.DOCKER_ARCHIVE and self._has_name and is_tag(tag):
            tag = f"{str(self.tag).rpartition(':')[0]}:{tag}"
        return Reference(self.repository, tag)

    @property
    def plain_tag(self) -> str:
        """Return the tag without the name that it has in an archive."""
        return str(self.tag).rpartition(":")[2] if self._has_name else str(self.tag)

    @property
    def docker_name(self) -> str | None:
        """Return the full name with tag under which an engine would know the image, None where it has none."""
        match self.repository.transport:
            case Transport.REGISTRY:
                return f"{self.repository}:{self.tag}" if self.tag else None
            case Transport.DOCKER_DAEMON:
                return f"{self.repository.path}:{self.tag}" if self.tag else None
            case Transport.DOCKER_ARCHIVE:
                return self.tag if self._has_name else None
            case _:
                return None

    @property
    def _has_name(self) -> bool:
        return self.repository.transport is Transport.DOCKER_ARCHIVE and self.tag is not None and ":" in self.tag

    def with_digest(self, digest: Digest) -> "Reference":
        """Return the same reference, pinned."""
        return replace(self, digest=digest)


def parse_reference(text: str) -> Reference:
    """Return the reference that `text` writes: `[registry/]repository[:tag][@digest]`, or `oci:DIR[:TAG][@digest]`.

    Or `docker-archive:FILE[:NAME[:TAG]|:@POSITION][@digest]`, or `docker-daemon:NAME[:TAG][@digest]`, or
    `docker-daemon:ID`. A name without a registry is docker.io's, one without a slash is in its `library/`; without tag
    and digest, the tag of a name is `latest`.

    Raises:
        ValueError: what is wrong with it.
    """
    if not text or text != text.strip() or not text.isprintable():
        raise ValueError("it is empty or holds white space or control characters")
    if len(text) > _MAX_LENGTH:
        raise ValueError(f"it has more than {_MAX_LENGTH} characters")
    name, digest = _split_digest(text)
    kind, _, rest = name.partition(":")
    if kind in _LOCAL:
        return _LOCAL[kind](rest, digest)
    if kind in ("containers-storage", "oci-archive", "dir"):
        raise ValueError(f"images at {kind}: are not supported; {_SUPPORTED} are")
    return _registry_reference(name.removeprefix("docker://"), digest)


def full_name(text: str) -> str:
    """Return the name of an image in an archive or an engine with its registry and its tag.

    Raises:
        ValueError: it is none.
    """
    reference = _registry_reference(text, None)
    return f"{reference.repository}:{reference.tag}"


def familiar_name(full: str) -> str:
    """Return a full name as engines show it: without `docker.io/library/`."""
    return full.removeprefix(f"{DOCKER_HUB}/library/").removeprefix(f"{DOCKER_HUB}/")


def destination(tag: Reference, own: Reference) -> Reference:
    """Return where a result goes: `tag`, which in an archive may lack the name, or the name and the tag, of `own`.

    Raises:
        ValueError: `own` has no such name.
    """
    if tag.repository.transport is not Transport.DOCKER_ARCHIVE or (tag.tag and not is_tag(tag.tag)):
        return tag
    name = own.docker_name
    if name is None:
        raise ValueError(f"{tag} does not say under which name, and {replace(own, digest=None)} has none")
    named = Reference(tag.repository, name)
    return named.with_tag(tag.tag) if tag.tag else named


def kept_tag(pattern: str, tag: str, digest: str) -> str:
    """Return the tag that `pattern` makes of a tag and of twelve digits of the digest that it named."""
    return pattern.replace("{tag}", tag).replace("{digest}", digest)


def is_tag(text: str) -> bool:
    """Answer whether `text` can be a tag in a registry."""
    return _TAG.fullmatch(text) is not None


def familiar(reference: Reference) -> str:
    """Return the reference without `docker.io/library/`, as people write it."""
    return familiar_name(str(reference))


def _split_digest(text: str) -> tuple[str, Digest | None]:
    match = _DIGEST_AT_END.search(text)
    if match:
        return text[: match.start()], parse_digest(match[1])
    if "@" in text and not text.startswith(("oci:", "docker-archive:")):
        raise ValueError(f"{text.rpartition('@')[2][:100]!r} after the @ is not a digest")
    return text, None


def _layout(name: str, digest: Digest | None) -> Reference:
    directory, colon, tag = name.partition(":")
    if not directory:
        raise ValueError("oci: wants a directory after it, as in oci:DIR:TAG")
    if colon and not _LAYOUT_TAG.fullmatch(tag):
        raise ValueError(f"{tag[:100]!r} cannot be the name of an image in an OCI layout")
    return Reference(Repository(Transport.OCI_LAYOUT, "", directory), tag or None, digest)


def _archive(name: str, digest: Digest | None) -> Reference:
    file, colon, tag = name.partition(":")
    if not file:
        raise ValueError("docker-archive: wants a file after it, as in docker-archive:FILE:NAME:TAG")
    if colon and not _POSITION.fullmatch(tag):
        tag = full_name(tag)
    return Reference(Repository(Transport.DOCKER_ARCHIVE, "", file), tag or None, digest)


def _daemon(name: str, digest: Digest | None) -> Reference:
    if _is_digest(name):
        return Reference(Repository(Transport.DOCKER_DAEMON, "", name), None, digest)
    found = _registry_reference(name, digest)
    return Reference(Repository(Transport.DOCKER_DAEMON, "", str(found.repository)), found.tag, digest)


_LOCAL: dict[str, Callable[[str, Digest | None], Reference]] = {
    "oci": _layout,
    "docker-archive": _archive,
    "docker-daemon": _daemon,
}
_SUPPORTED = "`oci:DIR`, `docker-archive:FILE`, `docker-daemon:NAME` and registries"


def _is_digest(text: str) -> bool:
    try:
        parse_digest(text)
    except ValueError:
        return False
    return True


def _registry_reference(name: str, digest: Digest | None) -> Reference:
    first, slash, rest = name.partition("/")
    if slash and _is_host(first):
        # a name that only its upper case makes a host keeps it, or it would read as docker.io's the next time
        registry, path = first.lower() if _is_host(first.lower()) else first, rest
    else:
        registry, path = DOCKER_HUB, name
    path, tag = _split_tag(path)
    if registry in _HUB_ALIASES:
        registry = DOCKER_HUB
    if registry == DOCKER_HUB and "/" not in path:
        path = f"library/{path}"
    _refuse_bad_name(registry, path)
    if tag is None and digest is None:
        tag = DEFAULT_TAG
    return Reference(Repository(Transport.REGISTRY, registry, path), tag, digest)


def _split_tag(path: str) -> tuple[str, str | None]:
    head, slash, last = path.rpartition("/")
    name, colon, tag = last.partition(":")
    if not colon:
        return path, None
    if not _TAG.fullmatch(tag):
        raise ValueError(f"{tag[:140]!r} cannot be a tag")
    return f"{head}{slash}{name}", tag


def _is_host(text: str) -> bool:
    return "." in text or ":" in text or text == "localhost" or text != text.lower()


def _refuse_bad_name(registry: str, path: str) -> None:
    if not _HOST.fullmatch(registry):
        raise ValueError(f"{registry[:100]!r} cannot be a registry's host")
    port = re.search(r":([0-9]+)$", registry)
    if port and int(port[1]) > _MAX_PORT:
        raise ValueError(f"{port[1]} cannot be a port")
    if not _PATH.fullmatch(path):
        lower = "; repository names are lower-case" if path != path.lower() else ""
        raise ValueError(f"{path[:100]!r} cannot be a repository{lower}")
    if len(registry) + 1 + len(path) > _MAX_NAME:
        raise ValueError(f"registry and repository together have more than {_MAX_NAME} characters")


class Scratch(Enum):
    """The base that is no base: no layers, an empty config, and nowhere to be pulled from."""

    SCRATCH = "scratch"


def parse_base(text: str) -> Reference | Scratch:
    """Return the base that `text` names: `scratch`, or a reference.

    Raises:
        ValueError: what is wrong with it.
    """
    return Scratch.SCRATCH if text == Scratch.SCRATCH.value else parse_reference(text)
