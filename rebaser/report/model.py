"""The report: a public schema of its own, with its own version, apart from the values that it is made of.

docs/report.schema.json is generated from here, and a test keeps the two in step.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION: Literal["1.5"] = "1.5"

Result = Literal["unchanged", "rebased", "rebuilt", "skipped", "refused", "failed"]
Json = Annotated[Any, Field(json_schema_extra={"description": "any JSON value"})]


class Part(BaseModel):
    """What all parts of the report share: they are values, and nothing is in them that the schema does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=None)


class Tool(Part):
    """The program that wrote the report."""

    name: str
    version: str


class BaseUsed(Part):
    """A base that was used. `found` says how it is known: `input`, `annotation`, `provenance`, `label` and so on."""

    name: str
    digest: str | None
    found: str


class LayerEntry(Part):
    """A layer, base first. `size` is in bytes, as stored."""

    digest: str
    diffId: str
    size: int
    origin: Literal["old base", "new base", "application", "merge layer"]


class SeamEntry(Part):
    """Where the base ends: layers of the old base, and history entries of the application if history proves them."""

    layers: int
    appHistory: int | None


class ConflictEntry(Part):
    """A config value that could not simply be taken from the one side that changed it."""

    kind: str
    pointer: str
    key: str
    message: str
    oldBase: Json
    app: Json
    newBase: Json
    kept: Json
    severity: Literal["note", "warning", "blocker"]


class ConfigChangeEntry(Part):
    """A member of the config that differs, its key (a variable, a label), and both values.

    `before` of what is added and `after` of what is removed are null for want of a value; else null is the value.
    """

    change: Literal["added", "removed", "changed", "reordered"]
    member: str
    key: str
    before: Json
    after: Json


class FindingEntry(Part):
    """What a check found; `blocks` when it stood in the way, `tolerated` gives the reason for which it didn't."""

    check: str
    severity: Literal["note", "warning", "blocker"]
    message: str
    subject: str
    before: Json
    after: Json
    remedy: str
    tolerated: str | None
    blocks: bool


class CheckEntry(Part):
    """What became of a check; `title` says what holds when it passes, and a skipped or crashed one says why."""

    check: str
    title: str
    status: Literal["passed", "found", "skipped", "crashed"]
    reason: str


class PackageChangeEntry(Part):
    """A package and its versions on two sides, null where it is not there. `architecture` may be empty."""

    ecosystem: str
    name: str
    architecture: str
    before: str | None
    after: str | None


class OwnPackageEntry(Part):
    """A package that a layer of the application installed; `layer` counts `layersBefore` from 1."""

    ecosystem: str
    name: str
    architecture: str
    version: str
    layer: int
    layerDigest: str


class PackagesEntry(Part):
    """What the new base changes against the old one, and what the application's layers installed themselves.

    A rebase leaves `own` as they are; `outdated` are those of them that the new base's package set has newer: `before`
    is the application's version, `after` that of the set.
    """

    upgraded: list[PackageChangeEntry]
    downgraded: list[PackageChangeEntry]
    added: list[PackageChangeEntry]
    removed: list[PackageChangeEntry]
    own: list[OwnPackageEntry]
    outdated: list[PackageChangeEntry]


class RepairEntry(Part):
    """A path of the merge layer: what was done about it, and why.

    `merged` of the contents of all three; `taken` the new base's; `kept` the application's; `removed`; `access`: a
    directory's owner, mode or attributes. Digests are the sha256 of what each image has at the path, and of what is
    there now; null where that is no file.
    """

    path: str
    action: Literal["merged", "taken", "kept", "removed", "access"]
    why: str
    oldBase: str | None
    app: str | None
    newBase: str | None
    result: str | None


class MergeLayerEntry(Part):
    """The layer on top that puts right what both the application's layers and the new base changed. `size` in bytes."""

    digest: str
    diffId: str
    size: int
    files: list[RepairEntry]


class LayerChangeEntry(Part):
    """A path of a layer as it was, what becomes of it, and why."""

    path: str
    why: str


class RewrittenLayerEntry(Part):
    """A layer of the application that could not stand on the new base as it was; `original` is kept by a referrer.

    `layer` counts `layersAfter` from 1.
    """

    layer: int
    digest: str
    diffId: str
    original: str
    originalDiffId: str
    changes: list[LayerChangeEntry]


class PlatformReport(Part):
    """One platform of the image; `place` are the positions in the index, and in indexes in it, that lead there.

    `packages` is null where the layers were not read, `mergeLayer` where there is none.
    """

    place: list[int]
    platform: str
    current: str
    oldBase: BaseUsed | None
    newBase: BaseUsed | None
    rejectedBases: list[str]
    seam: SeamEntry | None
    layersBefore: list[LayerEntry]
    layersAfter: list[LayerEntry]
    configChanges: list[ConfigChangeEntry]
    configPatch: list[dict[str, Any]]
    conflicts: list[ConflictEntry]
    findings: list[FindingEntry]
    checks: list[CheckEntry]
    packages: PackagesEntry | None
    mergeLayer: MergeLayerEntry | None
    rewrittenLayers: list[RewrittenLayerEntry]


class SmokeTestEntry(Part):
    """A test that ran in the result before any tag moved; `failure` is empty where it passed.

    `exitCode` is null where nothing was run, or it had to be ended. `output` are the last lines.
    """

    platform: str
    test: str
    exitCode: int | None
    failure: str
    output: list[str]
    seconds: float


class DifferenceEntry(Part):
    """Something that differs between the rebased image and a rebuilt one.

    `subject` is a member of the config with its key, a package, or a path. `expected` says why two builds of the same
    differ in it as well, and is empty where they would not.
    """

    kind: Literal["config", "package", "file"]
    change: str
    subject: str
    before: Json
    after: Json
    expected: str


class VerifiedPlatform(Part):
    """How the rebased image of a platform differs from the rebuilt one; `differences` are the first of all.

    `expected` counts those that two builds of the same have as well; the others count in `unexpected`.
    """

    platform: str
    config: int
    packages: int
    files: int
    expected: int
    unexpected: int
    differences: list[DifferenceEntry]


class VerifyEntry(Part):
    """What `verify: rebuild` found: in each difference `before` is the image `rebased`, `after` the rebuilt one."""

    rebased: str
    platforms: list[VerifiedPlatform]


class DecisionEntry(Part):
    """What was decided, and why."""

    outcome: Literal["unchanged", "rebase", "rebuild", "skip", "refuse"]
    because: str


class RebuildEntry(Part):
    """The build from source, where one was decided on.

    `source` is a directory or a repository, `commit` what was fetched of the latter. `base` is the image in whose place
    the Dockerfile got the new base, `log` the builder's last lines. They and `builder` are empty where it did not come
    so far.
    """

    source: str
    commit: str | None
    builder: str
    base: str
    log: list[str]


class Problem(Part):
    """Why the run failed. `code` is documented in docs/errors.md."""

    code: str
    message: str
    remedy: str


class TrafficEntry(Part):
    """What went over the wire; bytes are those of bodies, seconds are by stage."""

    requests: int
    bytesDown: int
    bytesUp: int
    blobs: dict[str, int]
    seconds: dict[str, float]


class ImageReport(Part):
    """One image. `targets` are the tags that were asked for, `tags` those that moved, `tagsKept` those of originals.

    `rebuild` is null where it did not come to that.
    """

    original: str
    originalDigest: str | None
    result: Result
    digest: str | None
    image: str | None
    imageName: str | None
    changed: bool
    dryRun: bool
    targets: list[str]
    tags: list[str]
    tagsNotMoved: list[str]
    tagsKept: list[str]
    platforms: list[PlatformReport]
    notices: list[str]
    smokeTests: list[SmokeTestEntry]
    verify: VerifyEntry | None
    decision: DecisionEntry | None
    rebuild: RebuildEntry | None
    error: Problem | None
    traffic: TrafficEntry


class Report(Part):
    """A run: one image, or many."""

    schemaVersion: Literal["1.5"] = SCHEMA_VERSION
    tool: Tool
    images: list[ImageReport]
