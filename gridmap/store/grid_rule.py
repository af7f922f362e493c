"""How many households a grid may have: the stored rules."""

from collections.abc import Sequence
from dataclasses import asdict

from gridmap.model.grid_rules import Entry
from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY
from gridmap.store.merged_community import flattened

_COLUMNS = "area_code, kind, area_type, minimum, maximum, smallest, source, valid_from"


def stored(tx: Transaction, area_code: str) -> list[Row]:
    """List the rules of an area, of those above it and of those in it."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM grid_rule"
        " WHERE starts_with(:code, area_code) OR starts_with(area_code, :code)"
        " ORDER BY area_code, kind, area_type, valid_from",
        code=area_code,
    )


def seen(tx: Transaction) -> list[Row]:
    """List every rule in scope."""
    return tx.all(
        f"SELECT {_COLUMNS} FROM grid_rule ORDER BY area_code, kind, area_type, valid_from"
    )


def put(tx: Transaction, entry: Entry) -> None:
    """Store a rule in place of the one of the same area, kind, type and first day."""
    tx.execute(
        f"INSERT INTO grid_rule ({_COLUMNS})"
        " VALUES (:area_code, :kind, :area_type, :minimum, :maximum, :smallest, :source,"
        " :valid_from) ON CONFLICT (area_code, kind, area_type, valid_from) DO UPDATE"
        " SET minimum = excluded.minimum, maximum = excluded.maximum,"
        " smallest = excluded.smallest, source = excluded.source",
        **asdict(entry),
    )


def nearest(tx: Transaction, communities: Sequence[str], kind: str) -> dict[str, Row]:
    """Give the rule of size in force today for each community that has one.

    One that is to be merged has the rule of the first of those it is made of.

    That of the nearest area counts; of one area, that for mountains before that for villages or
    towns before that for any; of those, the one that began last.
    """
    rows = tx.all(
        "SELECT DISTINCT ON (c.code) c.code, r.minimum, r.maximum, r.smallest, r.source,"
        " r.area_type FROM unnest(CAST(:codes AS text[])) AS c(code)"
        " LEFT JOIN merged_community AS m ON m.code = c.code JOIN grid_rule AS r"
        "  ON (starts_with(c.code, r.area_code) OR r.area_code = ANY(m.communities))"
        "  AND r.kind = :kind"
        f"  AND r.valid_from <= {TODAY} AND r.area_type IN ('any', 'mountain',"
        "   CASE WHEN substr(coalesce(m.communities[1], c.code), 10, 1) = '2'"
        "    THEN 'village' ELSE 'urban' END)"
        " ORDER BY c.code, length(r.area_code) DESC, r.area_code = c.code DESC, r.area_code,"
        "  r.area_type = 'mountain' DESC, r.area_type = 'any', r.valid_from DESC",
        codes=list(communities),
        kind=kind,
    )
    return {row["code"]: row for row in rows}


def island(tx: Transaction, community: str) -> Row | None:
    """Give the rule of islands in force today for a community: that of the nearest area."""
    found = tx.all(
        "SELECT smallest, source FROM grid_rule WHERE EXISTS (SELECT 1"
        "  FROM unnest(CAST(:codes AS text[])) AS c(code) WHERE starts_with(c.code, area_code))"
        f" AND area_type = 'island' AND kind = 'comprehensive' AND valid_from <= {TODAY}"
        " ORDER BY length(area_code) DESC, area_code, valid_from DESC LIMIT 1",
        codes=flattened(tx, [community]),
    )
    return found[0] if found else None
