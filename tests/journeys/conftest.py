"""Journeys stand on the fixtures of the browser tests: `demo_server`, `chromium`, `visit`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_BROWSER = Path(__file__).resolve().parents[1] / "browser" / "conftest.py"
# helpers of the browser tests, such as the hands of a planner
sys.path.append(str(_BROWSER.parent))
_spec = importlib.util.spec_from_file_location("browser_fixtures", _BROWSER)
assert _spec
assert _spec.loader
_fixtures = importlib.util.module_from_spec(_spec)
sys.modules["browser_fixtures"] = _fixtures
_spec.loader.exec_module(_fixtures)

demo_server = _fixtures.demo_server
chromium = _fixtures.chromium
contexts = _fixtures.contexts
visit = _fixtures.visit
shown = _fixtures.shown
