"""Which values do files of settings by line give: login.defs(5), useradd(8), adduser.conf(5)?"""

import re
from collections.abc import Mapping

_LINE = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]*)(?:[ \t]*=[ \t]*|[ \t]+)(\S.*)?")
_MAX = 64 << 10  # bytes; distributions have some 13 KiB


def read_settings(body: bytes) -> Mapping[str, str]:
    """Return values by name, without quotes around; the last of a name, as the tools take it, and no comments."""
    text = body[:_MAX].decode("utf-8", "replace")
    found = (match for line in text.split("\n") if (match := _LINE.fullmatch(line.rstrip())))
    return {match[1]: (match[2] or "").strip("\"'") for match in found}
