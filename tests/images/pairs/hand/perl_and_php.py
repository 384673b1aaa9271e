"""Perl and PHP: modules and extensions in directories with a version, and compiled ones."""

from tests.images.pairs.model import Pair, Truth, shell

_PERLS = ("perl-php-bookworm", "perl-php-trixie")
_MODULE = {"Own.pm": "package Own; our $NAME = 'own'; 1;\n"}
_OWN = (shell("perl -MOwn -e 'print $Own::NAME'", prints="own"),)
_XS = """\
ARG BASE
ARG BUILDER
FROM ${BUILDER} AS compiler
COPY Own.xs Own.pm Makefile.PL /src/
RUN cd /src && perl Makefile.PL && make
FROM ${BASE}
COPY --from=compiler /src/blib/arch/auto/Own/Own.so /opt/perl/auto/Own/Own.so
COPY Own.pm /opt/perl/
ENV PERL5LIB=/opt/perl
"""
_XS_FILES = {
    "Own.xs": '#define PERL_NO_GET_CONTEXT\n#include "EXTERN.h"\n#include "perl.h"\n#include "XSUB.h"\n'
    "MODULE = Own PACKAGE = Own\n\nint\nanswer()\n  CODE:\n    RETVAL = 42;\n  OUTPUT:\n    RETVAL\n",
    "Own.pm": "package Own;\nour $VERSION = '1.0';\nrequire XSLoader; XSLoader::load('Own', $VERSION); 1;\n",
    "Makefile.PL": "use ExtUtils::MakeMaker;\nWriteMakefile(NAME => 'Own', VERSION_FROM => 'Own.pm');\n",
}
_EXTENSION = """\
ARG BASE
ARG BUILDER
FROM ${BUILDER} AS compiler
COPY own.c /src/
RUN cd /src && gcc -shared -fPIC -DCOMPILE_DL_OWN $(php-config --includes) -o own.so own.c
FROM ${BASE}
COPY --from=compiler /src/own.so /usr/lib/php/20220829/own.so
RUN echo extension=own.so > /etc/php/8.2/cli/conf.d/99-own.ini
"""
_EXTENSION_FILES = {
    "own.c": "#include <php.h>\n"
    'zend_module_entry own_module_entry = {STANDARD_MODULE_HEADER, "own", NULL, NULL, NULL, NULL, NULL, NULL, "1",'
    " STANDARD_MODULE_PROPERTIES};\nZEND_GET_MODULE(own)\n",
}
_BY_PATH = (
    _EXTENSION.replace("/etc/php/8.2/cli/conf.d/99-own.ini", "/opt/php.ini").replace(
        "extension=own.so", "extension=/usr/lib/php/20220829/own.so"
    )
    + "ENV PHP_INI_SCAN_DIR=:/opt\n"
)
_LOADED = (shell("php -r 'echo (int) extension_loaded(\"own\");' 2>&1", prints="1"),)
_PAGE = {"index.php": "<?php echo implode(',', array_map(fn($x) => $x * 2, [1, 2]));\n"}
_SERVED = (
    shell(
        "php -S 127.0.0.1:8080 -t /srv 2> /dev/null & sleep 1\n"
        "php -r 'echo file_get_contents(\"http://127.0.0.1:8080/index.php\");'",
        prints="2,4",
    ),
)

PAIRS = (
    Pair(
        "perl/module-in-a-directory-with-version",
        *_PERLS,
        Truth.BREAKS,
        _OWN,
        "ARG BASE\nFROM ${BASE}\nCOPY Own.pm /usr/local/lib/x86_64-linux-gnu/perl/5.36.0/\n",
        _MODULE,
    ),
    Pair(
        "perl/module-in-site-perl",
        *_PERLS,
        Truth.WORKS,
        _OWN,
        "ARG BASE\nFROM ${BASE}\nCOPY Own.pm /usr/local/lib/site_perl/\n",
        _MODULE,
    ),
    Pair(
        "perl/module-in-a-directory-of-its-own",
        *_PERLS,
        Truth.WORKS,
        _OWN,
        "ARG BASE\nFROM ${BASE}\nCOPY Own.pm /opt/perl/\nENV PERL5LIB=/opt/perl\n",
        _MODULE,
    ),
    Pair(
        "perl/compiled-module-upgraded",
        *_PERLS,
        Truth.BREAKS,
        (shell("perl -MOwn -e 'print Own::answer()'", prints="42"),),
        _XS,
        _XS_FILES,
    ),
    Pair(
        "perl/module-downgraded",
        "perl-php-trixie",
        "perl-php-bookworm",
        Truth.BREAKS,
        (shell("perl /opt/app.pl", prints="2"),),
        "ARG BASE\nFROM ${BASE}\nCOPY app.pl /opt/\n",
        {"app.pl": "use v5.40;\nuse builtin 'ceil';\nprint ceil(1.5);\n"},
    ),
    Pair("php/page-upgraded", *_PERLS, Truth.WORKS, _SERVED, "ARG BASE\nFROM ${BASE}\nCOPY index.php /srv/\n", _PAGE),
    Pair("php/extension-upgraded", *_PERLS, Truth.BREAKS, _LOADED, _EXTENSION, _EXTENSION_FILES),
    Pair("php/extension-by-path-upgraded", *_PERLS, Truth.BREAKS, _LOADED, _BY_PATH, _EXTENSION_FILES),
)
