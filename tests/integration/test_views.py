"""The file systems that we make of real layers are those that docker and umoci make of them."""

import hashlib
import shutil
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from rebaser.layers.entry import CONTENT, Kind
from rebaser.layers.filesystem import FileSystem, stack
from rebaser.layers.index import index_layer
from rebaser.oci.digest import parse_diff_id
from tests.images.catalog import APPS
from tests.images.engine import Builder
from tests.images.images import Images
from tests.images.machine import in_ci
from tests.images.pairs.layouts import blob, make_layout, read_image

Row = tuple[str, int, int, int, str]
_DOCKER_S = (".dockerenv", "etc/hosts", "etc/hostname", "etc/resolv.conf", "etc/mtab", "dev", "proc", "sys")
_TYPES = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.LNKTYPE: Kind.FILE,
    tarfile.DIRTYPE: Kind.DIRECTORY,
    tarfile.SYMTYPE: Kind.SYMLINK,
}


def ours(layout: Path) -> dict[str, Row]:
    files = file_system(layout)
    found = {}
    for path, node in files.nodes.items():
        entry = node.entry
        content = entry.content.hex() if entry.kind is Kind.FILE else entry.link
        found[path] = (entry.kind.value, entry.mode, entry.uid, entry.gid, content)
    return kept(found)


def file_system(layout: Path) -> FileSystem:
    manifest, config = read_image(layout, "image")
    pairs = zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True)
    return stack([index_layer([blob(layout, one["digest"]).read_bytes()], parse_diff_id(told)) for one, told in pairs])


def docker_s(client: str, image: str) -> dict[str, Row]:
    """What docker exports of a container that was never started."""
    container = subprocess.run(
        (client, "create", image, "x"), capture_output=True, text=True, check=True
    ).stdout.strip()
    try:
        with subprocess.Popen((client, "export", container), stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                return kept(exported(archive))
    finally:
        subprocess.run((client, "rm", container), capture_output=True, check=True)


def exported(archive: tarfile.TarFile) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for member in archive:
        path = member.name.strip("/").removeprefix("./")
        if member.islnk():
            found[path] = found[member.linkname.strip("/")]
            continue
        file = archive.extractfile(member) if member.isreg() else None
        content = hashlib.sha256(file.read()).digest()[:CONTENT].hex() if file else member.linkname
        kind = _TYPES.get(member.type)
        if kind is not None:
            found[path] = (kind.value, member.mode & 0o7777, member.uid, member.gid, content)
    return found


def umoci_s(layout: Path, bundle: Path) -> dict[str, Row]:
    """What umoci unpacks."""
    subprocess.run(("umoci", "unpack", "--image", f"{layout}:image", bundle), capture_output=True, check=True)
    root = bundle / "rootfs"
    found = {}
    for path in root.rglob("*"):
        told = path.lstat()
        if stat.S_ISLNK(told.st_mode):
            kind, content = Kind.SYMLINK, str(path.readlink())
        elif stat.S_ISDIR(told.st_mode):
            kind, content = Kind.DIRECTORY, ""
        elif stat.S_ISREG(told.st_mode):
            kind, content = Kind.FILE, hashlib.sha256(path.read_bytes()).digest()[:CONTENT].hex()
        else:
            continue
        mode = 0o777 if kind is Kind.SYMLINK else stat.S_IMODE(told.st_mode)
        found[str(path.relative_to(root))] = (kind.value, mode, told.st_uid, told.st_gid, content)
    return kept(found)


def kept(found: dict[str, Row]) -> dict[str, Row]:
    """Without devices, and what docker itself puts into a container."""
    kinds = (Kind.FILE.value, Kind.DIRECTORY.value, Kind.SYMLINK.value)
    return {
        path: row
        for path, row in found.items()
        if path and row[0] in kinds and not any(path == own or path.startswith(f"{own}/") for own in _DOCKER_S)
    }


@pytest.mark.parametrize("name", sorted(APPS))
def test_our_view_is_what_docker_exports(name: str, images: Images, tmp_path: Path) -> None:
    image = images.app(name, APPS[name].old_base, Builder.CLASSIC)
    make_layout(images.engine, {"image": image}, tmp_path / "layout")
    assert ours(tmp_path / "layout") == docker_s(images.engine.client, image)


@pytest.mark.parametrize("name", ["files", "packages"])
def test_our_view_is_what_umoci_unpacks(name: str, images: Images, tmp_path: Path) -> None:
    if shutil.which("umoci") is None and not in_ci():
        pytest.skip("umoci is not installed")
    image = images.app(name, APPS[name].old_base, Builder.CLASSIC)
    make_layout(images.engine, {"image": image}, tmp_path / "layout")
    assert ours(tmp_path / "layout") == umoci_s(tmp_path / "layout", tmp_path / "bundle")
