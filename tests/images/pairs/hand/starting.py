"""How an application starts: entrypoints of the base, shells, health checks, servers."""

from tests.images.pairs.model import Pair, Truth, healthy, starts

_FROM = "ARG BASE\nFROM ${BASE}\n"
_SAY = {"say": "#!/bin/sh\necho started by ${STARTED_BY:-nobody}\n"}
_WRAPPED = {
    "say": "#!/bin/sh\necho started by ${STARTED_BY:-nobody}\n",
    "start": '#!/bin/sh\nexec /docker-entrypoint.sh "$@"\n',
}
_STATIC = """\
ARG BASE
ARG BUILDER
FROM ${BUILDER} AS compiler
COPY program.c /src/
RUN gcc -static -o /src/program /src/program.c
FROM ${BASE}
COPY --from=compiler /src/program /program
ENTRYPOINT ["/program"]
"""
_PROGRAM = {"program.c": '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'}
_SERVER = (
    "HEALTHCHECK --interval=1s --timeout=3s --retries=8 CMD {check}\n"
    'CMD ["python3", "-m", "http.server", "--bind", "127.0.0.1", "--directory", "/opt", "8080"]\n'
)
_CURL = _SERVER.format(check="curl -fs http://127.0.0.1:8080/")
_TRUE = _SERVER.format(check='["python3", "-c", "import urllib.request as u; u.urlopen(\'http://127.0.0.1:8080/\')"]')
_BASE = (starts(prints="started by base"),)
_NOBODY = (starts(prints="started by nobody"),)
_TOOLS = ("perl-php-bookworm", "perl-php-trixie")
_PERL_SERVER = """\
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die;
while (my $client = $server->accept) { print $client "HTTP/1.0 200 OK\\r\\n\\r\\nhello"; close $client; }
"""
_CONNECTED = """\
ARG BASE
FROM ${BASE}
COPY server.pl /opt/
HEALTHCHECK --interval=1s --retries=5 CMD perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new("127.0.0.1:8080")'
CMD ["perl", "/opt/server.pl"]
"""

PAIRS = (
    Pair(
        "starting/entrypoint-of-the-base-kept",
        "entry",
        "entry-refreshed",
        Truth.WORKS,
        _BASE,
        _FROM + 'COPY say /usr/local/bin/\nCMD ["say"]\n',
        _SAY,
    ),
    Pair(
        "starting/entrypoint-of-the-base-moved",
        "entry",
        "entry-moved",
        Truth.WORKS,
        _BASE,
        _FROM + 'COPY say /usr/local/bin/\nCMD ["say"]\n',
        _SAY,
    ),
    Pair(
        "starting/entrypoint-of-the-base-named",
        "entry",
        "entry-moved",
        Truth.BREAKS,
        _BASE,
        _FROM + 'COPY say /usr/local/bin/\nENTRYPOINT ["/docker-entrypoint.sh", "say"]\n',
        _SAY,
    ),
    Pair(
        "starting/entrypoint-of-the-base-called-by-a-script",
        "entry",
        "entry-moved",
        Truth.BREAKS,
        _BASE,
        _FROM + 'COPY say start /usr/local/bin/\nENTRYPOINT ["start"]\nCMD ["say"]\n',
        _WRAPPED,
    ),
    Pair(
        "starting/entrypoint-of-its-own",
        "entry",
        "entry-moved",
        Truth.WORKS,
        _NOBODY,
        _FROM + 'COPY say /usr/local/bin/\nENTRYPOINT ["say"]\n',
        _SAY,
    ),
    Pair(
        "starting/no-shell-for-a-script",
        "bookworm",
        "distroless-updated",
        Truth.BREAKS,
        _NOBODY,
        _FROM + 'COPY say /usr/local/bin/\nENTRYPOINT ["/usr/local/bin/say"]\n',
        _SAY,
    ),
    Pair(
        "starting/no-shell-for-a-command-in-shell-form",
        "bookworm",
        "distroless-updated",
        Truth.BREAKS,
        (starts(prints="hello"),),
        _FROM + "CMD echo hello\n",
    ),
    Pair(
        "starting/no-shell-for-a-static-program",
        "bookworm",
        "distroless-updated",
        Truth.WORKS,
        (starts(prints="hello"),),
        _STATIC,
        _PROGRAM,
    ),
    Pair(
        "starting/bash-for-a-script",
        "bookworm",
        "updated",
        Truth.WORKS,
        _NOBODY,
        _FROM + 'COPY say /usr/local/bin/\nENTRYPOINT ["bash", "/usr/local/bin/say"]\n',
        _SAY,
    ),
    Pair(
        "starting/health-by-curl-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.WORKS,
        (healthy(),),
        _FROM + _CURL,
    ),
    Pair(
        "starting/health-by-curl-upgraded", "python-bookworm", "python-trixie", Truth.WORKS, (healthy(),), _FROM + _CURL
    ),
    Pair(
        "starting/health-by-python-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.WORKS,
        (healthy(),),
        _FROM + _TRUE,
    ),
    Pair(
        "starting/health-by-perl-upgraded",
        *_TOOLS,
        Truth.WORKS,
        (healthy(),),
        _CONNECTED,
        {"server.pl": _PERL_SERVER},
    ),
    Pair(
        "starting/health-by-a-tool-that-is-gone",
        "bookworm",
        "trixie",
        Truth.BREAKS,
        (healthy(),),
        _FROM + "RUN touch /opt/state\n"
        'HEALTHCHECK --interval=1s --retries=3 CMD lsattr /opt/state || exit 1\nCMD ["sleep", "60"]\n',
    ),
)
