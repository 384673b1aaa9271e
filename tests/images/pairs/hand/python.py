"""Python: where modules lie, for which version compiled ones were made, and virtual environments."""

from tests.images.pairs.ingredients import Wheels
from tests.images.pairs.model import Pair, Truth, shell

PURE = Wheels(("six==1.17.0", "certifi==2026.10.19.post1"))
STABLE = Wheels(("bcrypt==5.0.0", "tornado==6.6.1"))
BOUND = Wheels(("cffi==2.1.1", "pycparser==3.12"))
FALLING_BACK = Wheels(("markupsafe==3.0.4",))
_INSTALL = "python3 -m pip install --quiet --no-index --no-compile --find-links=/opt/wheels"
_TARGET = """\
ARG BASE
FROM ${{BASE}}
COPY wheels /opt/wheels/
RUN {install} --target=/opt/modules {names}
ENV PYTHONPATH=/opt/modules
"""
_VENV = """\
ARG BASE
FROM ${{BASE}}
COPY wheels /opt/wheels/
RUN python3 -m venv {options} /opt/venv && /opt/venv/bin/{install} {names}
ENV PATH=/opt/venv/bin:$PATH
"""
_ASK = """\
import asyncio, tornado.web, tornado.httpclient, bcrypt
class Page(tornado.web.RequestHandler):
    def get(self):
        self.write(str(bcrypt.checkpw(b"word", bcrypt.hashpw(b"word", bcrypt.gensalt(4)))))
async def main():
    tornado.web.Application([("/", Page)]).listen(8080, "127.0.0.1")
    answer = await tornado.httpclient.AsyncHTTPClient().fetch("http://127.0.0.1:8080/")
    print(answer.code, answer.body.decode())
asyncio.run(main())
"""
_OWN = "ARG BASE\nFROM ${BASE}\nCOPY own.py /usr/local/lib/python3.11/dist-packages/\n"
_OWN_FILES = {"own.py": "NAME = 'own'\n"}
_IMPORT_OWN = (shell("python3 -c 'import own; print(own.NAME)'", prints="own"),)


def _target(names: str) -> str:
    return _TARGET.format(install=_INSTALL, names=names)


def _venv(names: str, options: str = "") -> str:
    return _VENV.format(install=_INSTALL, names=names, options=options)


_SERVES = (shell(f"python3 - <<'END'\n{_ASK}END", prints="200 True"),)
_CFFI = (shell("python3 -c 'import cffi, _cffi_backend; print(cffi.FFI().sizeof(\"int\"))'", prints="4"),)
_SIX = (
    shell(
        "python3 -c 'import six, certifi; print(six.PY3, len(open(certifi.where()).read()) > 1000)'", prints="True True"
    ),
)

PAIRS = (
    Pair(
        "python/module-in-dist-packages-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.WORKS,
        _IMPORT_OWN,
        _OWN,
        _OWN_FILES,
    ),
    Pair(
        "python/module-in-dist-packages-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        _IMPORT_OWN,
        _OWN,
        _OWN_FILES,
    ),
    Pair(
        "python/venv-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.WORKS,
        _CFFI,
        _venv("cffi"),
        ingredients=(BOUND,),
    ),
    Pair(
        "python/venv-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        _SIX,
        _venv("six certifi"),
        ingredients=(PURE,),
    ),
    Pair(
        "python/venv-downgraded",
        "python-trixie",
        "python-bookworm",
        Truth.BREAKS,
        _SIX,
        _venv("six certifi"),
        ingredients=(PURE,),
    ),
    Pair(
        "python/pure-wheels-in-target-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.WORKS,
        _SIX,
        _target("six certifi"),
        ingredients=(PURE,),
    ),
    Pair(
        "python/stable-abi-wheels-serve-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.WORKS,
        _SERVES,
        _target("bcrypt tornado"),
        ingredients=(STABLE,),
    ),
    Pair(
        "python/stable-abi-wheels-serve-downgraded",
        "python-trixie",
        "python-bookworm",
        Truth.WORKS,
        _SERVES,
        _target("bcrypt tornado"),
        ingredients=(STABLE,),
    ),
    Pair(
        "python/version-bound-wheel-upgraded",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        _CFFI,
        _target("cffi"),
        ingredients=(BOUND,),
    ),
    Pair(
        "python/version-bound-wheel-refreshed",
        "python-bookworm",
        "python-updated",
        Truth.WORKS,
        _CFFI,
        _target("cffi"),
        ingredients=(BOUND,),
    ),
    Pair(
        "python/native-speedups-lost-silently",
        "python-bookworm",
        "python-trixie",
        Truth.STALE,
        (shell("python3 -c 'import markupsafe; print(markupsafe.escape(\"<\"))'", prints="&lt;"),),
        _target("markupsafe"),
        ingredients=(FALLING_BACK,),
    ),
    Pair(
        "python/shebang-with-version",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        (shell("/usr/local/bin/tool", prints="tool"),),
        "ARG BASE\nFROM ${BASE}\nCOPY tool /usr/local/bin/\n",
        {"tool": "#!/usr/bin/python3.11\nprint('tool')\n"},
    ),
    Pair(
        "python/shebang-without-version",
        "python-bookworm",
        "python-trixie",
        Truth.WORKS,
        (shell("/usr/local/bin/tool", prints="tool"),),
        "ARG BASE\nFROM ${BASE}\nCOPY tool /usr/local/bin/\n",
        {"tool": "#!/usr/bin/env python3\nprint('tool')\n"},
    ),
    Pair(
        "python/standard-module-removed",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        (shell("python3 /opt/tool.py", prints="a b"),),
        "ARG BASE\nFROM ${BASE}\nCOPY tool.py /opt/\n",
        {"tool.py": "import pipes\nprint('a', 'b')\n"},
    ),
)
