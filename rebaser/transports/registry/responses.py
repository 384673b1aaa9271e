"""What a registry's "no" means: from an HTTP answer to an error with a code, the registry's own words, and a remedy.

The status decides; codes in the body are hints, since registries disagree on them. docs/errors.md has each code.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import httpx

from rebaser.errors import ImageNotFound, TransportError
from rebaser.oci.reference import Repository
from rebaser.oci.strict_json import Json, JsonObject, parse
from rebaser.printable import printable
from rebaser.transports.registry.retry import MAX_ERROR_BODY, is_certificate_error, speaks_clear

MAX_WORDS = 300  # characters of what a registry says that are shown

_QUERY = re.compile(r"(https?://[^\s?\"'<>]*)\?[^\s\"'<>]*")
_AUTHORIZATION = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")
_TAGS = re.compile(r"<[^<>]{0,500}>")
_IMMUTABLE = re.compile(r"(?i)immutab|overwrit|already exists|cannot be updated")

OK = range(200, 300)
UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY = 401, 403, 404, 429
_GONE = (NOT_FOUND, 410)
_IMMUTABLE_STATUS = (409, 412)


class Kind(Enum):
    """What was being done, as far as the meaning of a refusal depends on it."""

    READ = "read"
    UPLOAD = "push to"
    MANIFEST = "push"
    LOGIN = "log in to"


@dataclass(frozen=True, slots=True)
class Errand:
    """What a request is for, so that its failure can be told: `step` as in "the registry refused the blob upload"."""

    kind: Kind
    repository: Repository
    step: str
    name: str = ""  # a tag or digest

    @property
    def subject(self) -> str:
        """Return the reference that people know."""
        mark = "" if not self.name else "@" if ":" in self.name else ":"
        return f"{self.repository}{mark}{self.name}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `url` is where it came from."""

    status: int
    headers: httpx.Headers
    content: bytes
    url: httpx.URL

    @property
    def is_ok(self) -> bool:
        """Answer whether it is a success."""
        return self.status in OK

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the error codes in the body, in capitals; none when there are none."""
        found = (error.get("code") for error in _errors(self.content))
        return tuple(code.upper() for code in found if isinstance(code, str))


def refusal(answer: Answer, errand: Errand, secrets: Iterable[str] = (), *, known: bool = False) -> TransportError:
    """Return the error for an answer that is not a success; `known`: credentials were sent."""
    said = f"Could not {errand.kind.value} {errand.subject}: {_quoted(answer, errand, secrets)}"
    if answer.status == UNAUTHORIZED:
        return TransportError("authentication-failed", said, _login_remedy(errand, known=known))
    if answer.status == TOO_MANY or "TOOMANYREQUESTS" in answer.codes:
        return TransportError(
            "rate-limited",
            said,
            "Try again later, or raise the limit by logging in: set `username` and `password`, or `registry-auth`.",
        )
    if answer.status == FORBIDDEN or "DENIED" in answer.codes:
        return TransportError("access-denied", said, _access_remedy(errand, known=known))
    if answer.status in (408, *range(500, 600)):
        return TransportError(
            "registry-unavailable", said, f"Try again later; ask whoever runs {errand.repository.registry}."
        )
    return _by_kind(answer, errand, said)


def _by_kind(answer: Answer, errand: Errand, said: str) -> TransportError:
    if errand.kind is Kind.READ and answer.status in _GONE:
        return ImageNotFound(
            said, "Correct `image`, `old-base` or `new-base`; a private image needs `username` and `password` as well."
        )
    if errand.kind is Kind.UPLOAD:
        missing = "NAME_UNKNOWN" in answer.codes
        create = f"Create the repository {errand.repository} first: this registry does not do it on a push."
        other = "Let `tags` name another repository, or ask whoever runs this one what it accepts."
        return TransportError("upload-refused", said, create if missing else other)
    if errand.kind is Kind.MANIFEST:
        blobs = bool({"MANIFEST_BLOB_UNKNOWN", "BLOB_UNKNOWN"} & set(answer.codes))
        return TransportError(
            "manifest-blob-unknown" if blobs else "manifest-refused",
            said,
            "Run again: the registry lost blobs that it had confirmed."
            if blobs
            else "Set `manifest-format` to `docker` or `oci`, whichever this registry takes.",
        )
    return misbehaved(errand, said.partition(": ")[2])


def tag_immutable(errand: Errand, answer: Answer, secrets: Iterable[str] = ()) -> TransportError:
    """Return the error for a tag that exists and cannot be moved."""
    return TransportError(
        "tag-immutable",
        f"Could not move the tag {errand.subject}: {_quoted(answer, errand, secrets)}",
        "Let `tags` name a new tag, or allow this one to be overwritten in the registry's settings.",
    )


def says_immutable(answer: Answer) -> bool:
    """Answer whether a registry refused a tag because it exists: no two registries say so in the same way."""
    if answer.status in _IMMUTABLE_STATUS:
        return True
    tagged = "TAG_INVALID" in answer.codes or _IMMUTABLE.search(_words(answer.content)) is not None
    return answer.status in (400, FORBIDDEN) and tagged


def misbehaved(errand: Errand, what: str) -> TransportError:
    """Return the error for an answer that no registry should give."""
    return TransportError(
        "registry-misbehaved",
        f"Could not {errand.kind.value} {errand.subject}: {what}",
        f"Ask whoever runs {errand.repository.registry}, or a proxy before it; use another registry until then.",
    )


def unreachable(error: httpx.HTTPError, errand: Errand, host: str) -> TransportError:
    """Return the error for a request that got no answer."""
    said = f"Could not {errand.kind.value} {errand.subject}: "
    if is_certificate_error(error):
        return TransportError(
            "certificate-untrusted",
            f"{said}the certificate of {host} is not one that we trust",
            "Let SSL_CERT_FILE name the certificate authority's file, if the authority is your own.",
        )
    if speaks_clear(error):
        return TransportError(
            "insecure-registry",
            f"{said}{host} speaks only unencrypted http",
            f"Add {host} to `insecure-registries`, if its network may be trusted.",
        )
    return TransportError(
        "registry-unavailable",
        f"{said}no answer from {host} ({type(error).__name__}: {printable(clean(str(error)), MAX_WORDS)})",
        "Try again later; check the network, the host's name and the proxy variables HTTPS_PROXY and NO_PROXY.",
    )


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` without what could be a secret: queries of URLs, authorizations, and what is known to be one."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return _AUTHORIZATION.sub(r"\1 ***", _QUERY.sub(r"\1?…", text))


def _quoted(answer: Answer, errand: Errand, secrets: Iterable[str]) -> str:
    host = answer.url.netloc.decode()
    said = printable(clean(_words(answer.content), secrets), MAX_WORDS)
    code = f" {printable(clean(answer.codes[0], secrets), 40)}" if answer.codes else ""
    words = f": “{said}”" if said else ""
    return f"{host} refused {errand.step} ({answer.status}{code}{words})"


def _words(content: bytes) -> str:
    errors = _errors(content)
    texts = [str(error.get("message") or error.get("detail") or "") for error in errors]
    if errors:
        return "; ".join(text for text in texts if text)
    return " ".join(_TAGS.sub(" ", content[:MAX_ERROR_BODY].decode(errors="replace")).split())


def _errors(content: bytes) -> list[JsonObject]:
    body = lenient_object(content)
    errors = body.get("errors")
    if isinstance(errors, list):
        return [error for error in errors if isinstance(error, dict)]
    message = body.get("message") or body.get("error_description") or body.get("details") or body.get("error")
    return [{"code": body.get("code"), "message": message}] if isinstance(message, str) else []


def lenient_object(content: bytes, limit: int = MAX_ERROR_BODY) -> JsonObject:
    """Return the JSON object that `content` is, an empty one when it is none."""
    try:
        value: Json = parse(content, limit)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _login_remedy(errand: Errand, *, known: bool) -> str:
    registry = errand.repository.registry
    if known:
        return f"Correct the credentials for {registry}: `username` and `password`, or its line in `registry-auth`."
    return (
        f"Set `username` and `password`, or a line for {registry} in `registry-auth`: nothing is known of who you are "
        "there. If the image should be public, check its name."
    )


def _access_remedy(errand: Errand, *, known: bool) -> str:
    right = {Kind.READ: "read", Kind.LOGIN: "use"}.get(errand.kind, "write")
    if not known:
        return _login_remedy(errand, known=False)
    if errand.repository.registry == "ghcr.io":
        needed = "`packages: read`" if errand.kind is Kind.READ else "`packages: write`"
        return f"Give the job {needed}, and its repository access to the package in the package's settings."
    return f"Give the user in `username` or `registry-auth` the right to {right} {errand.repository}."
