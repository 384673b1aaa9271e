"""Units that are turned on: links in directories named for what wants them. systemd.unit(5)."""

import re

_WANTED = re.compile(r"(?:^|/)systemd/(?:system|user)/[^/]+\.(?:wants|requires|upholds)/([^/]+)$")


def wanted_unit(path: str) -> str | None:
    """Return the unit that a link at `path` turns on; None where it turns on none."""
    match = _WANTED.search(path)
    return match[1] if match else None
