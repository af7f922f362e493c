"""How many households a grid may have, by area and type of community, and who says so."""

from collections.abc import Sequence
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.grid_rules import AREA_TYPES, KINDS, STANDARDS, GridRule
from gridmap.model.problem import bad_input
from gridmap.store import area, event, grid_rule, scenario
from gridmap.store.database import Database, Row, Transaction

_MOST = 100_000  # households of a rule


def rules_of(tx: Transaction, communities: Sequence[str]) -> dict[str, GridRule]:
    """Give the rule of each community: the stored one of the nearest area, else the standard."""
    stored: dict[str, Row] = scenario.rules(tx, communities)
    found = {}
    for code in communities:
        row = stored.get(code)
        found[code] = (
            STANDARDS["comprehensive"]
            if row is None
            else GridRule(int(row["minimum"]), int(row["maximum"]), str(row["source"]))
        )
    return found


def listing(database: Database, scope: Scope, area_code: str) -> dict[str, Any]:
    """List the rules stored for an area, above it and in it, and what holds without one.

    Raises
    ------
    Problem
        404 for an absent area.
    """
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        rows = grid_rule.stored(tx, area_code)
    return {
        "stored": [dict(row) for row in rows],
        "standard": [
            {"kind": kind, "minimum": rule.minimum, "maximum": rule.maximum, "source": rule.source}
            for kind, rule in STANDARDS.items()
        ],
    }


def put(
    database: Database, scope: Scope, area_code: str, kind: str, area_type: str, rule: GridRule
) -> None:
    """Store the rule of an area; it counts for grids drawn and measured from now on.

    Raises
    ------
    Problem
        400 for a kind or type nobody knows, impossible numbers or a rule without a source; 404
        for an absent area.
    """
    if kind not in KINDS or area_type not in AREA_TYPES:
        raise bad_input(f"kind is one of {', '.join(KINDS)}, type one of {', '.join(AREA_TYPES)}")
    if not 1 <= rule.minimum <= rule.maximum <= _MOST:
        raise bad_input(f"limits must be 1 <= minimum <= maximum <= {_MOST}")
    if not 1 <= len(rule.source.strip()) <= 500:
        raise bad_input("a rule needs its source: law, article or decision, up to 500 characters")
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        grid_rule.put(tx, area_code, kind, area_type, rule)
        event.record(
            tx,
            "grid_rule.changed",
            area_code=area_code,
            subject_id=f"{kind}/{area_type}",
            payload={"minimum": rule.minimum, "maximum": rule.maximum},
        )
