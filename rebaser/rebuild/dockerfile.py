"""Which image a Dockerfile's stages stand on, and where in the file each image is named.

The Dockerfile reference: FROM, ARG before it, stages that stand on stages, `COPY --from`, `RUN --mount=…,from=`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rebaser.oci.platform import Platform
from rebaser.oci.reference import parse_reference
from rebaser.rebuild.expansion import expand
from rebaser.rebuild.instructions import Instruction, Script, read_script, unreadable, words

_DIGITS = 5  # of the number of a stage
MAX_STAGES: Final = 1000  # some generated files have a hundred
SCRATCH: Final = "scratch"
_FLAG = re.compile(r"\s+(--\S*)")


@dataclass(frozen=True, slots=True)
class ImageName:
    """An image as the file names it, with all variables replaced, and where: the characters from `start` to `end`."""

    text: str
    start: int
    end: int

    @property
    def meant(self) -> str:
        """Return the fully qualified reference, by which two ways to write the same image are one."""
        try:
            return str(parse_reference(self.text))
        except ValueError:
            return self.text


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage. It stands on the stage number `parent`, or on an image; `line` is where its FROM is."""

    number: int
    name: str
    image: ImageName
    parent: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """The stages in their order, and the images that instructions take files from; `syntax` is its frontend."""

    content: str
    syntax: str
    stages: tuple[Stage, ...]
    borrowed: tuple[ImageName, ...]

    @property
    def images(self) -> tuple[ImageName, ...]:
        """Return every place where an image is named that is no stage."""
        return *(stage.image for stage in self.stages if stage.parent is None), *self.borrowed


def read_dockerfile(content: bytes, build_args: Mapping[str, str], platform: Platform) -> Dockerfile:
    """Return what a Dockerfile says of its bases, when it is built with `build_args` for `platform`.

    Raises:
        RebuildError: it cannot be understood, or goes beyond a limit.
    """
    script = read_script(content)
    stages = _stages(script, build_args, platform)
    if not stages:
        raise unreadable(0, "it has no FROM")
    return Dockerfile(script.content, script.syntax, stages, tuple(_borrowed(script, stages)))


def wanted_stage(dockerfile: Dockerfile, target: str) -> Stage:
    """Return the stage that `target` names, by name or number; the last one when it is empty.

    Raises:
        RebuildError: there is no such stage.
    """
    if not target:
        return dockerfile.stages[-1]
    for stage in reversed(dockerfile.stages):
        if stage.name == target.lower():
            return stage
    if target.isascii() and target.isdigit() and len(target) <= _DIGITS and int(target) < len(dockerfile.stages):
        return dockerfile.stages[int(target)]
    raise unreadable(0, f"it has no stage called {target}, which `target` names")


def base_chain(dockerfile: Dockerfile, target: str) -> tuple[Stage, ...]:
    """Return the stages from `target` down to the one that stands on an image.

    Raises:
        RebuildError: there is no such stage.
    """
    chain = [wanted_stage(dockerfile, target)]
    while (parent := chain[-1].parent) is not None:
        chain.append(dockerfile.stages[parent])
    return tuple(chain)


def uses(dockerfile: Dockerfile, image: ImageName) -> tuple[ImageName, ...]:
    """Return every place that names the same image, in the order of the file."""
    found = (name for name in dockerfile.images if name.meant == image.meant)
    return tuple(sorted(found, key=lambda name: name.start))


def _stages(script: Script, build_args: Mapping[str, str], platform: Platform) -> tuple[Stage, ...]:
    variables = _given_by_the_builder(platform, build_args)
    stages: list[Stage] = []
    named: dict[str, int] = {}
    for instruction in script.instructions:
        if instruction.keyword == "ARG" and not stages:
            variables |= _arguments(instruction, variables, build_args, script.escape)
        elif instruction.keyword == "FROM":
            stage = _stage(instruction, len(stages), variables, named, script.escape)
            stages.append(stage)
            if stage.name:
                named[stage.name] = stage.number
            if len(stages) > MAX_STAGES:
                raise unreadable(instruction.line, f"it has more than {MAX_STAGES} stages")
    return tuple(stages)


def _given_by_the_builder(platform: Platform, build_args: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the platforms; that of the builder, which we need not know, is taken for the same."""
    parts = {"PLATFORM": str(platform), "OS": platform.os, "ARCH": platform.architecture, "VARIANT": platform.variant}
    found = {f"{side}{part}": value for side in ("TARGET", "BUILD") for part, value in parts.items()}
    return {name: build_args.get(name, value) for name, value in found.items()}


def _arguments(
    instruction: Instruction, variables: Mapping[str, str], build_args: Mapping[str, str], escape: str
) -> dict[str, str]:
    """Return the variables that an ARG before the first FROM sets; those after it are no business of a FROM."""
    found: dict[str, str] = {}
    for begin, end in words(instruction.text, len(instruction.keyword), escape):
        name, equals, default = instruction.text[begin:end].partition("=")
        if name in build_args:
            found[name] = build_args[name]
        elif equals:
            found[name] = _expanded(instruction, default, {**variables, **found}, escape)
    return found


def _stage(
    instruction: Instruction, number: int, variables: Mapping[str, str], named: Mapping[str, int], escape: str
) -> Stage:
    text = instruction.text
    given = words(text, len(instruction.keyword), escape)
    plain = [(begin, end) for begin, end in given if not text.startswith("--", begin)]
    if len(plain) not in (1, 3) or (len(plain) == 3 and text[slice(*plain[1])].upper() != "AS"):  # noqa: PLR2004
        raise unreadable(instruction.line, f"{text} is not of the form FROM image [AS name]")
    image = _name(instruction, *plain[0], _expanded(instruction, text[slice(*plain[0])], variables, escape))
    if not image.text:
        remedy = f"{text[slice(*plain[0])]} is empty: its ARG has no default, and `build-args` does not set it"
        raise unreadable(instruction.line, remedy)
    name = text[slice(*plain[2])].lower() if len(plain) > 1 else ""
    return Stage(number, name, image, named.get(image.text.lower()), instruction.line)


def _expanded(instruction: Instruction, word: str, variables: Mapping[str, str], escape: str) -> str:
    try:
        return expand(word, variables, escape)
    except ValueError as error:
        raise unreadable(instruction.line, str(error)) from error


def _name(instruction: Instruction, begin: int, end: int, text: str) -> ImageName:
    return ImageName(text, instruction.place(begin), instruction.place(end - 1) + 1)


def _borrowed(script: Script, stages: tuple[Stage, ...]) -> Iterator[ImageName]:
    """Yield the images from which COPY and RUN take files. Variables are not replaced in them, as builders do not."""
    names = {stage.name for stage in stages} | {str(stage.number) for stage in stages}
    for instruction in script.instructions:
        for begin, end in _taken_from(instruction):
            text = instruction.text[begin:end]
            if text and text.lower() not in names:
                yield _name(instruction, begin, end, text)


def _taken_from(instruction: Instruction) -> Iterator[tuple[int, int]]:
    """Yield where in the instruction its flags say `from=`."""
    if instruction.keyword not in ("COPY", "RUN"):
        return
    for begin, end in _flags(instruction):
        flag = instruction.text[begin:end]
        if instruction.keyword == "COPY" and flag.startswith("--from="):
            yield begin + len("--from="), end
        elif instruction.keyword == "RUN" and flag.startswith("--mount="):
            yield from _source_of_mount(flag, begin)


def _flags(instruction: Instruction) -> Iterator[tuple[int, int]]:
    """Yield where the words are that begin with `--`, before all others."""
    at = len(instruction.keyword)
    while (match := _FLAG.match(instruction.text, at)) is not None:
        yield match.span(1)
        at = match.end()


def _source_of_mount(flag: str, begin: int) -> Iterator[tuple[int, int]]:
    at = len("--mount=")
    for part in flag[at:].split(","):
        if part.startswith("from="):
            yield begin + at + len("from="), begin + at + len(part)
        at += len(part) + 1
