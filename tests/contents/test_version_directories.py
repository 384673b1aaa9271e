import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.version_directories import PHP_OF_API, VersionDirectory, version_directory_of

BELOW = "x/y"


@pytest.mark.parametrize(
    ("runtime", "directory", "abi", "build"),
    [
        ("ruby", "usr/lib/ruby/3.1.0", "3.1.0", ""),
        ("ruby", "usr/local/lib/ruby/gems/3.3.0", "3.3.0", ""),
        ("ruby", "usr/lib/x86_64-linux-gnu/ruby/3.1.0", "3.1.0", ""),
        ("ruby", "usr/lib/ruby/vendor_ruby/3.1.0", "3.1.0", ""),
        ("ruby", "usr/local/lib/ruby/site_ruby/3.1.0", "3.1.0", ""),
        ("ruby", "usr/local/bundle/ruby/3.1.0", "3.1.0", ""),
        ("ruby", "app/vendor/bundle/ruby/3.1.0", "3.1.0", ""),
        ("ruby", "app/vendor/bundle/ruby/3.1.0/extensions/x86_64-linux/3.1.0", "3.1.0", ""),
        ("ruby", "usr/local/bundle/extensions/x86_64-linux-musl/3.2.0-static", "3.2.0", "static"),
        ("ruby", "var/lib/gems/3.1.0", "3.1.0", ""),
        ("ruby", "root/.local/share/gem/ruby/3.1.0", "3.1.0", ""),
        ("perl", "usr/lib/x86_64-linux-gnu/perl/5.36", "5.36", ""),
        ("perl", "usr/lib/x86_64-linux-gnu/perl5/5.36", "5.36", ""),
        ("perl", "usr/share/perl/5.36.0", "5.36", "0"),
        ("perl", "usr/local/lib/x86_64-linux-gnu/perl/5.36.0", "5.36", "0"),
        ("perl", "usr/local/lib/perl5/site_perl/5.38.2", "5.38", "2"),
        ("php", "usr/lib/php/20220829", "20220829", ""),
        ("php", "usr/local/lib/php/extensions/no-debug-non-zts-20220829", "20220829", "no-debug-non-zts"),
        ("php", "usr/local/lib/php/extensions/no-debug-zts-20230831", "20230831", "no-debug-zts"),
        ("php", "usr/lib/php/20220829-zts", "20220829", "zts"),
        ("lua", "usr/local/share/lua/5.4", "5.4", ""),
        ("lua", "usr/lib/x86_64-linux-gnu/lua/5.1", "5.1", ""),
        ("r", "root/R/x86_64-pc-linux-gnu-library/4.2", "4.2", "x86_64-pc-linux-gnu"),
        ("ocaml", "usr/lib/ocaml/4.13.1", "4.13.1", ""),
        ("erlang", "usr/lib/erlang/erts-13.1.5", "13", "1.5"),
        ("erlang", "app/erts-14", "14", ""),
        ("ghc", "usr/lib/ghc-9.0.2", "9.0.2", ""),
        ("ghc", "usr/lib/x86_64-linux-ghc-9.4.7", "9.4.7", "x86_64-linux"),
        ("guile", "usr/share/guile/3.0", "3.0", ""),
        ("guile", "usr/share/guile/site/3.0", "3.0", "site"),
        ("emacs", "usr/share/emacs/28.2", "28", "2"),
    ],
)
def test_directories_of_one_version(runtime: str, directory: str, abi: str, build: str) -> None:
    found = version_directory_of(f"{directory}/{BELOW}")
    assert found is not None
    assert found == VersionDirectory(found.runtime, directory, abi, build)
    assert found.runtime == runtime
    assert version_directory_of(directory) is None or version_directory_of(directory) != found


@pytest.mark.parametrize(
    "path",
    [
        "",
        "usr/local/bundle/gems/rails-7.1.0/lib/rails.rb",
        "usr/share/perl5/Foo.pm",
        "usr/lib/x86_64-linux-gnu/perl-base/strict.pm",
        "usr/lib64/php/modules/gd.so",
        "app/gems/3.1.4/x",
        "app/extensions/x86_64-linux/latest/x",
        "usr/share/lua/x",
        "usr/lib/R/library/base/R/base",
    ],
)
def test_directories_of_all_versions(path: str) -> None:
    assert version_directory_of(path) is None


@pytest.mark.skipif(not shutil.which("perl"), reason="no perl here")
def test_the_perl_here_looks_into_directories_of_its_own_version() -> None:
    told = subprocess.run(["perl", "-e", 'print join "\\n", $], @INC'], check=True, capture_output=True, text=True)
    number, *looked_into = told.stdout.split("\n")
    minor = int(number.partition(".")[2][:3])
    found = [version_directory_of(f"{directory.lstrip('/')}/strict.pm") for directory in looked_into]
    assert {directory.abi for directory in found if directory} == {f"5.{minor}"}


def test_every_php_has_its_own_api() -> None:
    assert list(PHP_OF_API) == sorted(PHP_OF_API)
    assert list(PHP_OF_API.values()) == sorted(set(PHP_OF_API.values()))


pieces = st.sampled_from(
    ["ruby", "gems", "3.1.0", "perl5", "5.36", "php", "20220829", "erts-1", "extensions", "ghc-9.0.2"]
)


@given(st.text() | st.lists(pieces, max_size=12).map("/".join))
def test_any_path_has_an_answer(path: str) -> None:
    found = version_directory_of(path)
    assert found is None or path.startswith(found.directory + "/")
