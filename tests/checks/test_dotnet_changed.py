from rebaser.checks.dotnet_changed import CHECK
from tests.checks.evidence import Files, an_evidence, found

SHARED = "usr/share/dotnet/shared/Microsoft.NETCore.App"
ASKS = '{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "6.0.0"}}}'
OWN: list[Files] = [{"app/shop.runtimeconfig.json": ASKS}]


def dotnet(version: str) -> Files:
    return {f"{SHARED}/{version}/System.dll": "1"}


def test_another_major_version_is_a_blocker() -> None:
    evidence = an_evidence(dotnet("6.0.36"), OWN, dotnet("8.0.11"))
    assert found(CHECK, evidence) == [("blocker", "/app/shop.runtimeconfig.json")]


def test_a_patch_is_no_finding() -> None:
    assert found(CHECK, an_evidence(dotnet("6.0.35"), OWN, dotnet("6.0.36"))) == []


def test_an_application_that_may_roll_forward_does() -> None:
    env = ["DOTNET_ROLL_FORWARD=Major"]
    assert found(CHECK, an_evidence(dotnet("6.0.36"), OWN, dotnet("8.0.11"), env=env)) == []
