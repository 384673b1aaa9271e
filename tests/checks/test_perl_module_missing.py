from rebaser.checks.perl_module_missing import CHECK
from tests.checks.evidence import an_evidence, found, script

MODULE = "usr/share/perl5/LWP/UserAgent.pm"


def test_a_module_that_only_the_old_base_had_is_a_blocker() -> None:
    own = [{"opt/app.pl": "use strict;\nuse LWP::UserAgent;\n"}]
    assert found(CHECK, an_evidence({MODULE: "1"}, own, {})) == [("blocker", "LWP::UserAgent")]


def test_a_script_counts_as_well() -> None:
    own = [{"usr/bin/tool": script("#!/usr/bin/perl -w\nuse LWP::UserAgent;\n")}]
    assert found(CHECK, an_evidence({MODULE: "1"}, own, {})) == [("blocker", "LWP::UserAgent")]


def test_a_script_that_tells_its_modules_late_counts_wherever_it_lies() -> None:
    own = [{"usr/bin/tool": script("#!/usr/bin/perl\n" + "# a long licence\n" * 100 + "use LWP::UserAgent;\n")}]
    assert found(CHECK, an_evidence({MODULE: "1"}, own, {})) == [("blocker", "LWP::UserAgent")]


def test_what_stands_in_the_documentation_is_no_finding() -> None:
    own = [{"opt/app.pl": "1;\n__END__\nuse LWP::UserAgent;\n"}]
    assert found(CHECK, an_evidence({MODULE: "1"}, own, {})) == []


def test_a_module_that_is_there_is_no_finding() -> None:
    own = [{"opt/app.pl": "use LWP::UserAgent;\n"}]
    assert found(CHECK, an_evidence({MODULE: "1"}, own, {MODULE: "2"})) == []
