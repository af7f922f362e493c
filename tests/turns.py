"""Which tests of `make test` go to one worker of pytest-xdist together, and which begin.

Whole files stay together. Those that work in the demo form two groups with a demo each, so that
what they meet there does not depend on chance; pages that are only looked at go in small portions
to whoever is free at the end.
"""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

DEMO_FOLDERS = ("browser", "journeys")
LOOKING, HELP = "test_pages.py", "test_help.py"
PORTIONS = 8
# Both work on the demo towns as they are drawn at first, which takes long and is done once.
BORDERS = ("test_border_edits.py", "test_border_settling.py")
DRAWN = "tests/geodata/borders"
# How the files begin in which a planner is at work; the others are about the days after.
PLANNING = (
    "test_border",
    "test_compare",
    "test_coverage",
    "test_drawn",
    "test_import",
    "test_micro",
    "test_plan",
    "test_special",
)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker whole groups."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def group(nodeid: str) -> str:
    """Name the group of a test."""
    path = Path(nodeid.split("::", 1)[0])
    if path.parent.name not in DEMO_FOLDERS:
        return DRAWN if path.name in BORDERS else str(path)
    if path.name == LOOKING:
        return f"demo: looking {zlib.crc32(nodeid.encode()) % PORTIONS}"
    if path.name == HELP:
        return "demo: help"
    return "demo: planning" if path.name.startswith(PLANNING) else "demo: days"


def turn(nodeid: str) -> int:
    """Tell when a test has its turn: what takes longest begins, so that nobody ends alone with it.

    While the first worker loads the demo, the second one has what needs none.
    """
    named = group(nodeid)
    if named.startswith("demo: looking"):
        return 4
    if named.startswith("demo:"):
        return 0 if named == "demo: planning" else 2
    return 1 if Path(named).parent.name == "geodata" else 3


def put_in_order(items: list[pytest.Item]) -> None:
    """Sort by turn and group; the order inside a group stays."""
    items.sort(key=lambda item: turn(item.nodeid))
