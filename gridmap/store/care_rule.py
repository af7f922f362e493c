"""Which facts are kept fresh, what a grid is in charge of, and who uses what for it."""

from collections.abc import Mapping
from typing import Any

from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY


def fields(tx: Transaction) -> list[Row]:
    """List the facts that are collected and the days each stays fresh, by area."""
    return tx.all(
        "SELECT area_code, name, stale_days FROM household_field ORDER BY area_code, position"
    )


def put_field(tx: Transaction, area_code: str, name: str, stale_days: int) -> None:
    """Store for how long a fact stays fresh in an area; it keeps the place its county gives it."""
    tx.execute(
        "INSERT INTO household_field (area_code, name, stale_days, position)"
        " VALUES (:code, :name, :days, coalesce((SELECT position FROM household_field"
        "  WHERE name = :name AND :code ^@ area_code ORDER BY length(area_code) DESC LIMIT 1),"
        "  100)) ON CONFLICT (area_code, name)"
        " DO UPDATE SET stale_days = excluded.stale_days, updated_at = now()",
        code=area_code,
        name=name,
        days=stale_days,
    )


def counties(tx: Transaction) -> list[str]:
    """List the codes of the counties in scope."""
    return [row["code"] for row in tx.all("SELECT code FROM area WHERE level = 'county'")]


def area_exists(tx: Transaction, code: str) -> bool:
    """Tell whether there is an area or a grid in force with this code."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM area WHERE code = :code)"
            " OR EXISTS (SELECT 1 FROM grid WHERE code = :code AND valid_to IS NULL)",
            code=code,
        )
    )


def service_items(tx: Transaction, grid: str | None) -> list[Row]:
    """List the items in force, of a grid and of the areas around it, or all of them."""
    return tx.all(
        "SELECT id, area_code, name, owner, legal_basis, admitted_on, ends_on, fields, needs"
        f" FROM service_item WHERE (ends_on IS NULL OR ends_on >= {TODAY})"
        " AND (CAST(:grid AS text) IS NULL OR :grid ^@ area_code) ORDER BY area_code, name",
        grid=grid,
    )


def put_service_item(tx: Transaction, item: Mapping[str, Any]) -> int:
    """Store what an area is in charge of; give its number."""
    return int(
        tx.value(
            "INSERT INTO service_item (area_code, name, owner, legal_basis, admitted_on, ends_on,"
            " fields, needs)"
            " VALUES (:area_code, :name, :owner, :legal_basis, :admitted_on, :ends_on,"
            " :fields, :needs) ON CONFLICT (area_code, name) DO UPDATE SET owner = excluded.owner,"
            " legal_basis = excluded.legal_basis, ends_on = excluded.ends_on,"
            " admitted_on = excluded.admitted_on, fields = excluded.fields, needs = excluded.needs"
            " RETURNING id",
            **item,
        )
    )
