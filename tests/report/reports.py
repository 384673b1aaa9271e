"""The reports that every format is shown for: one of each kind of end."""

from rebaser.report import model

OLD = "sha256:" + "a" * 64
NEW = "sha256:" + "b" * 64
BASE_OLD = "sha256:" + "c" * 64
BASE_NEW = "sha256:" + "d" * 64
LAYER = "sha256:" + "e" * 64

TRAFFIC = model.TrafficEntry(requests=9, bytesDown=4200, bytesUp=1300, blobs={"mounted": 2}, seconds={"read": 0.1})


def layer(size: int, origin: str) -> model.LayerEntry:
    return model.LayerEntry.model_validate({"digest": LAYER, "diffId": LAYER, "size": size, "origin": origin})


def finding(severity: str, message: str, tolerated: str | None = None) -> model.FindingEntry:
    return model.FindingEntry.model_validate(
        {
            "check": "config-conflict",
            "severity": severity,
            "message": message,
            "subject": "/config/Env/LANG",
            "before": "LANG=de",
            "after": "LANG=de",
            "remedy": "Look at the value.",
            "tolerated": tolerated,
            "blocks": severity == "blocker",
        }
    )


def a_change(change: str, member: str, key: str, before: object, after: object) -> model.ConfigChangeEntry:
    told = {"change": change, "member": member, "key": key, "before": before, "after": after}
    return model.ConfigChangeEntry.model_validate(told)


def a_check(status: str, check: str = "config-conflict", reason: str = "") -> model.CheckEntry:
    told = {"check": check, "title": "Values are settled", "status": status, "reason": reason}
    return model.CheckEntry.model_validate(told)


def a_package(before: str | None, after: str | None, name: str = "openssl") -> model.PackageChangeEntry:
    return model.PackageChangeEntry(ecosystem="deb", name=name, architecture="amd64", before=before, after=after)


def an_own_package(name: str = "curl", version: str = "7.88.1-10") -> model.OwnPackageEntry:
    return model.OwnPackageEntry(
        ecosystem="deb", name=name, architecture="amd64", version=version, layer=3, layerDigest=LAYER
    )


def packages(**lists: object) -> model.PackagesEntry:
    names = ("upgraded", "downgraded", "added", "removed", "own", "outdated")
    return model.PackagesEntry.model_validate({name: lists.get(name, []) for name in names})


PACKAGES = packages(
    upgraded=[a_package("3.0.11-1", "3.0.15-1")],
    added=[a_package(None, "1.2", "zstd")],
    own=[an_own_package()],
    outdated=[a_package("7.88.1-10", "7.88.1-12", "curl")],
)


def a_merge_layer(**paths: tuple[str, ...]) -> model.MergeLayerEntry:
    """A merge layer; `paths` by what was done to them."""
    told = [(path, action) for action, several in paths.items() for path in several]
    sides = {"oldBase": None, "app": None, "newBase": None, "result": None}
    files = [{"path": path, "action": action, "why": "both changed it", **sides} for path, action in told]
    return model.MergeLayerEntry.model_validate({"digest": LAYER, "diffId": LAYER, "size": 4096, "files": files})


MERGE_LAYER = a_merge_layer(
    merged=tuple(f"/etc/{number}" for number in range(6)), taken=("/lib/a",), removed=("/b", "/c"), access=("/home",)
)


def platform(*findings: model.FindingEntry, current: str = "") -> model.PlatformReport:
    after = [layer(3_000_000, "new base"), layer(1_000, "application"), layer(499_000, "application")]
    return model.PlatformReport(
        place=[],
        platform="linux/amd64",
        current=current,
        oldBase=model.BaseUsed(name="docker.io/library/debian:12", digest=BASE_OLD, found="annotation"),
        newBase=model.BaseUsed(name="docker.io/library/debian:12", digest=BASE_NEW, found="input"),
        rejectedBases=[],
        seam=None if current else model.SeamEntry(layers=2, appHistory=3),
        layersBefore=[],
        layersAfter=[] if current else after,
        configChanges=[] if current else [a_change("added", "Env", "A", None, "1")],
        configPatch=[] if current else [{"op": "replace", "path": "/config/Env", "value": ["A=1"]}],
        conflicts=[],
        findings=list(findings),
        checks=[],
        packages=None,
        mergeLayer=None,
        rewrittenLayers=[],
    )


def image(result: model.Result, **members: object) -> model.ImageReport:
    usual: dict[str, object] = {
        "original": "ghcr.io/acme/shop:1",
        "originalDigest": OLD,
        "result": result,
        "digest": OLD,
        "image": f"ghcr.io/acme/shop@{OLD}",
        "imageName": "ghcr.io/acme/shop",
        "changed": False,
        "dryRun": False,
        "targets": ["ghcr.io/acme/shop:1"],
        "tags": [],
        "tagsNotMoved": [],
        "tagsKept": [],
        "platforms": [platform()],
        "notices": [],
        "smokeTests": [],
        "verify": None,
        "decision": None,
        "rebuild": None,
        "error": None,
        "traffic": TRAFFIC,
    }
    return model.ImageReport.model_validate(usual | members)


REBASED = image(
    "rebased",
    digest=NEW,
    image=f"ghcr.io/acme/shop@{NEW}",
    changed=True,
    tags=["ghcr.io/acme/shop:1"],
    platforms=[platform(finding("warning", "Both the application and the new base changed LANG"))],
    notices=["The attestation sha256:f0 is dropped: its subject has been replaced"],
    decision=model.DecisionEntry(outcome="rebase", because="no finding reaches `fail-on`"),
)
WOULD_BE_REBASED = image(
    "rebased",
    digest=NEW,
    dryRun=True,
    decision=model.DecisionEntry(outcome="rebase", because="nothing stands in the way"),
)
UNCHANGED = image(
    "unchanged",
    platforms=[platform(current="its record names the new base, and its layers are there")],
    decision=model.DecisionEntry(
        outcome="unchanged", because="its record names the new base, and its layers are there"
    ),
)
REFUSED = image(
    "refused",
    platforms=[
        platform(finding("blocker", "The layers\x1b[2J are\n::error::bad"), finding("warning", "Known", "seen"))
    ],
    decision=model.DecisionEntry(outcome="refuse", because="The layers\x1b[2J are\n::error::bad"),
)
FAILED = image(
    "failed",
    digest=None,
    platforms=[],
    tags=["ghcr.io/acme/shop:1"],
    tagsNotMoved=["ghcr.io/acme/shop:2"],
    error=model.Problem(code="access-denied", message="ghcr.io said no", remedy="Set `password`."),
)
BUILD = model.RebuildEntry(
    source="https://git.example/acme/shop.git#main",
    commit="0123456789abcdef0123456789abcdef01234567",
    builder="buildkit",
    base="docker.io/library/debian:12",
    log=["#8 RUN make", "#8 \x1b[2Jdone"],
)
REBUILT = image(
    "rebuilt",
    digest=NEW,
    image=f"ghcr.io/acme/shop@{NEW}",
    changed=True,
    tags=["ghcr.io/acme/shop:1"],
    platforms=[platform(finding("blocker", "libfoo.so.1 is not there"))],
    decision=model.DecisionEntry(outcome="rebuild", because="libfoo.so.1 is not there"),
    rebuild=BUILD,
)
WOULD_BE_REBUILT = REBUILT.model_copy(
    update={
        "digest": None,
        "image": None,
        "changed": False,
        "dryRun": True,
        "tags": [],
        "rebuild": BUILD.model_copy(update={"commit": None, "builder": "", "base": "", "log": []}),
    }
)
NOT_REBUILT = image(
    "failed",
    platforms=[platform(finding("blocker", "libfoo.so.1 is not there"))],
    decision=model.DecisionEntry(outcome="rebuild", because="libfoo.so.1 is not there"),
    rebuild=BUILD,
    error=model.Problem(code="rebuild-failed", message="The build by buildkit failed (2)", remedy="Build by hand."),
)
FORCED = image(
    "rebased",
    platforms=[platform(finding("blocker", "The layers were built under another User"))],
    decision=model.DecisionEntry(outcome="rebase", because="forced, although: …"),
)
