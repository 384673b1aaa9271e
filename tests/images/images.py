"""Builds what the catalogue lists, each thing when it is first asked for."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.images.catalog import APPS, BASES, DISTRIBUTION, PYTHON, RUNNER, TINY
from tests.images.contexts import context
from tests.images.engine import Builder, Engine, connect
from tests.images.machine import MissingError, mirror, tool
from tests.images.rootfs import Rootfs, tree

PREFIX = "rebaser-test"
TOOLS = ("mmdebstrap", "dpkg-scanpackages", "javac", "go", "skopeo")


@dataclass(frozen=True)
class Images:
    """The images of one engine; whoever asks for one gets the tag under which the engine has it."""

    engine: Engine

    @cache  # noqa: B019 -- one engine and its images live as long as the tests
    def tree(self, rootfs: Rootfs) -> str:
        """A tree as it is, without any configuration."""
        tag = f"{PREFIX}/tree:{rootfs.key()}"
        self.engine.import_tree(tree(rootfs), tag)
        return tag

    def tiny(self) -> str:
        """A shell and little else, for what has to be built many times."""
        return self.tree(TINY)

    @cache  # noqa: B019
    def base(self, name: str, builder: Builder) -> str:
        """A base image."""
        return self._build("bases", name, builder, ROOTFS=self.tree(BASES[name]))

    @cache  # noqa: B019
    def app(self, name: str, base: str, builder: Builder) -> str:
        """An application, built on a base of the catalogue by the builder that built the base."""
        on = self.base(base, builder)
        return self._build("apps", name, builder, suffix=f"-on-{base}", BASE=on, **APPS[name].build_args)

    def registry(self, name: str) -> str:
        """The image of a registry."""
        return self._build("registries", name, Builder.CLASSIC, ROOTFS=self.tree(DISTRIBUTION))

    @cache  # noqa: B019
    def python(self) -> str:
        """What stands in for the public image of Python."""
        return self.tree(PYTHON)

    @cache  # noqa: B019
    def client(self) -> str:
        """What stands in for the public image of docker's client."""
        return self._build("runners", "client", Builder.CLASSIC, ROOTFS=self.tree(RUNNER))

    @cache  # noqa: B019
    def runner(self) -> str:
        """The machine on which act runs a job's steps."""
        return self._build("runners", "act", Builder.CLASSIC, ROOTFS=self.tree(RUNNER))

    def _build(self, kind: str, name: str, builder: Builder, suffix: str = "", **arguments: str) -> str:
        tag = f"{PREFIX}/{name}{suffix}:{builder}"
        options = (f"--build-arg={key}={value}" for key, value in arguments.items())
        self.engine.build(_context(kind, name), tag, *options, builder=builder)
        return tag


def ready() -> Images:
    """The images that can be made here; or all that is missing for it, at once."""
    missing = []
    for look in (mirror, connect, *(lambda name=name: tool(name) for name in TOOLS)):
        try:
            look()
        except MissingError as error:
            missing.append(str(error))
    if missing:
        raise MissingError("; ".join(missing))
    return Images(connect())


@cache
def _context(kind: str, name: str) -> Path:
    return context(kind, name)
