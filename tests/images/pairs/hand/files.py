"""Files of the base that the application changes, hides, deletes, links or makes its own."""

from tests.images.pairs.model import Pair, Truth, shell

_FROM = "ARG BASE\nFROM ${BASE}\n"
_PERL = (shell("perl -MPOSIX -e 'print POSIX::floor(2.5)'", prints="2"),)
_MY_PERL = (shell("myperl -MPOSIX -e 'print POSIX::floor(2.5)'", prints="2"),)

PAIRS = (
    Pair(
        "files/deletes-what-the-base-has", "bookworm", "updated", Truth.WORKS,
        (shell("test ! -e /etc/issue && test ! -e /usr/bin/passwd"),),
        _FROM + "RUN rm /etc/issue /usr/bin/passwd\n",
    ),
    Pair(
        "files/deletes-what-has-moved", "bookworm", "trixie", Truth.STALE,
        (shell("! command -v lastlog; ls /usr/share/perl > /dev/null"),),
        _FROM + "RUN rm -rf /usr/lib/x86_64-linux-gnu/perl-base /usr/share/perl/5.36.0\n",
    ),
    Pair(
        "files/directory-made-anew-refreshed", "python-bookworm", "python-updated", Truth.WORKS,
        (shell("ls /usr/share/ca-certificates", prints="own"),),
        _FROM + "RUN rm -rf /usr/share/ca-certificates && mkdir -p /usr/share/ca-certificates/own\n",
    ),
    Pair(
        "files/one-deleted-and-one-added", "data-directory", "data-more", Truth.WORKS,
        (shell("cat /opt/plugins/own", prints="own"),),
        _FROM + "RUN rm -rf /opt/plugins/core\nRUN mkdir -p /opt/plugins && echo own > /opt/plugins/own\n",
    ),
    Pair(
        "files/directory-made-anew-hides-what-is-new", "data-directory", "data-more", Truth.WORKS,
        (shell("ls /opt/plugins", prints="own"),),
        _FROM + "RUN rm -rf /opt/plugins && mkdir /opt/plugins && echo own > /opt/plugins/own\n",
    ),
    Pair(
        "files/owner-of-base-files-changed", "bookworm", "updated", Truth.STALE, _PERL,
        _FROM + "RUN chown -R 1000:1000 /usr/lib/x86_64-linux-gnu/perl-base /usr/bin/perl\n",
    ),
    Pair(
        "files/owner-of-perl-changed-upgraded", "bookworm", "trixie", Truth.BREAKS, _PERL,
        _FROM + "RUN chown -R 1000:1000 /usr/bin/perl\n",
    ),
    Pair(
        "files/owner-of-kept-files-changed", "bookworm", "updated", Truth.WORKS,
        (shell("stat -c %u /var/mail /srv | sort -u", prints="1000"),),
        _FROM + "RUN chown -R 1000:1000 /srv /var/mail\n",
    ),
    Pair(
        "files/hard-link-to-a-base-file-refreshed", "bookworm", "updated", Truth.STALE, _MY_PERL,
        _FROM + "RUN ln /usr/bin/perl /usr/local/bin/myperl\n",
    ),
    Pair(
        "files/hard-link-to-a-base-file-upgraded", "bookworm", "trixie", Truth.BREAKS, _MY_PERL,
        _FROM + "RUN ln /usr/bin/perl /usr/local/bin/myperl\n",
    ),
    Pair(
        "files/hard-links-of-its-own", "bookworm", "trixie", Truth.WORKS,
        (shell("cat /opt/b; stat -c %h /opt/a", prints="one\n2"),),
        _FROM + "RUN echo one > /opt/a && ln /opt/a /opt/b\n",
    ),
    Pair(
        "files/link-to-a-versioned-path", "bookworm", "trixie", Truth.BREAKS,
        (shell("test -e /opt/perl/strict.pm"),),
        _FROM + "RUN ln -s /usr/share/perl/5.36.0 /opt/perl\n",
    ),
    Pair(
        "files/setting-of-the-base-edited-refreshed", "bookworm", "updated", Truth.WORKS,
        (shell("grep '^UMASK' /etc/login.defs | tr -s '\\t ' ' '", prints="UMASK 027"),),
        _FROM + "RUN sed -i 's/^UMASK.*/UMASK 027/' /etc/login.defs\n",
    ),
    Pair(
        "files/setting-of-the-base-edited-upgraded", "bookworm", "trixie", Truth.STALE,
        (shell("grep '^UMASK' /etc/login.defs | tr -s '\\t ' ' '", prints="UMASK 027"),),
        _FROM + "RUN sed -i 's/^UMASK.*/UMASK 027/' /etc/login.defs\n",
    ),
    Pair(
        "files/setting-replaced", "python-bookworm", "python-trixie", Truth.WORKS,
        (shell("openssl version > /dev/null && cat /etc/ssl/openssl.cnf", prints="# own"),),
        _FROM + "COPY openssl.cnf /etc/ssl/openssl.cnf\n", {"openssl.cnf": "# own\n"},
    ),
    Pair(
        "files/library-of-the-base-replaced", "python-bookworm", "python-updated", Truth.STALE,
        (shell("python3 -c 'import ssl; print(ssl.OPENSSL_VERSION_INFO[0])'", prints="3"),),
        _FROM + "RUN cd /usr/lib/x86_64-linux-gnu && cp libcrypto.so.3 /tmp/l && cat /tmp/l > libcrypto.so.3 && rm /tmp/l\n",
    ),
    Pair(
        "files/script-with-a-tool-that-is-gone", "bookworm", "trixie", Truth.BREAKS,
        (shell("/opt/say", prints="aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),),
        _FROM + "COPY say /opt/say\n", {"say": "#!/bin/sh\nprintf hello | shasum | cut -d' ' -f1\n"},
    ),
    Pair(
        "files/script-with-tools-that-stay", "bookworm", "trixie", Truth.WORKS,
        (shell("/opt/say", prints="aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),),
        _FROM + "COPY say /opt/say\n", {"say": "#!/bin/sh\nprintf hello | sha1sum | cut -d' ' -f1\n"},
    ),
)  # fmt: skip
