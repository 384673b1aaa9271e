"""Makes text that comes from an image or a registry safe to show in a terminal or a log."""

import unicodedata

MAX_SHOWN = 400  # characters; longer text is cut, so that a hostile label cannot flood a log
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # controls, bidi and zero-width, surrogates, private use, separators


def printable(text: str, limit: int = MAX_SHOWN) -> str:
    r"""Return `text` on one line, with everything invisible or active written as `\xNN` or `\uNNNN`."""
    shown = "".join(_visible(character) for character in text[:limit])
    return f"{shown}… ({len(text) - limit} more)" if len(text) > limit else shown


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"  # noqa: PLR2004


def size(count: int) -> str:
    """Return a number of bytes as people read it: `812 B`, `3.4 MB` (powers of 1000)."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if round(amount, 1) < 1000:  # noqa: PLR2004
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
