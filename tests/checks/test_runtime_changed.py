from rebaser.checks.runtime_changed import CHECK
from tests.checks.evidence import Files, an_evidence, found, program

OLD: Files = {"usr/lib/x86_64-linux-gnu/ruby/3.1.0/rbconfig.rb": "1", "usr/bin/ruby3.1": program(b"1")}
NEW: Files = {"usr/lib/x86_64-linux-gnu/ruby/3.3.0/rbconfig.rb": "1", "usr/bin/ruby3.3": program(b"1")}
GEM = "usr/local/bundle/ruby/3.1.0/gems/x/lib/x.rb"


def test_gems_for_a_ruby_that_is_gone_are_a_blocker() -> None:
    assert found(CHECK, an_evidence(OLD, [{GEM: "1"}], NEW)) == [("blocker", "ruby 3.1.0")]


def test_gems_for_the_ruby_that_is_there_are_no_finding() -> None:
    assert found(CHECK, an_evidence(OLD, [{GEM: "1"}], OLD)) == []


def test_gems_for_a_ruby_that_never_was_are_no_finding() -> None:
    assert found(CHECK, an_evidence({}, [{GEM: "1"}], NEW)) == []
