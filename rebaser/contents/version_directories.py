"""Directories that one version of a language's runtime looks into, and no other: Ruby, Perl, PHP, Lua, R and more.

Both sides are told alike, what a base's interpreter brings and what an application has installed for it: an application
whose version no interpreter of its base has is left without its packages. Python and .NET have readers of their own.
"""

import re
from dataclasses import dataclass
from typing import Literal

Runtime = Literal["ruby", "perl", "php", "lua", "r", "ocaml", "erlang", "ghc", "guile", "emacs"]

# A piece of text that every such path holds, whose it is, and how the directory ends; looked for in this order.
_TABLE: tuple[tuple[str, Runtime, str], ...] = (
    ("extensions/", "ruby", r"extensions/[^/]+/(?P<abi>[1-9]\.[0-9]{1,2}\.[0-9]+)(?P<build>-static)?"),
    (
        "ruby/",
        "ruby",
        r"(?:ruby(?:/gems)?|vendor_ruby|site_ruby)/(?P<abi>[1-9]\.[0-9]{1,2}\.[0-9]+)(?P<build>)",
    ),
    ("gems/", "ruby", r"gems/(?P<abi>[1-9]\.[0-9]{1,2}\.0)(?P<build>-static)?"),
    ("perl", "perl", r"perl5?/(?:(?:site|vendor)_perl/)?(?P<abi>5\.[0-9]{1,2})(?P<build>\.[0-9]{1,2})?"),
    ("php/extensions/", "php", r"php/extensions/(?P<build>(?:no-)?debug-(?:non-)?zts)-(?P<abi>20[0-9]{6})"),
    ("php/20", "php", r"php/(?P<abi>20[0-9]{6})(?P<build>-zts)?"),
    ("lua/5.", "lua", r"lua/(?P<abi>5\.[0-9])(?P<build>)"),
    ("-library/", "r", r"R/(?P<build>[^/]+)-library/(?P<abi>[0-9]\.[0-9]{1,2})"),
    ("ocaml/", "ocaml", r"ocaml/(?P<abi>[45]\.[0-9]{1,2}\.[0-9]{1,2})(?P<build>)"),
    ("erts-", "erlang", r"erts-(?P<abi>[0-9]{1,3})(?P<build>(?:\.[0-9]{1,4})*)"),
    ("ghc-", "ghc", r"(?P<build>[a-z0-9_]+-linux-)?ghc-(?P<abi>[0-9]\.[0-9]{1,2}\.[0-9]{1,2})"),
    ("guile/", "guile", r"guile/(?P<build>site/)?(?P<abi>[23]\.[0-9]{1,2})"),
    ("emacs/", "emacs", r"emacs/(?P<abi>[0-9]{2,3})(?P<build>\.[0-9]{1,2})"),
)
_PATTERNS = tuple((text, runtime, re.compile(rf"(?:^|/)(?:{pattern})(?=/)")) for text, runtime, pattern in _TABLE)

# The API date that names PHP's extension directories, and the PHP of that API.
PHP_OF_API = {
    "20151012": "7.0",
    "20160303": "7.1",
    "20170718": "7.2",
    "20180731": "7.3",
    "20190902": "7.4",
    "20200930": "8.0",
    "20210902": "8.1",
    "20220829": "8.2",
    "20230831": "8.3",
    "20240924": "8.4",
    "20250925": "8.5",
}


@dataclass(frozen=True, slots=True)
class VersionDirectory:
    """A directory of one runtime's version: what has to be the same on both sides, and the rest of its name.

    `abi` is what packages are bound to: `3.1.0` of Ruby, `5.36` of Perl, PHP's API date. `build` is what else the name
    tells, such as `no-debug-non-zts`; empty when it tells nothing.
    """

    runtime: Runtime
    directory: str
    abi: str
    build: str


def version_directory_of(path: str) -> VersionDirectory | None:
    """Return the innermost such directory that `path` (no leading slash) lies in, None when it lies in none."""
    for text, runtime, pattern in _PATTERNS:
        if text in path:
            found = list(pattern.finditer(path))
            if found:
                build = (found[-1]["build"] or "").strip("-./")
                return VersionDirectory(runtime, path[: found[-1].end()], found[-1]["abi"], build)
    return None
