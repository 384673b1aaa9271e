import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.contents.node import (
    MODULE_VERSIONS,
    AddOn,
    NodeVersion,
    Package,
    add_on,
    read_node_version,
    read_package_json,
)
from tests.contents.hostile import answer, seconds

HEADER = b"""
#ifndef SRC_NODE_VERSION_H_
#define NODE_MAJOR_VERSION 20
#define NODE_MINOR_VERSION 11
#define NODE_PATCH_VERSION 1
#define NODE_VERSION_IS_LTS 1
# if defined(NODE_EMBEDDER_MODULE_VERSION)
#define NODE_MODULE_VERSION NODE_EMBEDDER_MODULE_VERSION
#else
#define NODE_MODULE_VERSION 115
#endif
"""
INSTALLED = Path("/usr/include/node/node_version.h")


def test_a_header() -> None:
    found = read_node_version(HEADER)
    assert found == NodeVersion(20, 11, 1, 115)
    assert str(found) == "20.11.1"


def test_without_a_module_version_the_major_tells_it() -> None:
    head = HEADER.split(b"# if")[0]
    assert read_node_version(head).modules == 115
    with pytest.raises(MalformedError, match="NODE_MODULE_VERSION"):
        read_node_version(head.replace(b"20", b"99"))


@pytest.mark.parametrize("gone", [b"MAJOR", b"MINOR", b"PATCH"])
def test_a_header_without_a_part_is_none(gone: bytes) -> None:
    with pytest.raises(MalformedError, match=gone.decode()):
        read_node_version(HEADER.replace(gone, b"OTHER"))


@pytest.mark.skipif(not (INSTALLED.exists() and shutil.which("node")), reason="no node with its headers here")
def test_the_installed_node_agrees() -> None:
    told = subprocess.run(["node", "-p", "JSON.stringify(process.versions)"], check=True, capture_output=True)
    versions = json.loads(told.stdout)
    found = read_node_version(INSTALLED.read_bytes())
    assert (str(found), str(found.modules)) == (versions["node"], versions["modules"])
    assert MODULE_VERSIONS[found.major] == found.modules


def test_module_versions_rise_with_node() -> None:
    assert list(MODULE_VERSIONS) == list(range(4, 26))
    assert list(MODULE_VERSIONS.values()) == sorted(set(MODULE_VERSIONS.values()))


@pytest.mark.parametrize(
    ("defined", "undefined", "expected"),
    [
        (["napi_register_module_v1"], ["napi_create_function", "malloc"], AddOn("node-api")),
        ([], ["napi_module_register", "napi_set_named_property"], AddOn("node-api")),
        (["node_register_module_v108"], ["_ZN2v811HandleScopeC1EPNS_7IsolateE"], AddOn("v8", 108)),
        ([], ["node_module_register", "malloc"], AddOn("v8")),
        ([], ["_ZNK2v85Value8IsStringEv"], AddOn("v8")),
        (["napi_register_module_v1"], ["napi_create_function", "_ZN2v85Array3NewEPNS_7IsolateEi"], AddOn("v8")),
        ([], ["_ZN4node6Buffer4DataEN2v85LocalINS1_6ObjectEEE"], AddOn("v8")),
        (["sqlite3_open"], ["malloc"], AddOn("none")),
        ([], [], AddOn("none")),
    ],
)
def test_what_an_add_on_is_bound_to(defined: list[str], undefined: list[str], expected: AddOn) -> None:
    assert add_on(defined, undefined) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"name": "shop", "version": "1.2.3", "engines": {"node": ">=18"}}', Package("shop", "1.2.3", ">=18")),
        (b'{"name": 1, "engines": ["node >= 0.4"]}', Package("", "", "")),
        (b"{}", Package("", "", "")),
    ],
)
def test_a_package(body: bytes, expected: Package) -> None:
    assert read_package_json(body) == expected


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"[" * 100_000, b" " * 2_000_000])
def test_what_is_no_package(body: bytes) -> None:
    with pytest.raises(MalformedError):
        read_package_json(body)


@given(st.binary(max_size=200) | st.binary(max_size=40).map(lambda raw: HEADER + raw) | st.text().map(str.encode))
def test_any_bytes_have_an_answer_or_the_named_error(body: bytes) -> None:
    assert isinstance(answer(read_node_version, body), NodeVersion | str)
    assert isinstance(answer(read_package_json, body), Package | str)


def test_it_is_linear() -> None:
    assert seconds(read_node_version, b" " * 1_000_000) < 1
    assert seconds(read_node_version, b"# " * 500_000) < 1
