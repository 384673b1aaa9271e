from tests.images.pairs.model import Pair, Truth, shell

PAIRS = (
    Pair(
        "release/script-refreshed",
        "bookworm",
        "updated",
        Truth.WORKS,
        (shell("/opt/say", prints="hello"),),
        'ARG BASE\nFROM ${BASE}\nCOPY say /opt/say\n',
        {"say": "#!/bin/sh\necho hello\n"},
    ),
    Pair(
        "python/own-module-of-3.11",
        "python-bookworm",
        "python-trixie",
        Truth.BREAKS,
        (shell("python3 -c 'import own; print(own.NAME)'", prints="own"),),
        'ARG BASE\nFROM ${BASE}\nCOPY own.py /usr/local/lib/python3.11/dist-packages/\n',
        {"own.py": "NAME = 'own'\n"},
    ),
    Pair(
        "accounts/useradd",
        "bookworm",
        "updated",
        Truth.WORKS,
        (shell("id -un", prints="app"),),
        'ARG BASE\nFROM ${BASE}\nRUN useradd --uid 4711 app\nUSER app\n',
    ),
)
