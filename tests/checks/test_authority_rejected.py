"""Certificates are made by openssl, which also says what it thinks of them."""

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rebaser.checks.authority_rejected import CHECK
from rebaser.contents.certificates import read_bundle
from rebaser.oci.strict_json import JsonObject
from tests.checks.evidence import Files, an_evidence, findings, found, program

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl here")

FILE, BUNDLE = "usr/local/share/ca-certificates/own.crt", "etc/ssl/certs/ca-certificates.crt"
OLD: Files = {"usr/bin/python3.11": program(b"old")}
NEW: Files = {"usr/bin/python3.13": program(b"new")}
GOOD = ("basicConstraints=critical,CA:TRUE", "subjectKeyIdentifier=hash", "keyUsage=critical,keyCertSign")
IDENTITY = "subjectKeyIdentifier=none"


def _run(directory: Path, *arguments: str) -> str:
    done = subprocess.run(("openssl", *arguments), cwd=directory, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@cache
def authority(*extensions: str) -> tuple[str, str]:
    """A certificate with these extensions, and what strict verification says of a server's that it issued."""
    with TemporaryDirectory() as name:
        at = Path(name)
        (at / "conf").write_text("[req]\ndistinguished_name=dn\n[dn]\n")
        (at / "own.ext").write_text("\n".join(extensions))
        (at / "leaf.ext").write_text("basicConstraints=critical,CA:FALSE\n")
        for who in ("own", "leaf"):
            _run(at, "ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out", f"{who}.key")
            _run(
                at, "req", "-new", "-key", f"{who}.key", "-subj", f"/CN={who}", "-config", "conf", "-out", f"{who}.csr"
            )
        signed = ("x509", "-req", "-days", "9000", "-set_serial", "7")
        _run(at, *signed, "-in", "own.csr", "-signkey", "own.key", "-extfile", "own.ext", "-out", "own.crt")
        issued = ("-CA", "own.crt", "-CAkey", "own.key", "-extfile", "leaf.ext", "-out", "leaf.crt")
        _run(at, *signed, "-in", "leaf.csr", *issued)
        said = _run(at, "verify", "-x509_strict", "-CAfile", "own.crt", "leaf.crt")
        return (at / "own.crt").read_text(), said


CERTIFICATES = [
    (GOOD, ()),
    ((*GOOD[:2], "keyUsage=keyCertSign"), ()),
    (GOOD[:2], ("it has no keyUsage",)),
    (("basicConstraints=CA:TRUE", *GOOD[1:]), ("its basicConstraints are not critical",)),
    ((GOOD[0], IDENTITY, GOOD[2]), ("it has no subjectKeyIdentifier",)),
    (
        ("basicConstraints=CA:TRUE,pathlen:2", IDENTITY),
        ("it has no keyUsage", "its basicConstraints are not critical", "it has no subjectKeyIdentifier"),
    ),
]


@pytest.mark.parametrize(("extensions", "faults"), CERTIFICATES)
def test_what_strict_verification_refuses_is_what_openssl_says(
    extensions: tuple[str, ...], faults: tuple[str, ...]
) -> None:
    text, said = authority(*extensions)
    (certificate,) = read_bundle(text.encode())
    assert certificate.faults == faults
    words = {
        "it has no keyUsage": "CA cert does not include key usage extension",
        "its basicConstraints are not critical": "Basic Constraints of CA cert not marked critical",
        "it has no subjectKeyIdentifier": "Missing Subject Key Identifier",
    }
    assert [fault for fault in words if words[fault] in said] == list(faults)


def test_a_certificate_that_is_no_authority_s_is_not_asked() -> None:
    text, _ = authority("basicConstraints=CA:FALSE", IDENTITY)
    assert [one.faults for one in read_bundle(text.encode())] == [()]


def without_usage() -> str:
    return authority(*GOOD[:2])[0]


def test_an_authority_without_key_usage_breaks_an_application_in_python() -> None:
    own: Files = {FILE: without_usage(), "opt/ask.py": "import ssl"}
    (finding,) = findings(CHECK, an_evidence(OLD, [own], NEW))
    assert (finding.severity.word, finding.subject) == ("blocker", f"/{FILE}")
    assert finding.message.endswith("Python 3.13 of the new base refuses what it issued: it has no keyUsage")


def test_it_is_a_warning_where_nothing_tells_that_the_application_uses_python() -> None:
    assert found(CHECK, an_evidence(OLD, [{FILE: without_usage()}], NEW)) == [("warning", f"/{FILE}")]


def test_one_that_was_appended_to_the_bundle_counts_and_those_of_the_base_do_not() -> None:
    base = {BUNDLE: authority("basicConstraints=CA:TRUE", IDENTITY)[0]}
    own = {BUNDLE: base[BUNDLE] + without_usage()}
    assert found(CHECK, an_evidence({**OLD, **base}, [own], {**NEW, **base})) == [("warning", f"/{BUNDLE}")]
    assert found(CHECK, an_evidence({**OLD, **base}, [{BUNDLE: base[BUNDLE] + "\n"}], {**NEW, **base})) == []


def test_one_at_the_path_that_a_variable_names_counts_and_any_other_does_not() -> None:
    own: Files = {"opt/own.pem": without_usage(), "opt/other.pem": authority("basicConstraints=CA:TRUE")[0]}
    config: JsonObject = {"Env": ["SSL_CERT_FILE=/opt/own.pem"]}
    assert found(CHECK, an_evidence(OLD, [own], NEW, config=config)) == [("warning", "/opt/own.pem")]
    assert found(CHECK, an_evidence(OLD, [own], NEW)) == []


@pytest.mark.parametrize(("old", "new"), [(NEW, NEW), (OLD, OLD), (OLD, {})])
def test_bases_whose_python_verifies_alike_are_no_finding(old: Files, new: Files) -> None:
    assert found(CHECK, an_evidence(old, [{FILE: without_usage()}], new)) == []


def test_a_certificate_with_all_that_is_asked_is_no_finding() -> None:
    assert found(CHECK, an_evidence(OLD, [{FILE: authority(*GOOD)[0]}], NEW)) == []


def test_a_file_that_only_looks_like_certificates_is_no_finding_of_any_kind() -> None:
    broken = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"
    evidence = an_evidence(OLD, [{FILE: broken, "opt/key.pem": "no certificate"}], NEW)
    assert found(CHECK, evidence) == []
    assert [entry.facts for entry in evidence.own_files] == [None, None]
