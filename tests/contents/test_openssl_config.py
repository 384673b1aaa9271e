from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.contents.openssl_config import CryptoModule, OpensslConfig, read_openssl_config
from tests.contents.hostile import answer, seconds

INSTALLED = Path("/etc/ssl/openssl.cnf")
NOTHING = OpensslConfig((), (), "", "", None, ())

BODY = b"""
HOME = .
openssl_conf = openssl_init   # where it begins
.include = /etc/ssl/openssl.cnf.d
.include fips.cnf

[openssl_init]
providers = provider_sect
engines = engine_sect
ssl_conf = ssl_sect

[provider_sect]
default = default_sect
legacy = legacy_sect
fips = fips_sect

[ default_sect ]
activate = 1
[legacy_sect]
# activate = 1
[fips_sect]
activate = Yes
module = "/opt/fips.so"

[engine_sect]
first = pkcs11_sect
[pkcs11_sect]
engine_id = pkcs11
dynamic_path = /usr/lib/engines-3/libpkcs11.so

[ssl_sect]
system_default = tls_sect
[tls_sect]
MinProtocol = TLSv1.2
CipherString = DEFAULT:\\
@SECLEVEL=2
"""


def test_what_is_switched_on() -> None:
    assert read_openssl_config(BODY) == OpensslConfig(
        (
            CryptoModule("default", "", active=True),
            CryptoModule("legacy", "", active=False),
            CryptoModule("fips", "/opt/fips.so", active=True),
        ),
        (CryptoModule("pkcs11", "/usr/lib/engines-3/libpkcs11.so", active=True),),
        "TLSv1.2",
        "DEFAULT:@SECLEVEL=2",
        2,
        ("/etc/ssl/openssl.cnf.d", "fips.cnf"),
    )


@pytest.mark.parametrize("body", [b"", b"[openssl_init]\nproviders = p\n[p]\na = b\n[b]\nactivate = 1\n", b"\xff=\n[x"])
def test_what_nothing_leads_to_is_not_in_force(body: bytes) -> None:
    assert read_openssl_config(body) == NOTHING


def test_a_key_may_name_its_section() -> None:
    body = b"openssl_conf = a\na::ssl_conf = b\nb::system_default = c\nc::CipherString = ALL@SECLEVEL=0\n"
    assert read_openssl_config(body).security_level == 0


def test_a_huge_file_is_refused() -> None:
    with pytest.raises(MalformedError):
        read_openssl_config(bytes(5_000_000))


@pytest.mark.skipif(not INSTALLED.exists(), reason="no OpenSSL here")
def test_the_file_here_is_understood() -> None:
    found = read_openssl_config(INSTALLED.read_bytes())
    assert found.min_protocol in ("", "TLSv1", "TLSv1.2", "TLSv1.3")
    assert all(provider.name for provider in found.providers)


@given(st.binary(max_size=100) | st.text(st.sampled_from("[]=a:.#\\\n include"), max_size=60).map(str.encode))
def test_any_bytes_have_an_answer(body: bytes) -> None:
    assert isinstance(answer(read_openssl_config, body), OpensslConfig)
    assert isinstance(answer(read_openssl_config, BODY + body), OpensslConfig)


@pytest.mark.parametrize("unit", [b"[ ", b"[a]\n", b"a=", b"\\\n", b"# ", b".include ", b" ", b"\t\t["])
def test_it_is_linear(unit: bytes) -> None:
    short, long = (unit * (size // len(unit)) for size in (50_000, 500_000))
    assert seconds(read_openssl_config, long) < 30 * seconds(read_openssl_config, short) + 0.05
