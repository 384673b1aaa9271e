from tests.images.pairs.drawing import Drawn
from tests.images.pairs.ingredients import Debs, Unpacked
from tests.images.pairs.recording import name, script

PYTHON = Drawn(
    "python",
    "python3-own",
    False,
    "python-bookworm",
    "python-trixie",
    ("/usr/bin/own", "/usr/lib/python3/dist-packages/own/__init__.py", "/usr/lib/python3/dist-packages/own/more.py"),
)


def test_programs_are_asked_and_modules_imported() -> None:
    lines = script(PYTHON, "told() { :; }\n").splitlines()
    assert "told /usr/bin/own --version" in lines
    assert "ran /usr/bin/own --help" in lines
    assert "ran python3 -c 'import own'" in lines
    assert "ran python3 -c 'import own.more'" in lines
    assert lines[-1] == "true"


def test_perl_and_ruby_modules_are_required_by_the_name_that_programs_use() -> None:
    files = (
        "/usr/share/perl5/Own/More.pm",
        "/usr/lib/x86_64-linux-gnu/perl5/5.36/Own.pm",
        "/usr/lib/ruby/vendor_ruby/own.rb",
    )
    text = script(Drawn("perl", "libown-perl", False, "bookworm", "trixie", files), "")
    assert """ran perl -e 'require "Own/More.pm"'""" in text
    assert """ran perl -e 'require "Own.pm"'""" in text
    assert """ran ruby -e 'require "own"'""" in text


def test_a_copied_package_is_unpacked_and_another_installed() -> None:
    assert PYTHON.ingredient == Debs("python-bookworm", ("python3-own",))
    copied = Drawn("copied", "own", True, "python-bookworm", "python-trixie", ())
    assert copied.ingredient == Unpacked("python-bookworm", "own")
    assert name(copied) == "drawn/copied/own-to-python-trixie"
