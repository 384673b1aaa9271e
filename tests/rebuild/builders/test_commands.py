from dataclasses import replace
from pathlib import Path

from rebaser.oci.platform import Platform
from rebaser.rebuild.builders.base import Order
from rebaser.rebuild.builders.buildah import Buildah
from rebaser.rebuild.builders.buildkit import BuildKit, fields
from rebaser.rebuild.builders.classic import Classic

ORDER = Order(
    context=Path("/src"),
    dockerfile=Path("/room/x.Dockerfile"),
    platform=Platform("linux", "arm", "v6"),
    out=Path("/room/x"),
    name="localhost/rebaser-rebuild:r-x",
    target="app",
    build_args=(("B", "1 2"), ("A", "--load")),
    secrets=(("npm", Path("/room/private/secret-npm")),),
    ignore=Path("/room/x.Dockerfile.dockerignore"),
    created=1700000000,
)


def test_buildkit_exports_a_layout_where_it_can() -> None:
    order = replace(ORDER, contexts=(("debian:12", "docker.io/library/debian@sha256:aa"),))
    builder = BuildKit("mine", takes_contexts=True, exports=True)
    assert builder.commands(order) == (
        (
            *("docker", "buildx", "build", "--progress=plain", "--builder=mine"),
            *("--file=/room/x.Dockerfile", "--platform=linux/arm/v6", "--target=app"),
            *("--build-arg=B=1 2", "--build-arg=A=--load", "--build-arg=SOURCE_DATE_EPOCH=1700000000"),
            "--build-context=debian:12=docker-image://docker.io/library/debian@sha256:aa",
            "--secret=id=npm,src=/room/private/secret-npm",
            *("--output=type=oci,dest=/room/x,tar=false", "--", "/src"),
        ),
    )
    assert builder.cleaning(order) == ()
    assert str(builder.result(order)) == "oci:/room/x"


def test_buildkit_in_an_old_engine_loads_saves_and_removes() -> None:
    builder = BuildKit()
    build, save = builder.commands(replace(ORDER, created=None, secrets=()))
    assert build[-4:] == ("--load", "--tag=localhost/rebaser-rebuild:r-x", "--", "/src")
    assert save == ("docker", "save", "--output=/room/x/image.tar", "localhost/rebaser-rebuild:r-x")
    assert builder.cleaning(ORDER) == (("docker", "image", "rm", "localhost/rebaser-rebuild:r-x"),)
    assert str(builder.result(ORDER)) == "docker-archive:/room/x/image.tar"


def test_the_classic_builder_uses_no_cache_and_is_asked_for_by_a_variable() -> None:
    build, save = Classic().commands(ORDER)
    assert build == (
        *("docker", "build", "--no-cache", "--force-rm"),
        *("--file=/room/x.Dockerfile", "--platform=linux/arm/v6", "--target=app"),
        *("--build-arg=B=1 2", "--build-arg=A=--load", "--build-arg=SOURCE_DATE_EPOCH=1700000000"),
        *("--tag=localhost/rebaser-rebuild:r-x", "--", "/src"),
    )
    assert save[1] == "save"
    assert Classic().settings() == {"DOCKER_BUILDKIT": "0"}


def test_buildah_builds_in_a_store_of_its_own_and_keeps_docker_s_format() -> None:
    store = ("buildah", "--root=/room/x-store", "--runroot=/room/x-store-run", "--storage-driver=vfs")
    build, push = Buildah().commands(ORDER)
    assert build == (
        *(*store, "build", "--isolation=chroot", "--format=docker", "--layers", "--no-cache"),
        *("--file=/room/x.Dockerfile", "--platform=linux/arm/v6", "--target=app"),
        *("--build-arg=B=1 2", "--build-arg=A=--load", "--ignorefile=/room/x.Dockerfile.dockerignore"),
        *("--secret=id=npm,src=/room/private/secret-npm", "--timestamp=1700000000"),
        *("--tag=localhost/rebaser-rebuild:r-x", "--", "/src"),
    )
    name = "localhost/rebaser-rebuild:r-x"
    assert push == (*store, "push", "--quiet", name, f"docker-archive:/room/x/image.tar:{name}")
    assert Buildah().cleaning(ORDER) == ((*store, "rmi", "--all", "--force"),)


def test_a_date_that_the_user_gives_to_the_build_stays() -> None:
    (build, _) = Classic().commands(replace(ORDER, build_args=(("SOURCE_DATE_EPOCH", "1"),)))
    assert [argument for argument in build if "EPOCH" in argument] == ["--build-arg=SOURCE_DATE_EPOCH=1"]


def test_a_comma_or_a_quote_in_a_path_adds_no_option() -> None:
    assert fields("type=oci", 'dest=/a,"push=true') == 'type=oci,"dest=/a,""push=true"'
