"""Warnings as they are shown: lists, one with its chain, and the message itself."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import not_found
from gridmap.store import alert
from gridmap.store.database import Database, Transaction

_LISTED = 200
# of these a person makes a hazard; a test, a draft and what systems say to each other are none
DECLARABLE = ("Actual", "Exercise")


def listing(database: Database, scope: Scope, *, in_force: bool) -> list[dict[str, Any]]:
    """Give the newest warnings of a person's county."""
    with database.transaction(scope, snapshot=True) as tx:
        return [head(row, scope) for row in alert.listing(tx, _LISTED, in_force=in_force)]


def show(database: Database, scope: Scope, alert_id: int) -> dict[str, Any]:
    """Give one warning with all its fields and the chain it belongs to.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        return shown(tx, alert_id)


def document(database: Database, scope: Scope, alert_id: int) -> tuple[str, str]:
    """Give identifier and text of a message as it came or went out.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row = alert.document(tx, alert_id)
    if row is None:
        raise not_found(f"warning {alert_id}")
    return str(row["identifier"]), str(row["document"])


def shown(tx: Transaction, alert_id: int) -> dict[str, Any]:
    """Give one warning with all its fields in a transaction that is open (404)."""
    row = alert.read(tx, alert_id)
    if row is None:
        raise not_found(f"warning {alert_id}")
    return {
        **head(row, tx.scope),
        "description": row["description"],
        "instruction": row["instruction"],
        "reason": row["reason"],
        "by": row["by"],
        "geometry": None if row["geometry"] is None else json.loads(row["geometry"]),
        "chain": [head(each, tx.scope) for each in alert.chain(tx, alert_id)],
    }


def _asks(row: Mapping[str, Any]) -> str | None:
    """Say what a message from elsewhere leaves to a person: to adjust a hazard, or to lift it."""
    waits = row["direction"] == "received" and row["hazard_state"] == "declared"
    if not waits or row["state"] != "current":
        return None
    if row["msg_type"] == "Cancel":
        return "lift"
    late = row["msg_type"] == "Update" and row["hazard_changed_at"] < row["made_at"]
    return "adjust" if late else None


def head(row: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """Give what a list shows of a warning."""
    heeded = row["msg_type"] in ("Alert", "Update") and row["status"] in DECLARABLE
    current = row["state"] == "current"
    own = any(row["area_code"].startswith(area_code) for area_code in scope.areas)
    return {
        **{
            name: row[name]
            for name in (
                "id", "direction", "status", "msg_type", "identifier", "sender", "class", "kind",
                "event", "category", "severity", "headline", "issuer", "area_desc", "state",
                "followed_by", "notes", "refers_to", "expired", "has_area",
            )
        },
        "area": row["area_code"],
        "hazard": row["hazard_id"],
        "hazard_state": row["hazard_state"],
        "asks": _asks(row) if own else None,
        "exercise": row["status"] == "Exercise",
        "in_force": heeded and current and not row["expired"],
        "can_declare": heeded and current and not row["expired"] and own
        and row["direction"] == "received" and row["hazard_id"] is None and row["has_area"],
        "sent": row["sent"].isoformat(),
        "starts_at": row["starts_at"].isoformat(),
        "expires_at": None if row["expires_at"] is None else row["expires_at"].isoformat(),
        "age_seconds": max(0, round((datetime.now(UTC) - row["made_at"]).total_seconds())),
    }  # fmt: skip
