"""`python -m tests.images.pairs` finds out the truth about all pairs, and how the rebaser's verdicts compare."""

from tests.images.engine import connect
from tests.images.pairs.building import Builds
from tests.images.pairs.outcome import judge
from tests.images.pairs.hand_first import PAIRS
from tests.integration.process import Rebaser
import tempfile, time
from pathlib import Path

b = Builds(connect())
r = Rebaser(Path(tempfile.mkdtemp()))
for p in PAIRS:
    s = time.monotonic()
    o = judge(p, b, r)
    print(f"{time.monotonic()-s:.1f}", o)
