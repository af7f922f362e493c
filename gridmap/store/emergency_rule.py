"""Rules of emergencies as data: walking speeds, supplies and days of hold, each of an area."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridmap.store.database import Row, Transaction


@dataclass(frozen=True)
class Table:
    """A table of rules: what it is keyed by beside the area, what a rule says, how it is listed."""

    name: str
    key: str
    says: tuple[str, ...]
    order: str


SPEEDS = Table("walking_speed", "need", ("kmh", "source"), "need")
SUPPLIES = Table(
    "supply_rule", "kind", ("amount", "per", "unit", "position", "source"), "position, kind"
)
HOLDS = Table("return_rule", "kind", ("hold_days", "source"), "kind")


def listing(tx: Transaction, table: Table) -> list[Row]:
    """List the rules of a county: key, what they say, `area_code`, `revision`, who and when."""
    says = ", ".join(f"r.{column}" for column in (table.key, *table.says))
    return tx.all(
        f"SELECT r.area_code, {says}, r.revision, r.set_at, u.display_name AS by"
        f" FROM {table.name} AS r LEFT JOIN app_user AS u ON u.id = r.set_by"
        f" ORDER BY {table.order}, length(r.area_code), r.area_code"
    )


def hold(tx: Transaction, table: Table, area_code: str, key: str) -> Row | None:
    """Give one rule, locked, or None where the area has none of its own."""
    says = ", ".join(table.says)
    return tx.maybe(
        f"SELECT {says}, revision FROM {table.name}"
        f" WHERE area_code = :code AND {table.key} = :key FOR UPDATE",
        code=area_code,
        key=key,
    )


def put(
    tx: Transaction, table: Table, area_code: str, key: str, said: Mapping[str, Any]
) -> int | None:
    """Store a rule; give its revision.

    Returns
    -------
    int or None
        None where somebody has stored one of this key in the same moment.
    """
    names = ", ".join(table.says)
    places = ", ".join(f":{name}" for name in table.says)
    found = tx.value(
        f"INSERT INTO {table.name} (area_code, {table.key}, {names}, set_by, set_at)"
        f" VALUES (:code, :key, {places}, :user, now())"
        f" ON CONFLICT (area_code, {table.key}) DO NOTHING RETURNING revision",
        code=area_code,
        key=key,
        user=tx.scope.user_id,
        **{name: said[name] for name in table.says},
    )
    return None if found is None else int(found)


def change(tx: Transaction, table: Table, area_code: str, key: str, said: Mapping[str, Any]) -> int:
    """Store a rule in place of the one that is held; give its revision."""
    sets = ", ".join(f"{name} = :{name}" for name in table.says)
    return int(
        tx.value(
            f"UPDATE {table.name} SET {sets}, revision = revision + 1, set_by = :user,"
            f" set_at = now() WHERE area_code = :code AND {table.key} = :key RETURNING revision",
            code=area_code,
            key=key,
            user=tx.scope.user_id,
            **{name: said[name] for name in table.says},
        )
    )


def next_position(tx: Transaction, area_code: str) -> int:
    """Give the place in the list of supplies for one more."""
    return int(
        tx.value(
            "SELECT least(100, coalesce(max(position), 0) + 1) FROM supply_rule"
            " WHERE starts_with(area_code, left(:code, 6))",
            code=area_code,
        )
    )
