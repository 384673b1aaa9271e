from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.contents.plugins import (
    BUILT_INTO_GLIBC,
    NameService,
    PamModule,
    PamService,
    read_nsswitch,
    read_pam_service,
)
from tests.contents.hostile import answer, seconds

PAM = sorted(Path("/etc/pam.d").glob("*"))


def test_name_services() -> None:
    body = b"""# comment
passwd:  files systemd sss # more
hosts:   files mdns4_minimal [NOTFOUND=return !UNAVAIL=merge] dns
group: files files
odd line
bad: ../x
"""
    found = read_nsswitch(body)
    assert found == (
        NameService("passwd", "files"),
        NameService("passwd", "systemd"),
        NameService("passwd", "sss"),
        NameService("hosts", "files"),
        NameService("hosts", "mdns4_minimal"),
        NameService("hosts", "dns"),
        NameService("group", "files"),
    )
    assert found[2].module == "libnss_sss.so.2"
    assert {each.service for each in found} & BUILT_INTO_GLIBC == {"files", "dns"}


def test_login_modules() -> None:
    body = b"""#%PAM-1.0
@include common-auth
auth    [success=1 default=ignore]  pam_unix.so nullok
-session optional pam_systemd.so
Account required /opt/lib/pam_own.so
session include system-auth
password substack password-auth
session required \\
    pam_limits.so
nonsense
"""
    assert read_pam_service(body) == PamService(
        (
            PamModule("auth", "pam_unix.so", may_be_missing=False),
            PamModule("session", "pam_systemd.so", may_be_missing=True),
            PamModule("account", "/opt/lib/pam_own.so", may_be_missing=False),
            PamModule("session", "pam_limits.so", may_be_missing=False),
        ),
        ("common-auth", "system-auth", "password-auth"),
    )


@pytest.mark.skipif(not PAM, reason="no PAM here")
def test_what_is_installed_here_finds_all_that_it_asks_for() -> None:
    installed = {path.name for path in Path("/usr/lib").glob("*/security/*.so")}
    installed |= {path.name for path in Path("/usr/lib64/security").glob("*.so")}
    services = [read_pam_service(path.read_bytes()) for path in PAM]
    wanted = {module.name for service in services for module in service.modules if not module.may_be_missing}
    assert wanted
    assert wanted <= installed
    assert {name for service in services for name in service.includes} <= {path.name for path in PAM}


@pytest.mark.parametrize("read", [read_nsswitch, read_pam_service])
def test_a_huge_file_is_refused(read: object) -> None:
    assert callable(read)
    with pytest.raises(MalformedError):
        read(bytes(2_000_000))


@given(st.binary(max_size=100) | st.text(st.sampled_from("auth[]: \\\n#-x"), max_size=60).map(str.encode))
def test_any_bytes_have_an_answer(body: bytes) -> None:
    assert isinstance(answer(read_nsswitch, body), tuple)
    assert isinstance(answer(read_pam_service, body), PamService)


@pytest.mark.parametrize("unit", [b"a: [", b"auth [", b"[] ", b"auth ", b"\\\n", b" "])
def test_it_is_linear(unit: bytes) -> None:
    body = unit * (900_000 // len(unit))
    assert seconds(read_nsswitch, body) < 3
    assert seconds(read_pam_service, body) < 3
