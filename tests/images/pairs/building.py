"""Builds bases and applications with everything else frozen, each only once for what it is made of."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.images.engine import Builder, Engine
from tests.images.images import PREFIX
from tests.images.machine import work_directory
from tests.images.pairs.bases import BASES
from tests.images.pairs.model import Ingredient, Pair, file_name, key, recipe
from tests.images.pairs.trees import TREES
from tests.images.rootfs import EPOCH, tree

BUILDERS = {"BUILDER": "builder-bookworm", "NEXT_BUILDER": "builder-trixie"}
FROM_TREE = "ARG ROOTFS\nFROM ${ROOTFS}\n"


@dataclass(frozen=True)
class Builds:
    """The images of the pairs in one engine; whoever asks for one gets its tag."""

    engine: Engine

    @cache  # noqa: B019 -- one engine and its images live as long as a run
    def tree(self, name: str) -> str:
        """A tree without any configuration."""
        rootfs = TREES[name]
        tag = f"{PREFIX}/tree:{rootfs.key()}"
        self.engine.import_tree(tree(rootfs), tag)
        return tag

    @cache  # noqa: B019
    def base(self, name: str) -> str:
        """A base image."""
        base = BASES[name]
        text, recipes = FROM_TREE + base.dockerfile, tuple(recipe(one) for one in base.ingredients)
        tag = f"{PREFIX}/pair-base:{name}-{key(text, sorted(base.files.items()), recipes, base.tree)}"
        return self._built(tag, text, base.files, base.ingredients, {"ROOTFS": self.tree(base.tree)})

    def app(self, pair: Pair, base: str) -> str:
        """The application of a pair on one of its bases."""
        on = self.base(base)
        arguments = {
            "BASE": on,
            **{name: self.tree(tree) for name, tree in BUILDERS.items() if name in pair.dockerfile},
        }
        recipes = tuple(recipe(one) for one in pair.ingredients)
        made_of = (pair.dockerfile, sorted(pair.files.items()), recipes, sorted(arguments.items()))
        tag = f"{PREFIX}/pair:{file_name(pair.name)}-{key(*made_of)}"
        return self._built(tag, pair.dockerfile, pair.files, pair.ingredients, arguments)

    def _built(
        self,
        tag: str,
        dockerfile: str,
        files: Mapping[str, str],
        ingredients: tuple[Ingredient, ...],
        arguments: Mapping[str, str],
    ) -> str:
        if not self.engine.run("images", "--quiet", tag).strip():
            context = _context(dockerfile, files, ingredients)
            options = (f"--build-arg={name}={value}" for name, value in arguments.items())
            try:
                self.engine.build(context, tag, *options, builder=Builder.CLASSIC)
            finally:
                shutil.rmtree(context)
        return tag


def _context(dockerfile: str, files: Mapping[str, str], ingredients: tuple[Ingredient, ...]) -> Path:
    """A build context; files that begin with `#!` are executable, and all have the same time."""
    directory = work_directory() / "contexts"
    directory.mkdir(exist_ok=True)
    context = Path(mkdtemp(dir=directory))
    for name, text in {"Dockerfile": dockerfile, **files}.items():
        path = context / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)
    for ingredient in ingredients:
        ingredient.put(context)
    for path in (context, *context.rglob("*")):
        os.utime(path, (int(EPOCH), int(EPOCH)), follow_symlinks=False)
        if path.is_dir():
            path.chmod(0o755)
    return context
