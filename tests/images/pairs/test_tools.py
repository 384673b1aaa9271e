from tests.images.pairs.tools import disagreements, sections, undated

PRINTED = """\
== dpkg -V
missing     /usr/share/doc/z
??5??????  c /etc/login.defs
ends with 0
== ldconfig -p
2 libs found in cache
	libz.so.1 (libc6,x86-64) => /opt/own/lib/libz.so.1
	libz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1
ends with 0"""


def test_a_package_that_is_in_one_database_only_is_told_with_its_version() -> None:
    rebased = {"dpkg-query -W": ["adduser\t3.134", "less\t590-2.1"]}
    rebuilt = {"dpkg-query -W": ["adduser\t3.134", "less\t668-1"]}
    assert disagreements(rebased, rebuilt) == ["+dpkg-query -W: less\t590-2.1", "-dpkg-query -W: less\t668-1"]


def test_a_tool_that_only_one_image_has_is_told() -> None:
    assert disagreements({}, {"dpkg --audit": ["ends with 0"]}) == ["-dpkg --audit: ends with 0"]


def test_a_tool_that_fails_in_one_image_is_told() -> None:
    rebased, rebuilt = {"apt-get check": ["E: Unmet dependencies", "ends with 100"]}, {"apt-get check": ["ends with 0"]}
    assert disagreements(rebased, rebuilt) == [
        "+apt-get check: E: Unmet dependencies",
        "+apt-get check: ends with 100",
        "-apt-get check: ends with 0",
    ]


def test_packages_in_another_order_are_the_same() -> None:
    other = "== dpkg -V\n??5??????  c /etc/login.defs\nmissing     /usr/share/doc/z\nends with 0"
    assert sections(other)["dpkg -V"] == sections(PRINTED)["dpkg -V"]


def test_a_library_that_another_one_hides_is_told() -> None:
    lines = PRINTED.splitlines()
    swapped = "\n".join([*lines[:6], lines[7], lines[6], lines[8]])
    assert disagreements(sections(PRINTED), sections(swapped)) == ["~ldconfig -p: in another order"]


def test_when_an_image_without_a_shell_was_asked_is_no_difference() -> None:
    said = 'docker: Error: exec "/bin/sh": no such file\ntime="2024-01-02T03:04:05Z" level=error msg="canceled"'
    assert undated(said) == ['docker: Error: exec "/bin/sh": no such file']
