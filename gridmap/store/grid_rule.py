"""How many households a grid may have: the stored rules."""

from gridmap.model.grid_rules import GridRule
from gridmap.store.database import Row, Transaction


def stored(tx: Transaction, area_code: str) -> list[Row]:
    """List the rules of an area, of those above it and of those in it."""
    return tx.all(
        "SELECT area_code, kind, area_type, minimum, maximum, source FROM grid_rule"
        " WHERE starts_with(:code, area_code) OR starts_with(area_code, :code)"
        " ORDER BY area_code, kind, area_type",
        code=area_code,
    )


def put(tx: Transaction, area_code: str, kind: str, area_type: str, rule: GridRule) -> None:
    """Store a rule in place of the one there is for the same area, kind and type."""
    tx.execute(
        "INSERT INTO grid_rule (area_code, kind, area_type, minimum, maximum, source)"
        " VALUES (:code, :kind, :type, :minimum, :maximum, :source)"
        " ON CONFLICT (area_code, kind, area_type) DO UPDATE SET minimum = excluded.minimum,"
        " maximum = excluded.maximum, source = excluded.source",
        code=area_code,
        kind=kind,
        type=area_type,
        minimum=rule.minimum,
        maximum=rule.maximum,
        source=rule.source,
    )
