"""os-release, accounts, the loader's cache and configuration, certificates."""

import base64
import grp
import hashlib
import pwd
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.accounts import Account, Group, read_group, read_names, read_passwd
from rebaser.contents.certificates import read_bundle
from rebaser.contents.ld_so import Directive, read_ld_so_cache, read_ld_so_conf
from rebaser.contents.malformed import MalformedError
from rebaser.contents.os_release import OsRelease, read_os_release

CACHE = Path("/etc/ld.so.cache")
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def test_a_release_in_quotes_and_without() -> None:
    body = b'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID=\'9.4\'\n# ID=no\n'
    body += b'PRETTY_NAME="Rocky"\n'
    assert read_os_release(body) == OsRelease("rocky", "9.4", "", ("rhel", "centos", "fedora"), "Rocky")
    assert read_os_release(b"") == OsRelease()


def test_accounts_that_the_c_library_understands() -> None:
    body = b"root:x:0:0:root:/root:/bin/sh\n+nis\nbroken:x:y:0::/:\nshort:x:1\n#no:x:1:1::/:/bin/sh\n"
    body += b"app:x:1000:7::/app:\n"
    assert read_passwd(body) == (Account("root", 0, 0, "/root", "/bin/sh"), Account("app", 1000, 7, "/app", ""))
    assert read_group(b"wheel:x:10:a,b\nempty:x:11:\nbad:x:-1:\n") == (
        Group("wheel", 10, ("a", "b")),
        Group("empty", 11, ()),
    )
    assert read_names(b"root:*:1\nroot:2\napp:3\n") == ("root", "app")


@pytest.mark.skipif(not Path("/etc/passwd").exists(), reason="there is no list of accounts here")
def test_this_machine_s_accounts_are_those_that_getent_lists() -> None:
    users = {user.name: (user.uid, user.gid) for user in read_passwd(Path("/etc/passwd").read_bytes())}
    assert users == {user.pw_name: (user.pw_uid, user.pw_gid) for user in pwd.getpwall()}
    groups = {group.name: group.gid for group in read_group(Path("/etc/group").read_bytes())}
    assert groups == {group.gr_name: group.gr_gid for group in grp.getgrall()}


def test_directories_of_the_loader() -> None:
    body = b"include /etc/ld.so.conf.d/*.conf\n/opt/lib  # own\n\nhwcap 1 x\n/a:/b\n"
    assert read_ld_so_conf(body) == (
        Directive("include", "/etc/ld.so.conf.d/*.conf"),
        Directive("directory", "/opt/lib"),
        Directive("directory", "/a"),
        Directive("directory", "/b"),
    )


@pytest.mark.skipif(
    not CACHE.exists() or shutil.which("ldconfig") is None, reason="there is no cache of the loader here"
)
def test_this_machine_s_cache_lists_what_ldconfig_prints() -> None:
    told = subprocess.run(("ldconfig", "-p"), capture_output=True, text=True, check=True).stdout
    listed = sorted(re.findall(r"^\t(\S+) \(.*\) => (\S+)$", told, re.MULTILINE))
    assert sorted((one.soname, one.path) for one in read_ld_so_cache(CACHE.read_bytes())) == listed


@pytest.mark.skipif(not BUNDLE.exists() or shutil.which("openssl") is None, reason="there is no bundle or openssl here")
def test_this_machine_s_certificates_have_the_fingerprints_and_names_of_openssl() -> None:
    body = BUNDLE.read_bytes()
    found = read_bundle(body)
    assert len(found) == body.count(b"-----BEGIN CERTIFICATE-----")
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", body, re.DOTALL)
    for certificate, block in list(zip(found, blocks, strict=True))[::15]:
        command = ("openssl", "x509", "-noout", "-fingerprint", "-sha256", "-subject", "-nameopt", "utf8,sep_multiline")
        told = subprocess.run(command, input=block, capture_output=True, check=True).stdout.decode()
        fingerprint = re.search(r"Fingerprint=([0-9A-F:]+)", told)
        assert fingerprint is not None
        assert certificate.fingerprint == fingerprint[1].replace(":", "").lower()
        assert not certificate.subject or f"={certificate.subject}\n" in f"{told}\n"


def test_what_is_no_certificate_has_a_fingerprint_and_no_name() -> None:
    text = base64.b64encode(b"no certificate").decode()
    (found,) = read_bundle(f"x\n-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\ny".encode())
    assert (found.fingerprint, found.subject) == (hashlib.sha256(b"no certificate").hexdigest(), "")


def test_a_block_that_is_not_base64_is_malformed() -> None:
    with pytest.raises(MalformedError):
        read_bundle(b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n")


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_malformed(body: bytes) -> None:
    for read in (read_os_release, read_passwd, read_group, read_names, read_ld_so_conf, read_ld_so_cache, read_bundle):
        with suppress(MalformedError):
            read(body)


@given(st.binary(max_size=200))
def test_a_certificate_of_any_bytes_is_read(der: bytes) -> None:
    text = base64.b64encode(der)
    (found,) = read_bundle(b"-----BEGIN CERTIFICATE-----\n" + text + b"\n-----END CERTIFICATE-----\n") or (None,)
    assert found is None or found.fingerprint == hashlib.sha256(der).hexdigest()


@given(st.integers(0, 3000), st.binary(min_size=1, max_size=6))
@pytest.mark.skipif(not CACHE.exists(), reason="there is no cache of the loader here")
def test_a_damaged_cache_is_read_or_malformed(at: int, wrong: bytes) -> None:
    body = CACHE.read_bytes()[:60_000]
    with suppress(MalformedError):
        read_ld_so_cache(body[:at] + wrong + body[at + len(wrong) :])
