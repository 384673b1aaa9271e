import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.malformed import MalformedError
from rebaser.contents.php_ini import PhpExtension, PhpIni, read_php_ini
from tests.contents.hostile import answer, seconds


def test_what_is_loaded() -> None:
    body = b"""; priority=20
[PHP]
;extension=curl
extension=gd
 extension = "intl.so" ; quoted\r
zend_extension=/usr/lib/php/20220829/opcache.so
extension_dir = "/opt/ext"
memory_limit = 128M
extensions=none
extension=
"""
    found = read_php_ini(body)
    assert found == PhpIni(
        (
            PhpExtension("gd", zend=False, line=4),
            PhpExtension("intl.so", zend=False, line=5),
            PhpExtension("/usr/lib/php/20220829/opcache.so", zend=True, line=6),
        ),
        "/opt/ext",
    )
    assert [each.file for each in found.extensions] == ["gd.so", "intl.so", "/usr/lib/php/20220829/opcache.so"]


def test_a_huge_file_is_refused() -> None:
    with pytest.raises(MalformedError):
        read_php_ini(bytes(2_000_000))


@given(st.binary(max_size=100) | st.text(st.sampled_from("extnsio=\"; \n'"), max_size=60).map(str.encode))
def test_any_bytes_have_an_answer(body: bytes) -> None:
    found = answer(read_php_ini, b"extension=" + body)
    assert isinstance(found, PhpIni)
    assert all(extension.name for extension in found.extensions)


def test_it_is_linear() -> None:
    assert seconds(read_php_ini, b"extension" + b" " * 900_000) < 1
    assert seconds(read_php_ini, b'extension="' * 80_000) < 1
