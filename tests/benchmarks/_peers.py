"""Where the peers of the benchmarks are installed: an environment of their own.

`make bench` makes it from requirements/bench.txt. Its packages are those gridmap is developed
with, in the same versions, and the peers beside them.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEER = Path(os.environ.get("GRIDMAP_BENCH_PEER", ROOT / ".venv" / "bench"))
INSTALL = (
    f"python3 -m venv {PEER} && "
    f"{PEER}/bin/pip install --require-hashes -r {ROOT / 'requirements' / 'bench.txt'}"
)


def python() -> str:
    """Give the Python that has the peers, or this one where they are not installed."""
    there = PEER / "bin" / "python"
    return str(there) if there.exists() else sys.executable
