"""Compiled programs: libraries that the base brings, versions of symbols, static ones, plugins, library directories."""

from tests.images.pairs.model import Pair, Truth, executes, shell

_COMPILED = """\
ARG BASE
ARG {builder}
FROM ${{{builder}}} AS compiler
COPY program.c /src/
RUN cd /src && {compile}
FROM ${{BASE}}
COPY --from=compiler /src/program /usr/local/bin/program
{rest}"""
_HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
_TLS = """\
#include <openssl/evp.h>
#include <stdio.h>
#include <zlib.h>
int main(void) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (!EVP_Digest("abc", 3, digest, &size, EVP_sha256(), NULL)) return 1;
    printf("%02x%02x %lu\\n", digest[0], digest[1], crc32(0, (const unsigned char *)"abc", 3));
    return 0;
}
"""
_STREAMS = """\
#include <iostream>
#include <map>
#include <string>
int main() {
    std::map<std::string, int> all{{"a", 1}, {"b", 2}};
    for (auto const &[name, value] : all) std::cout << name << value << std::endl;
    return 0;
}
"""
# The name of a variable that the package manager's library has exported since its beginning.
_APT = "#include <stdio.h>\nextern const char *pkgVersion;\nint main(void) { return pkgVersion[0] > 0 ? 0 : 1; }\n"
_NEWER = (
    '#include <stdlib.h>\n#include <stdio.h>\nint main(void) { printf("%ld\\n", strtol("42", NULL, 10)); return 0; }\n'
)
_PLUGINS = """\
#include <dlfcn.h>
#include <stdio.h>
int main(void) {
    void *plugin = dlopen("libapt-pkg.so.6.0", RTLD_NOW);
    if (!plugin) { fprintf(stderr, "%s\\n", dlerror()); return 1; }
    puts("loaded");
    return 0;
}
"""
_LIBRARY = """\
ARG BASE
ARG BUILDER
FROM ${BUILDER} AS compiler
COPY own.c program.c /src/
RUN cd /src && gcc -shared -fPIC -Wl,-soname,libown.so.1 -o libown.so.1 own.c && ln -s libown.so.1 libown.so \\
 && gcc -o program program.c -L. -lown
FROM ${BASE}
COPY --from=compiler /src/libown.so.1 /opt/own/lib/
COPY --from=compiler /src/program /usr/local/bin/program
RUN echo /opt/own/lib > /etc/ld.so.conf.d/own.conf && ldconfig
"""
_LIBRARY_FILES = {
    "own.c": "int own(void) { return 7; }\n",
    "program.c": '#include <stdio.h>\nint own(void);\nint main(void) { printf("%d\\n", own()); return 0; }\n',
}
_CAPABLE = """\
#include <stdio.h>
#include <sys/socket.h>
#include <netinet/in.h>
int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server, (struct sockaddr *)&address, sizeof address)) { perror("bind"); return 1; }
    puts("bound");
    return 0;
}
"""


def _compiled(compile_it: str, rest: str = "", builder: str = "BUILDER") -> str:
    return _COMPILED.format(builder=builder, compile=compile_it, rest=rest)


_STATIC = _compiled("gcc -static -o program program.c")
_PLAIN = _compiled("gcc -o program program.c")
_WITH_TLS = _compiled("gcc -o program program.c -lcrypto -lz")
_WITH_STREAMS = _compiled("cp program.c program.cc && g++ -o program program.cc")
_WITH_APT = _compiled("gcc -o program program.c /usr/lib/x86_64-linux-gnu/libapt-pkg.so.6.0")
_NEWER_PLAIN = _compiled("gcc -D_GNU_SOURCE -o program program.c", builder="NEXT_BUILDER")
_SAYS = (executes("/usr/local/bin/program", prints="hello"),)
_DIGESTS = (executes("/usr/local/bin/program", prints="ba78 891568578"),)
_STREAMED = (executes("/usr/local/bin/program", prints="a1\nb2"),)
_RUNS = (executes("/usr/local/bin/program"),)
_SEVEN = (executes("/usr/local/bin/program", prints="7"),)
_CAPABILITY = "RUN setcap cap_net_bind_service=+ep /usr/local/bin/program && useradd web\nUSER web\n"

PAIRS = (
    Pair(
        "native/static-refreshed",
        "distroless-bookworm",
        "distroless-updated",
        Truth.WORKS,
        _SAYS,
        _STATIC,
        {"program.c": _HELLO},
    ),
    Pair("native/static-upgraded", "bookworm", "trixie", Truth.WORKS, _SAYS, _STATIC, {"program.c": _HELLO}),
    Pair("native/static-downgraded", "trixie", "bullseye", Truth.WORKS, _SAYS, _STATIC, {"program.c": _HELLO}),
    Pair("native/libc-upgraded", "bookworm", "trixie", Truth.WORKS, _SAYS, _PLAIN, {"program.c": _HELLO}),
    Pair(
        "native/libc-in-distroless-upgraded",
        "distroless-bookworm",
        "distroless-trixie",
        Truth.WORKS,
        _SAYS,
        _PLAIN,
        {"program.c": _HELLO},
    ),
    Pair(
        "native/libssl-and-libz-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.WORKS,
        _DIGESTS,
        _WITH_TLS,
        {"program.c": _TLS},
    ),
    Pair(
        "native/libssl-and-libz-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.WORKS,
        _DIGESTS,
        _WITH_TLS,
        {"program.c": _TLS},
    ),
    Pair(
        "native/libssl-to-a-base-without-libz",
        "python-bookworm",
        "distroless-updated",
        Truth.BREAKS,
        _DIGESTS,
        _WITH_TLS,
        {"program.c": _TLS},
    ),
    Pair(
        "native/libstdc++-upgraded",
        "bookworm",
        "trixie",
        Truth.WORKS,
        _STREAMED,
        _WITH_STREAMS,
        {"program.c": _STREAMS},
    ),
    Pair(
        "native/libstdc++-to-a-base-without-it",
        "bookworm",
        "distroless-updated",
        Truth.BREAKS,
        _STREAMED,
        _WITH_STREAMS,
        {"program.c": _STREAMS},
    ),
    Pair("native/soname-changed", "bookworm", "trixie", Truth.BREAKS, _RUNS, _WITH_APT, {"program.c": _APT}),
    Pair("native/soname-kept-by-refresh", "bookworm", "updated", Truth.WORKS, _RUNS, _WITH_APT, {"program.c": _APT}),
    Pair(
        "native/newer-symbols-downgraded",
        "trixie",
        "bookworm",
        Truth.BREAKS,
        (executes("/usr/local/bin/program", prints="42"),),
        _NEWER_PLAIN,
        {"program.c": _NEWER},
    ),
    Pair("native/older-symbols-downgraded", "trixie", "bookworm", Truth.WORKS, _SAYS, _PLAIN, {"program.c": _HELLO}),
    Pair(
        "native/plugin-loaded-by-name-gone",
        "bookworm",
        "trixie",
        Truth.BREAKS,
        (executes("/usr/local/bin/program", prints="loaded"),),
        _PLAIN,
        {"program.c": _PLUGINS},
    ),
    Pair(
        "native/own-library-directory-refreshed", "bookworm", "updated", Truth.WORKS, _SEVEN, _LIBRARY, _LIBRARY_FILES
    ),
    Pair("native/own-library-directory-upgraded", "bookworm", "trixie", Truth.STALE, _SEVEN, _LIBRARY, _LIBRARY_FILES),
    Pair(
        "native/capability-upgraded",
        "python-bookworm",
        "python-updated",
        Truth.WORKS,
        (executes("/usr/local/bin/program", prints="bound"),),
        _compiled("gcc -o program program.c", _CAPABILITY),
        {"program.c": _CAPABLE},
    ),
    Pair(
        "native/setuid-upgraded",
        "bookworm",
        "trixie",
        Truth.WORKS,
        (shell('test "$(id -u)" = 33; program', prints="0"),),
        _compiled("gcc -static -o program program.c", "RUN chmod 4755 /usr/local/bin/program\nUSER 33\n"),
        {
            "program.c": "#include <stdio.h>\n#include <unistd.h>\n"
            'int main(void) { printf("%d\\n", (int)geteuid()); return 0; }\n'
        },
    ),
)
