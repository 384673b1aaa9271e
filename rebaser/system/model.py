"""An image's file system and settings, and what they mean together; each thing is worked out when first asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar, cast

from rebaser.contents.malformed import MalformedError
from rebaser.contents.os_release import OsRelease, read_os_release
from rebaser.layers.filesystem import FileSystem
from rebaser.oci.strict_json import Json, JsonObject
from rebaser.system.accounts import Accounts, Identity, Unknown, accounts, identity
from rebaser.system.commands import DEFAULT_PATH
from rebaser.system.loader import Loader
from rebaser.system.packages import Packages, packages

Answer = TypeVar("Answer")
_RELEASES = ("etc/os-release", "usr/lib/os-release")


@dataclass(frozen=True)
class System:
    """An image as a container of it begins; `settings` is the `config` member of its config."""

    files: FileSystem
    settings: JsonObject
    _remembered: dict[str, object] = field(default_factory=dict, compare=False, repr=False)

    def remember(self, name: str, work_out: Callable[[], Answer]) -> Answer:
        """Return what `work_out` gives, which is asked once for each name."""
        if name not in self._remembered:
            self._remembered[name] = work_out()
        return cast("Answer", self._remembered[name])

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """Return the variables that a container is started with."""
        listed = self.settings.get("Env")
        entries = [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, list) else []
        return {name: value for name, _, value in (entry.partition("=") for entry in entries)}

    @property
    def path(self) -> str:
        """Return the search path for commands."""
        return self.environment.get("PATH", DEFAULT_PATH)

    @property
    def directory(self) -> str:
        """Return the working directory, absolute."""
        told = self.settings.get("WorkingDir")
        return told if isinstance(told, str) and told.startswith("/") else f"/{told or ''}"

    @property
    def user(self) -> str:
        """Return the config's `User`, empty for root."""
        told = self.settings.get("User")
        return told if isinstance(told, str) else ""

    @property
    def command(self) -> tuple[str, ...]:
        """Return the words that a container starts with: entrypoint, then command."""
        return (*self.words("Entrypoint"), *self.words("Cmd"))

    def words(self, member: str) -> tuple[str, ...]:
        """Return a member that is a list of words; nothing where it isn't one."""
        told: Json = self.settings.get(member)
        return tuple(word for word in told if isinstance(word, str)) if isinstance(told, list) else ()

    @cached_property
    def accounts(self) -> Accounts:
        """Return the users and groups."""
        return accounts(self.files)

    @cached_property
    def identity(self) -> Identity | Unknown:
        """Return whom processes run as."""
        return identity(self.user, self.accounts)

    @cached_property
    def packages(self) -> Packages:
        """Return the installed packages."""
        return packages(self.files)

    @cached_property
    def loader(self) -> Loader:
        """Return what looks libraries up."""
        return Loader(self.files, self.environment.get("LD_LIBRARY_PATH", ""))

    @cached_property
    def release(self) -> OsRelease | None:
        """Return what os-release says; None where there is none."""
        for path in _RELEASES:
            entry = self.files.find(path)
            if entry is not None and entry.whole is not None:
                try:
                    return read_os_release(entry.whole)
                except MalformedError:
                    return None
        return None
