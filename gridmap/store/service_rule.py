"""Which needs want which services, and how much time visits may ask of a grid's members."""

from collections.abc import Mapping
from typing import Any

from gridmap.store.database import Row, Transaction


def rules(tx: Transaction) -> list[Row]:
    """List every rule in scope: need, service, area."""
    return tx.all(
        "SELECT area_code, need, service, active, source, updated_at FROM service_rule"
        " ORDER BY need, service, area_code"
    )


def put(tx: Transaction, rule: Mapping[str, Any]) -> None:
    """Store a rule of an area: new, or in place of what it has."""
    tx.execute(
        "INSERT INTO service_rule (area_code, need, service, active, source)"
        " VALUES (:area_code, :need, :service, :active, :source)"
        " ON CONFLICT (area_code, need, service) DO UPDATE SET active = excluded.active,"
        " source = excluded.source, updated_at = now()",
        **rule,
    )


def loads(tx: Transaction) -> list[Row]:
    """List the rules of load in scope, by area."""
    return tx.all(
        "SELECT area_code, visit_minutes, weekly_hours, source, updated_at FROM care_load_rule"
        " ORDER BY area_code"
    )


def put_load(tx: Transaction, rule: Mapping[str, Any]) -> None:
    """Store the rule of load of an area: new, or in place of what it has."""
    tx.execute(
        "INSERT INTO care_load_rule (area_code, visit_minutes, weekly_hours, source)"
        " VALUES (:area_code, :visit_minutes, :weekly_hours, :source)"
        " ON CONFLICT (area_code) DO UPDATE SET visit_minutes = excluded.visit_minutes,"
        " weekly_hours = excluded.weekly_hours, source = excluded.source, updated_at = now()",
        **rule,
    )
