"""Turns what was drawn into pairs: probes made mechanically, and what they say of the original recorded."""

import json

from tests.images.machine import work_directory
from tests.images.pairs.building import Builds
from tests.images.pairs.drawing import Drawn, chosen
from tests.images.pairs.model import Pair, Probe, key, shell
from tests.images.pairs.probing import printed

_PREAMBLE = """\
set +e
cd /tmp
export HOME=/tmp PAGER=cat
ran() { timeout 5 "$@" < /dev/null > /tmp/said 2>&1; code=$?; echo "$* ends with $code"; }
"""
# Words alone, as numbers are versions; and none of what is said of an option that is not known.
_WITH_WORDS = (
    "told() { ran \"$@\"; test $code != 0 || grep -aoE '[A-Za-z]{3,}' /tmp/said | head -n 8 | tr '\\n' ' '; echo; }\n"
)
_WITHOUT_WORDS = 'told() { ran "$@"; }\n'
_PROGRAMS = r"/usr/s?bin/[^/]+"
_OBJECTS = r"/usr/(s?bin/[^/]+|lib/.+\.so)"
_PYTHON = r"/usr/lib/python3/dist-packages/[A-Za-z_][A-Za-z0-9_/]*\.py"
_PERL = r"/usr/(share/perl5|lib/x86_64-linux-gnu/perl5/5\.36)/[A-Za-z0-9_/]+\.pm"
_RUBY = r"/usr/lib/ruby/vendor_ruby/[^/]+\.rb"
_PHP = r"/usr/lib/php/20220829/[^/]+\.so"
_NODE = r"/usr/share/nodejs/(@[^/]+/)?[^/]+/package\.json"
_INSTALLED = """\
ARG BASE
FROM ${{BASE}}
COPY archive /opt/archive/
RUN echo "deb [trusted=yes] file:/opt/archive ./" > /etc/apt/sources.list.d/frozen.list \\
 && apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends {package} \\
 && rm -rf /var/lib/apt/lists/*
"""
_COPIED = "ARG BASE\nFROM ${BASE}\nCOPY files /\n"


def name(one: Drawn) -> str:
    """What the pair is called."""
    return f"drawn/{one.kind}/{one.package}-to-{one.new}"


def recorded(one: Drawn, builds: Builds) -> Pair:
    """The pair of a drawn package; what its probe prints is recorded on the original the first time, and kept."""
    kept = (
        work_directory() / "pairs" / "drawn" / f"recorded-{key(one, _PREAMBLE, _WITH_WORDS, builds.base(one.old))}.json"
    )
    if not kept.exists():
        kept.write_text(json.dumps(_recorded(one, builds)))
    asked, prints = json.loads(kept.read_text())
    return _pair(one, shell(asked, prints=prints))


def _recorded(one: Drawn, builds: Builds) -> tuple[str, str]:
    """A probe that prints the same twice, and what it prints."""
    for asking in (_WITH_WORDS, _WITHOUT_WORDS):
        asked = script(one, asking)
        pair = _pair(one, shell(asked))
        image = builds.app(pair, pair.old)
        first, second = (printed(builds.engine, image, pair.probes[0]) for _ in range(2))
        if first == second:
            return asked, first
    raise RuntimeError(f"{one.package} never says the same twice")


def script(one: Drawn, asking: str) -> str:
    """What a package is asked mechanically: its programs, the libraries they need, and all modules that it ships."""
    lines = [_PREAMBLE + asking]
    for program in chosen(one.files, _PROGRAMS, 6):
        lines += [f"told {program} --version", f"ran {program} --help"]
    for file in chosen(one.files, _OBJECTS, 12):
        lines.append(f"ldd {file} 2>/dev/null | grep 'not found' | sort")
    lines += [f"ran python3 -c 'import {_module(file)}'" for file in chosen(one.files, _PYTHON, 25)]
    lines += [f"ran perl -e 'require \"{_below(file, 'perl5/', '5.36/')}\"'" for file in chosen(one.files, _PERL, 25)]
    lines += [f"ran ruby -e 'require \"{_below(file, 'vendor_ruby/')[:-3]}\"'" for file in chosen(one.files, _RUBY, 25)]
    lines += [f"php -m | grep -ix {_below(file, '20220829/')[:-3]}" for file in chosen(one.files, _PHP, 5)]
    lines += [
        f"ran node -e 'require(\"{file.removesuffix('/package.json')}\")'" for file in chosen(one.files, _NODE, 5)
    ]
    lines += [f"test -e {file} && echo {file} is there" for file in chosen(one.files, r"/etc/[^ ]+", 5)]
    return "\n".join([*lines, "true"])


def _pair(one: Drawn, asked: Probe) -> Pair:
    text = _COPIED if one.copied else _INSTALLED.format(package=one.package)
    return Pair(name(one), one.old, one.new, None, (asked,), text, ingredients=(one.ingredient,))


def _module(file: str) -> str:
    path = file.partition("/dist-packages/")[2].removesuffix(".py").removesuffix("/__init__")
    return path.replace("/", ".")


def _below(path: str, *after: str) -> str:
    for part in after:
        path = path.rpartition(part)[2]
    return path
