import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebaser.contents.commands import ShellCommand, argv0_of_shell_line, commands
from rebaser.contents.malformed import MalformedError
from tests.contents.hostile import answer, seconds

ENTRYPOINT = b"""#!/usr/bin/env bash
set -Eeo pipefail
# curl in a comment

usage() { cat <<-EOF
\tcurl in a document
\tEOF
}

if [ "${1#-}" != "$1" ] || ! getent passwd "$(id -u)" >/dev/null; then
    set -- postgres "$@"
fi
if [ "$1" = postgres ] && [ "$(stat -c %u .)" = 0 ]; then
    find "$PGDATA" \\! -user postgres -exec chown postgres '{}' +
    exec gosu postgres "$BASH_SOURCE" "$@"
fi
case "$1" in
    start|stop) LANG=C initdb --quick ;;
    (psql) ;;
    *) usage; echo "run curl" | sed 's/curl/wget/' >&2 ;;
esac
for file in curl wget; do
    case "$file" in
        *.sh) . "$file" ;;
        *.gz) gunzip -c "$file" | psql; echo ;;
    esac
done < list
while read -r line; do
    (( count++ )) || true
    [[ $line =~ ^(curl|wget)$ ]] && continue
    2>/dev/null tee -a log
done < <(sort names)
names=(curl wget)
command -v jq >/dev/null && jq . file
[ -x /usr/bin/optional ] && /usr/bin/optional
exec 3>&1
$program curl
exec "$@"
"""


def names(script: str) -> list[str]:
    return [command.name for command in commands(script.encode())]


def test_an_entrypoint() -> None:
    assert commands(ENTRYPOINT) == (
        ShellCommand("cat", 5),
        ShellCommand("getent", 10),
        ShellCommand("id", 10),
        ShellCommand("stat", 13),
        ShellCommand("find", 14),
        ShellCommand("gosu", 15),
        ShellCommand("initdb", 18),
        ShellCommand("sed", 20),
        ShellCommand("gunzip", 25),
        ShellCommand("psql", 25),
        ShellCommand("tee", 31),
        ShellCommand("sort", 32),
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("curl x", ["curl"]),
        ("/usr/bin/curl x; ./own", ["/usr/bin/curl", "./own"]),
        ("A=1 B='x y' curl", ["curl"]),
        ("A=$(date) curl", ["date", "curl"]),
        ("'curl' x", ["curl"]),
        ("c\\url", ["curl"]),
        ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
        ("while a; do b; done | c", ["a", "b", "c"]),
        ("until ! a\ndo\nb\ndone", ["a", "b"]),
        ("for x in a b; do c; done", ["c"]),
        ("for x in a b\ndo\nc; done", ["c"]),
        ("for x do c; done", ["c"]),
        ("for ((i=0; i<3; i++)); do c; done", ["c"]),
        ("select x in a; do c; done", ["c"]),
        ("{ a; b; } > c && d", ["a", "b", "d"]),
        ("(a; b) > c | d", ["a", "b", "d"]),
        ("((a = b)); c", ["c"]),
        ("f() { a; }; f; b", ["a", "b"]),
        ("b; function f { a; }\nf", ["b", "a"]),
        ("function f() { a; }\nf", ["a"]),
        ("case x in a) b;; c|d) e;; (f) g;; esac; h", ["b", "e", "g", "h"]),
        ("case x in a) case y in b) c;; esac;; d) e; esac && h", ["c", "e", "h"]),
        ("case x in esac; a", ["a"]),
        ("case x in a) (b; c);; d) e;& f) g;;& *) h;; esac", ["b", "c", "e", "g", "h"]),
        ("exec -a name curl", ["curl"]),
        ("exec curl", ["curl"]),
        ("exec 2>&1 curl", ["curl"]),
        ("exec -- curl", ["curl"]),
        ("env A=1 curl", ["env", "curl"]),
        ("env -i curl", ["env"]),
        ("nohup curl &", ["nohup", "curl"]),
        ("command curl", ["curl"]),
        ("command -v curl && curl", []),
        ("if which curl; then curl; else wget; fi", ["which", "wget"]),
        ("[ -x /bin/a ] && /bin/a", []),
        ("[[ -f /bin/a && -x /bin/b ]] && /bin/a | /bin/b", []),
        ("test -e /bin/a || /bin/a", []),
        ("time a", ["a"]),
        (">log a", ["a"]),
        ("2>&1 a", ["a"]),
        ("a 2>b <c", ["a"]),
        ("a <<< b", ["a"]),
        ("echo `a`", ["a"]),
        ('echo "$(a "$(b)")"', ["a", "b"]),
        ("echo ${x:-$(a)}", ["a"]),
        ("diff <(a) <(b)", ["diff", "a", "b"]),
        ('$x a; "$y" b; ${z} c', []),
        ("x$y a", []),
        ("*.sh a", []),
        ("[[ a =~ (b|c) ]] || d", ["d"]),
        ("x=(a b); y+=(c); d", ["d"]),
        ("cat <<E\n$(a)\nb\nE\nc", ["cat", "c"]),
        ("a 'unclosed\nb", ["a"]),
        ("a\n) b\nc", ["a", "c"]),
        ("echo 'a; b' \"c | d\"", []),
        ("trap 'a' EXIT; wait", []),
        ("# a\nb # c; d", ["b"]),
        ("a &&\n b |\n c", ["a", "b", "c"]),
        ("a \\\n b", ["a"]),
        ("1 2 3; -x; @y", []),
        ("", []),
    ],
)
def test_what_is_run(script: str, expected: list[str]) -> None:
    assert names(script) == expected


@pytest.mark.parametrize(
    ("line", "argv0"),
    [
        ("curl -f http://localhost/ || exit 1", "curl"),
        ("A=1 exec node server.js", "node"),
        ("exec /app/run", "/app/run"),
        ("cd /app && exec java -jar x.jar", "java"),
        ("[ -f x ] && wget x", "wget"),
        ("$JAVA_HOME/bin/java -jar x.jar", ""),
        ("A=$(hostname) java", "java"),
        ('exec "$@"', ""),
        ("exit 0", ""),
        ("'unclosed", ""),
        ("", ""),
    ],
)
def test_what_a_line_runs_first(line: str, argv0: str) -> None:
    assert argv0_of_shell_line(line) == argv0


def test_a_huge_script_is_refused() -> None:
    with pytest.raises(MalformedError):
        commands(b"a" * 300_000)


@given(st.binary(max_size=100) | st.text(st.sampled_from("ab=$(){}`'\"\\\n <>&|;#[]!"), max_size=60).map(str.encode))
def test_any_script_has_an_answer(body: bytes) -> None:
    found = answer(commands, body)
    assert isinstance(found, tuple)
    assert len({command.name for command in found}) == len(found)


pieces = ["if a; then b; fi\n", "case $x in y) c;; esac\n", "d | e && f\n", "g() { h; }\n", "(i)\n", "x=$(j)\n"]


@given(st.lists(st.sampled_from(pieces), max_size=8), st.text(max_size=20))
def test_what_follows_takes_nothing_away(script: list[str], more: str) -> None:
    """Up to a comment, text that follows a whole script changes nothing of what it runs."""
    before = "".join(script)
    assert names(before + "# " + more.replace("\n", " ").replace("\r", " ")) == names(before)


@pytest.mark.parametrize(
    "unit",
    ["a;", "$(", "((", "`", "${", "case x in ", "x=(", "<<E ", "f() ", "( ", "if ", "'", '"', "\\", "[[ ", "$(a)"],
)
def test_it_is_linear(unit: str) -> None:
    short, long = (unit * (size // len(unit)) for size in (5_000, 50_000))
    assert seconds(commands, long.encode()) < 30 * seconds(commands, short.encode()) + 0.05
