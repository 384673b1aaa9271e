from rebaser.checks.deletion_undone import CHECK
from tests.builders import AFile, symlink
from tests.checks.evidence import Files, an_evidence, found
from tests.plan.merging import on_new_paths


def test_a_removed_library_that_is_back_under_another_version_is_a_warning() -> None:
    evidence = an_evidence(
        {"usr/lib/liba.so.1.2": "1"}, [{"usr/lib/.wh.liba.so.1.2": ""}], {"usr/lib/liba.so.1.3": "1"}
    )
    assert found(CHECK, evidence) == [("warning", "/usr/lib/liba.so.1.2")]


def test_a_removed_program_with_rights_that_is_back_is_a_blocker() -> None:
    old = {"usr/bin/su1": AFile("1", 0o4755)}
    evidence = an_evidence(old, [{"usr/bin/.wh.su1": ""}], {"usr/bin/su2": AFile("1", 0o4755)})
    assert found(CHECK, evidence) == [("blocker", "/usr/bin/su1")]


def test_what_stays_removed_is_no_finding() -> None:
    evidence = an_evidence({"usr/lib/a1": "1"}, [{"usr/lib/.wh.a1": ""}], {"usr/lib/a1": "2", "usr/lib/b2": "1"})
    assert found(CHECK, evidence) == []


def test_a_removed_command_that_the_new_base_has_in_another_directory_is_told() -> None:
    new: Files = {"bin/": "", "usr/bin/su": AFile("2", 0o4755), "usr/bin/ed": AFile("2", 0o755)}
    old: Files = {"bin/su": AFile("1", 0o4755), "bin/ed": AFile("1", 0o755), "usr/bin/": ""}
    evidence = an_evidence(old, [{"bin/.wh.su": "", "bin/.wh.ed": ""}], new)
    assert found(CHECK, evidence) == [("warning", "/bin/ed"), ("blocker", "/bin/su")]


def test_a_removed_command_whose_directory_is_a_link_now_is_removed_there_as_well() -> None:
    old: Files = {"bin/su": AFile("1", 0o4755), "usr/bin/": ""}
    new: Files = {"bin": symlink("usr/bin"), "usr/bin/su": AFile("2", 0o4755)}
    evidence = on_new_paths(an_evidence(old, [{"bin/.wh.su": ""}], new))
    assert found(CHECK, evidence) == []


def test_a_removed_version_is_told_where_the_directory_is_a_link_now() -> None:
    old: Files = {"lib/liba.so.1": "1", "lib/libc.so": "1", "usr/lib/": ""}
    new: Files = {"lib": symlink("usr/lib"), "usr/lib/liba.so.2": "1", "usr/lib/libc.so": "1"}
    evidence = on_new_paths(an_evidence(old, [{"lib/.wh.liba.so.1": ""}], new))
    assert found(CHECK, evidence) == [("warning", "/lib/liba.so.1")]


def test_a_directory_that_was_removed_with_all_that_is_in_it_is_told_once() -> None:
    evidence = an_evidence({"opt/jdk-17/a1": "1", "opt/x": "1"}, [{"opt/.wh.jdk-17": ""}], {"opt/jdk-21/a2": "1"})
    assert found(CHECK, evidence) == [("warning", "/opt/jdk-17")]
