import base64
import shutil
import ssl
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rebaser.contents.certificates import read_bundle, split_bundle
from rebaser.contents.malformed import MalformedError
from rebaser.mergers.certificates import merge_certificates
from tests.mergers.laws import assert_laws, outcome

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def _pem(name: str) -> str:
    return f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(name.encode()).decode()}\n-----END CERTIFICATE-----\n"


A, B, C, D = (_pem(name) for name in "abcd")
PIECES = st.sampled_from([A, B, C, A.rstrip("\n"), B.replace("\n", "\r\n"), "# text\n", "text", "\n"])
BUNDLES = st.lists(PIECES, max_size=6).map(lambda pieces: "".join(pieces).encode())


def test_the_application_s_own_authority_is_trusted_next_to_those_of_the_new_base() -> None:
    assert outcome(merge_certificates, A + B, A + B + D, A + B + C) == A + B + C + D


def test_an_authority_that_the_new_base_distrusts_is_distrusted() -> None:
    assert outcome(merge_certificates, A + B, A + B + D, A + C) == A + C + D


def test_an_authority_that_the_application_distrusts_is_distrusted() -> None:
    assert outcome(merge_certificates, A + B, B, "# B\n" + B + "# A\n" + A + "# C\n" + C) == "# B\n" + B + "# C\n" + C


def test_one_that_both_added_is_there_once_however_its_lines_are_wrapped() -> None:
    wrapped = D.replace(base64.b64encode(b"d").decode(), "ZA\r\n==")
    assert outcome(merge_certificates, A, A + D, A + B + wrapped) == A + B + wrapped
    assert outcome(merge_certificates, A, A + D + wrapped, A + B) == A + B + D


def test_the_name_above_a_certificate_goes_with_it() -> None:
    mine = "\n# mine\n" + D
    assert outcome(merge_certificates, A, A + mine, A + B + "# end\n") == A + B + mine + "# end\n"


def test_a_certificate_behind_one_without_an_end_of_line_begins_a_line() -> None:
    assert outcome(merge_certificates, A, A + D, A + B.rstrip("\n")) == A + B + D


def test_a_bundle_that_the_application_removed_stays_away() -> None:
    assert merge_certificates(A.encode(), b"", (A + B).encode()) == b""
    assert outcome(merge_certificates, A, A + D, "") == D


@pytest.mark.parametrize("bad", [A.replace("YQ==", "!!").encode(), b"x" * ((16 << 20) + 1)])
def test_what_is_no_bundle_is_not_merged(bad: bytes) -> None:
    with pytest.raises(MalformedError):
        merge_certificates(A.encode(), B.encode(), bad)


@pytest.mark.skipif(not BUNDLE.exists() or shutil.which("openssl") is None, reason="there is no bundle here")
def test_openssl_trusts_exactly_the_certificates_of_the_merged_bundle() -> None:
    new = BUNDLE.read_bytes()
    blocks, rest = split_bundle(new)
    assert b"".join(block.text for block in blocks) + rest == new
    old = b"".join(block.text for block in blocks[3:])
    app = b"".join(block.text for block in blocks[:1] + blocks[5:])
    merged = merge_certificates(old, app, new)
    assert [one.fingerprint for one in read_bundle(merged)] == [b.fingerprint for b in blocks[:3] + blocks[5:]]
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(cadata=merged.decode("ascii"))
    assert len(trust.get_ca_certs()) == len(blocks) - 2


@given(BUNDLES, BUNDLES, BUNDLES)
@settings(max_examples=500)
def test_the_laws_hold_and_trust_is_a_set(old: bytes, app: bytes, new: bytes) -> None:
    assert_laws(merge_certificates, old, app, new)
    before, ours, theirs = ({one.fingerprint for one in read_bundle(body)} for body in (old, app, new))
    trusted = {one.fingerprint for one in read_bundle(merge_certificates(old, app, new))}
    assert trusted == (theirs - (before - ours)) | (ours - before) or not app
