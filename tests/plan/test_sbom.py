"""The SBOM of a result: every package with the layer that brought it, the same bytes each time, valid by the schema."""

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from rebaser.contents.os_release import OsRelease
from rebaser.decide import Outcome
from rebaser.oci.digest import DiffId, Digest
from rebaser.plan.inventory import Installed, Inventory
from rebaser.plan.sbom import LAYER, UNREAD, sbom
from tests.builders import a_layer, an_image, buildkit
from tests.fakes.registry import FakeRegistry
from tests.injection import CORPUS
from tests.runs import World, built_on, outcome

SUBJECT = Digest("sha256:" + "a" * 64)
LAYER_ID = DiffId("sha256:" + "b" * 64)
STATUS, RELEASE = "var/lib/dpkg/status", "etc/os-release"


PACKAGES = "usr/lib/python3/dist-packages"


def lists(*names: str) -> dict[str, str]:
    """The lists of files that dpkg keeps of packages, without which nobody knows whose files are whose."""
    return {f"var/lib/dpkg/info/{name}.list": f"/usr/share/{name}\n" for name in names} | {
        f"usr/share/{name}": name for name in names
    }


def stanza(name: str, version: str) -> str:
    return f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"


def debian(version: str, libc: str) -> list[Any]:
    return [
        a_layer({RELEASE: f'ID=debian\nVERSION_ID="{version}"\n', STATUS: stanza("libc6", libc), **lists("libc6")}),
        a_layer({STATUS: stanza("libc6", libc) + stanza("tzdata", "1"), **lists("tzdata")}),
    ]


def world_with_packages() -> World:
    old, new = an_image(debian("12", "2.36-9")), an_image(debian("12", "2.36-9+deb12u1"))
    status = stanza("libc6", "2.36-9") + stanza("tzdata", "1") + stanza("curl", "7:8.0")
    own = a_layer({STATUS: status, **lists("curl")})
    python = a_layer(
        {"usr/lib/python3/dist-packages/Foo_Bar-1.0.dist-info/METADATA": "Name: Foo_Bar\nVersion: 1.0\n\n"}
    )
    app = built_on(old, [own, python], history=[buildkit("RUN apt-get install curl"), buildkit("RUN pip install x")])
    world = World(fake=FakeRegistry(lists_referrers=True))
    for name, image in (("base:1", old), ("base:2", new), ("app:1", app)):
        world.put(name, image)
    return world


def valid(content: bytes) -> dict[str, Any]:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(content.decode()) is None
    told: dict[str, Any] = json.loads(content)
    return told


def layers_by_package(told: dict[str, Any]) -> dict[str, str]:
    return {one["purl"]: {p["name"]: p["value"] for p in one["properties"]}[LAYER] for one in told["components"]}


def test_every_package_is_told_with_the_layer_that_it_came_from() -> None:
    world = world_with_packages()
    run = world.rebase("app:1", "base:2", "base:1", checks="all", sbom=True)
    assert outcome(run) is Outcome.REBASE
    assert run.trail is not None
    told = valid(run.trail.files["sbom.cdx.json"])
    ids = world.image("app:1").diff_ids
    assert layers_by_package(told) == {
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12": ids[0],
        "pkg:deb/debian/tzdata@1?arch=amd64&distro=debian-12": ids[1],
        "pkg:deb/debian/curl@7:8.0?arch=amd64&distro=debian-12": ids[2],
        "pkg:pypi/foo-bar@1.0": ids[3],
    }
    component = told["metadata"]["component"]
    assert (component["name"], component["version"]) == ("registry.test/app", world.digest("app:1"))
    assert "timestamp" not in told["metadata"]
    kinds = [one.artifact_type for one in world.store("app:1").referrers(Digest(str(world.digest("app:1"))))]
    assert "application/vnd.cyclonedx+json" in kinds


def test_it_is_pushed_where_nothing_lists_it_too_for_it_was_asked_for() -> None:
    world = world_with_packages()
    world.fake.lists_referrers = False
    run = world.rebase("app:1", "base:2", "base:1", checks="all", sbom=True)
    assert run.document is not None
    assert [one.artifact_type for one in world.store("app:1").referrers(run.document.digest)] == [
        "application/vnd.cyclonedx+json"
    ]


def test_without_being_asked_for_there_is_none() -> None:
    run = world_with_packages().rebase("app:1", "base:2", "base:1", checks="all")
    assert run.trail is not None
    assert set(run.trail.files) == {"provenance.json", "findings.json"}


def test_it_has_the_same_bytes_each_time() -> None:
    found = Inventory(OsRelease("alpine", "3.20.1"), (Installed("apk", "musl", "1.2.5-r0", "x86_64", LAYER_ID),))
    first, second = (sbom("registry.test/app", SUBJECT, found) for _ in range(2))
    assert first.content == second.content
    (one,) = valid(first.content)["components"]
    assert one["purl"] == "pkg:apk/alpine/musl@1.2.5-r0?arch=x86_64&distro=alpine-3.20.1"


def test_the_epoch_of_an_rpm_is_a_qualifier() -> None:
    found = Inventory(OsRelease("fedora", "40"), (Installed("rpm", "openssl-libs", "1:3.2.2-3.fc40", "x86_64", None),))
    (one,) = valid(sbom("registry.test/app", SUBJECT, found).content)["components"]
    assert one["purl"] == "pkg:rpm/fedora/openssl-libs@3.2.2-3.fc40?arch=x86_64&distro=fedora-40&epoch=1"
    assert "properties" not in one


def test_a_database_that_could_not_be_read_is_named() -> None:
    told = valid(sbom("registry.test/app", SUBJECT, Inventory(None, (), ("var/lib/rpm/Packages",))).content)
    assert told["metadata"]["properties"] == [{"name": UNREAD, "value": "var/lib/rpm/Packages"}]


@pytest.mark.parametrize("text", [*CORPUS, "", "?", "#", "@", "/"])
def test_hostile_names_and_versions_stay_text(text: str) -> None:
    release = OsRelease(text, text)
    listed = tuple(Installed(kind, text, text, text, LAYER_ID) for kind in ("deb", "apk", "rpm", "pypi"))
    told = valid(sbom("registry.test/app", SUBJECT, Inventory(release, listed)).content)
    assert len(told["components"]) <= 4
    assert all(character.isprintable() for one in told["components"] for character in one["name"])
