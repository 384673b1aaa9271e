"""The manifests and tags of one repository. OCI distribution specification, "Pulling manifests", "Pushing Manifests".

What is read is held against the digest that was asked for, whatever headers say; a write whose answer was lost is
looked for before it is called a failure.
"""

from dataclasses import dataclass, field

from rebaser.errors import ImageError, ImageNotFound, TransportError
from rebaser.oci import media_types
from rebaser.oci.descriptor import Descriptor
from rebaser.oci.digest import Digest, digest_of, matches, mismatch, parse_digest
from rebaser.oci.document import MAX_MANIFEST, Document, invalid
from rebaser.oci.manifest import Index, Manifest, parse_manifest
from rebaser.oci.reference import Repository, is_tag
from rebaser.printable import printable
from rebaser.printable import size as readable
from rebaser.transports.registry.asks import ACCEPT, RAW, manifest_ask
from rebaser.transports.registry.connection import Ask, Connection, Headers
from rebaser.transports.registry.responses import (
    FORBIDDEN,
    NOT_FOUND,
    TOO_MANY,
    UNAUTHORIZED,
    Answer,
    Errand,
    Kind,
    misbehaved,
    says_immutable,
    tag_immutable,
)
from rebaser.transports.registry.retry import BASE_DELAY, MAX_ERROR_BODY, NOT_NOW, Timing
from rebaser.transports.registry.scopes import PULL, PUSH, Scope

READ_BACK_TRIES = 8  # some registries show what they took only after a while: half a minute in all
READ_BACK_DELAY = 5.0  # seconds, at most, between two of them

_ACCEPT_EACH: Headers = tuple(("Accept", media_type) for media_type in media_types.ACCEPT)
_NOT_ACCEPTABLE = 406
_CERTAIN = (UNAUTHORIZED, FORBIDDEN, TOO_MANY)  # a HEAD that is refused so would be as a GET


@dataclass(slots=True)
class Manifests:
    """What a repository has under digests and tags. Callable from several threads."""

    connection: Connection
    repository: Repository
    timing: Timing
    _written: set[str] = field(default_factory=set)
    _lists: bool | None = None

    def resolve(self, tag: str) -> Digest | None:
        """Return the digest that `tag` names, None when there is no such tag.

        Raises:
            TransportError: it could not be found out.
        """
        return self._resolved(self._checked(tag))

    def read(self, name: str, expected: Descriptor | None = None) -> Manifest | Index:
        """Return what `name`, a tag or a digest, names; `expected` is what an index said of it.

        Raises:
            ImageNotFound: there is none.
            ImageError: its bytes are not those of the digest, or not a manifest.
            TransportError: it could not be read.
        """
        errand = self._reading("the manifest", self._checked(name))
        answer = self._answer(name, errand)
        digest = self._verified(answer, name, expected, errand)
        announced = _announced_type(answer)
        if expected is not None and announced not in media_types.ACCEPT:
            announced = expected.media_type
        found = parse_manifest(announced, answer.content, digest)
        if expected is not None and expected.media_type != found.document.media_type:
            what = f"it is {found.document.media_type}, but its index calls it {expected.media_type}"
            raise invalid(what, digest)
        return found

    def put(self, document: Document) -> None:
        """Store a manifest or index under its digest.

        Raises:
            TransportError: the registry refused it (`manifest-blob-unknown`: a blob of it is missing), or says that
                it stored something else.
        """
        errand = Errand(Kind.MANIFEST, self.repository, "the manifest", document.digest)
        refused = self._put(document.digest, document, errand)
        if refused is not None:
            raise self.connection.refused(refused, errand)
        self._written.add(document.digest)

    def put_tag(self, tag: str, document: Document) -> None:
        """Make `tag` name a stored manifest or index.

        Raises:
            TransportError: the registry refused it; `tag-immutable`, when the tag exists and cannot be moved.
        """
        errand = Errand(Kind.MANIFEST, self.repository, "the tag", self._checked(tag))
        refused = self._put(tag, document, errand)
        if refused is not None and says_immutable(refused):
            raise tag_immutable(errand, refused, self.connection.secrets)
        if refused is not None:
            raise self.connection.refused(refused, errand)

    def lists_referrers(self, subject: Digest) -> bool:
        """Answer whether the registry keeps lists of referrers; it is asked for that of `subject` unless that is known.

        Raises:
            TransportError, ImageError: as `referrers`.
        """
        return self._lists if self._lists is not None else self.referrers(subject) is not None

    def referrers(self, subject: Digest) -> Index | None:
        """Return the list of what refers to a manifest; None where the registry keeps none itself.

        Raises:
            TransportError: it could not be found out.
            ImageError: the list is no index.
        """
        errand = self._reading("the referrers", subject)
        path = f"/v2/{self.repository.path}/referrers/{subject}"
        answer = self.connection.ask(
            Ask("GET", path, (Scope(self.repository.path, PULL),), errand, RAW, limit=MAX_MANIFEST)
        )
        if answer.status in _CERTAIN or answer.status in NOT_NOW:
            raise self.connection.refused(answer, errand)
        self._lists = answer.is_ok and _announced_type(answer) == media_types.OCI_INDEX
        if not self._lists:
            return None
        found = parse_manifest(media_types.OCI_INDEX, answer.content, digest_of(answer.content))
        return found if isinstance(found, Index) else None

    def _put(self, name: str, document: Document, errand: Errand) -> Answer | None:
        """Put a manifest; return the refusal, None when it is there: put now, or before, or with the answer lost."""
        headers = (("Content-Type", document.media_type),)
        scopes = (Scope(self.repository.path, PUSH),)
        ask = Ask("PUT", self._path(name), scopes, errand, headers, document.content, MAX_ERROR_BODY)
        try:
            answer = self.connection.ask(ask)
        except TransportError as error:
            if error.code == "registry-unavailable" and self._names(name, document):
                return None
            raise
        if answer.is_ok:
            self._refuse_other(answer, document, errand)
            return None
        unclear = answer.status in NOT_NOW or says_immutable(answer)
        return None if unclear and self._names(name, document) else answer

    def _refuse_other(self, answer: Answer, document: Document, errand: Errand) -> None:
        announced = _announced_digest(answer)
        if announced is not None and not matches(document.content, announced):
            raise misbehaved(errand, f"{answer.url.host} says that it stored {announced} instead of {document.digest}")

    def _names(self, name: str, document: Document) -> bool:
        try:
            return self._resolved(name) == document.digest
        except TransportError:
            return False

    def _resolved(self, name: str) -> Digest | None:
        errand = self._reading("the manifest", name)
        answer = self.connection.ask(manifest_ask(self.repository, name, method="HEAD", headers=ACCEPT))
        announced = _announced_digest(answer)
        if answer.is_ok and announced is not None:
            return announced
        if answer.status in _CERTAIN or answer.status in NOT_NOW:
            raise self.connection.refused(answer, errand)
        if _surely_absent(answer):
            return None
        try:  # not every registry answers HEAD, or with a digest
            return self._verified(self._answer(name, errand), name, None, errand)
        except ImageNotFound:
            return None

    def _answer(self, name: str, errand: Errand) -> Answer:
        """Return the answer that holds a manifest; what we wrote ourselves is waited for a while."""
        answer = self._get(name, errand)
        for number in range(1, READ_BACK_TRIES + 1):
            if answer.status != NOT_FOUND or name not in self._written:
                break
            self.timing.sleep(min(READ_BACK_DELAY, BASE_DELAY * 2.0 ** (number - 1)))
            answer = self._get(name, errand)
        if not answer.is_ok:
            raise self.connection.refused(answer, errand)
        return answer

    def _get(self, name: str, errand: Errand) -> Answer:
        """Ask with all types in one header; a registry that does not understand this is asked with several."""
        answer = self.connection.ask(manifest_ask(self.repository, name, errand.step))
        if answer.status == _NOT_ACCEPTABLE or _announced_type(answer) in media_types.SCHEMA1:
            return self.connection.ask(manifest_ask(self.repository, name, errand.step, headers=RAW + _ACCEPT_EACH))
        return answer

    def _verified(self, answer: Answer, name: str, expected: Descriptor | None, errand: Errand) -> Digest:
        """Return the digest of an answer's bytes, which is the one that was asked for."""
        if len(answer.content) > MAX_MANIFEST:
            raise ImageError(
                "too-large",
                f"The manifest of {errand.subject} has more than the {readable(MAX_MANIFEST)} that are accepted",
                "Name another image: registries take no manifest of this size.",
            )
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise misbehaved(errand, f"{answer.url.host} sent it compressed, which was not asked for")
        announced = _announced_digest(answer)
        asked = parse_digest(name) if ":" in name else None
        for digest in (asked, expected.digest if expected else None, announced):
            if digest is not None and not matches(answer.content, digest):
                raise mismatch(self._place(name), f"bytes that do not hash to {digest}")
        if expected is not None and expected.size != len(answer.content):
            raise mismatch(self._place(name), f"{len(answer.content)} bytes instead of {expected.size}")
        return asked or announced or digest_of(answer.content)

    def _checked(self, name: str) -> str:
        """Return `name` if it is a tag or digest: nothing else ever becomes part of a URL."""
        try:
            return name if is_tag(name) else parse_digest(name)
        except ValueError as error:
            raise ImageNotFound(
                f"{printable(name, 100)} is neither a tag nor a digest of {self.repository}",
                "Correct the reference in `image`, `old-base`, `new-base` or `tags`.",
            ) from error

    def _path(self, name: str) -> str:
        return f"/v2/{self.repository.path}/manifests/{name}"

    def _reading(self, step: str, name: str) -> Errand:
        return Errand(Kind.READ, self.repository, step, name)

    def _place(self, name: str) -> str:
        return self._reading("", name).subject


def _announced_digest(answer: Answer) -> Digest | None:
    try:
        return parse_digest(answer.headers.get("docker-content-digest", ""))
    except ValueError:
        return None


def _announced_type(answer: Answer) -> str | None:
    return answer.headers.get("content-type", "").partition(";")[0].strip() or None


def _surely_absent(answer: Answer) -> bool:
    """Answer whether a HEAD's 404 is a registry's word on the tag, and not on HEAD."""
    is_api = "docker-distribution-api-version" in answer.headers
    return answer.status == NOT_FOUND and is_api and _announced_type(answer) == "application/json"
