"""Search by grid code, address or name, within what the person may see."""

from typing import Any

from gridmap.model.access import Permission
from gridmap.services.access import Viewer
from gridmap.store import search
from gridmap.store.database import Database, Row

_MOST = 30


def find(database: Database, viewer: Viewer, text: str, *, english: bool) -> list[dict[str, Any]]:
    """Find what the text names; addresses of households only for those who may see them."""
    words = text.strip()
    with database.transaction(viewer.scope(Permission.MAP_VIEW)) as tx:
        rows = search.find(tx, words, english=english)
    if viewer.may(Permission.HOUSEHOLD_VIEW):
        with database.transaction(viewer.scope(Permission.HOUSEHOLD_VIEW)) as tx:
            rows += search.addresses(tx, words)
    rows.sort(key=lambda row: (row["rank"], row["kind"] != "grid", row["kind"], row["title"]))
    return [_result(row) for row in rows[:_MOST]]


def _result(row: Row) -> dict[str, Any]:
    shown = ("kind", "title", "subtitle", "ref")
    place = {"lon": round(row["lon"], 6), "lat": round(row["lat"], 6)}
    return {name: row[name] for name in shown} | place
