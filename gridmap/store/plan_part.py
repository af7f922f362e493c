"""What was computed for a plan beside its ways: a document for each kind, the stops of tours."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from gridmap.store import frames
from gridmap.store.database import Row, Transaction


def save(
    tx: Transaction, plan_id: int, area_code: str, parts: Mapping[str, Mapping[str, Any]]
) -> None:
    """Keep the parts of a fresh draft."""
    for kind, content in sorted(parts.items()):
        tx.execute(
            "INSERT INTO plan_part (plan_id, area_code, kind, content)"
            " VALUES (:plan, :area, :kind, CAST(:content AS jsonb))",
            plan=plan_id,
            area=area_code,
            kind=kind,
            content=json.dumps(content, ensure_ascii=False, allow_nan=False),
        )


def put(tx: Transaction, plan_id: int, area_code: str, kind: str, content: Any) -> None:
    """Keep a part that is computed after the draft; made once more it replaces the older one."""
    tx.execute(
        "INSERT INTO plan_part (plan_id, area_code, kind, content)"
        " VALUES (:plan, :area, :kind, CAST(:content AS jsonb))"
        " ON CONFLICT (plan_id, area_code, kind) DO UPDATE SET content = EXCLUDED.content",
        plan=plan_id,
        area=area_code,
        kind=kind,
        content=json.dumps(content, ensure_ascii=False, allow_nan=False),
    )


def save_rows(tx: Transaction, table: str, plan_id: int, rows: pd.DataFrame) -> None:
    """Keep rows by household: `plan_stop` or `plan_change`."""
    kept = rows.reset_index(names="household_id")
    kept.insert(0, "plan_id", plan_id)
    frames.insert(tx, table, kept)


def read(tx: Transaction, plan_id: int) -> dict[str, dict[str, Any]]:
    """Give all parts of a plan by kind."""
    rows = tx.all(
        "SELECT kind, content FROM plan_part WHERE plan_id = :id ORDER BY kind", id=plan_id
    )
    return {row["kind"]: dict(row["content"]) for row in rows}


def points(tx: Transaction, plan_id: int) -> list[dict[str, Any]]:
    """Give the assembly points of a plan; none for one that has no such part."""
    found = tx.maybe(
        "SELECT content -> 'points' AS points FROM plan_part"
        " WHERE plan_id = :id AND kind = 'assembly'",
        id=plan_id,
    )
    return [] if found is None else list(found["points"] or [])


def pricing(tx: Transaction, plan_id: int) -> Row | None:
    """Give the `state` and `result` of the newest job that prices a plan; None without one."""
    return tx.maybe(
        "SELECT state, result FROM job WHERE kind = 'evacuation.prices'"
        " AND arguments ->> 'plan' = CAST(:id AS text) ORDER BY id DESC LIMIT 1",
        id=plan_id,
    )


def verdict(tx: Transaction, plan_id: int) -> dict[str, Any]:
    """Give what the checker said of a plan; nothing for one that was never checked."""
    found = tx.maybe(
        "SELECT content FROM plan_part WHERE plan_id = :id AND kind = 'verdict'", id=plan_id
    )
    return {} if found is None else dict(found["content"])


def stops(tx: Transaction, plan_id: int, english: bool = False, phones: bool = False) -> list[Row]:
    """Give who is fetched, in the order of the tours; then who is not."""
    phone = " h.phone," if phones else ""  # files of plans are to have none
    name = "coalesce(f.name_en, f.name)" if english else "f.name"
    return tx.all(
        "SELECT s.household_id, s.area_code, s.vehicle, s.tour, s.position, s.arrives_seconds,"
        " s.load, s.reason, CASE WHEN a.travel = 'walk_then_vehicle' THEN a.assembly END AS point,"
        f" h.address,{phone} a.people, a.shelter_id, {name} AS shelter"
        " FROM plan_stop AS s JOIN household AS h ON h.id = s.household_id"
        " JOIN assignment AS a ON a.plan_id = s.plan_id AND a.household_id = s.household_id"
        " LEFT JOIN facility AS f ON f.id = a.shelter_id WHERE s.plan_id = :id"
        " ORDER BY s.vehicle NULLS LAST, s.tour, s.position, s.household_id",
        id=plan_id,
    )


def changes(tx: Transaction, plan_id: int, english: bool) -> list[Row]:
    """Give who goes elsewhere than in the plan before, and why."""
    was, now = (
        f"coalesce({one}.name_en, {one}.name)" if english else f"{one}.name" for one in ("b", "f")
    )
    return tx.all(
        "SELECT c.household_id AS household, c.area_code AS grid, h.address, h.people, c.told,"
        f" c.why, c.before_shelter_id, {was} AS before, c.after_shelter_id, {now} AS after"
        " FROM plan_change AS c JOIN household AS h ON h.id = c.household_id"
        " LEFT JOIN facility AS b ON b.id = c.before_shelter_id"
        " LEFT JOIN facility AS f ON f.id = c.after_shelter_id"
        " WHERE c.plan_id = :id ORDER BY c.area_code, c.household_id",
        id=plan_id,
    )


def shelter_names(tx: Transaction) -> dict[str, str]:
    """Give the English name of each shelter that has one, by its own name."""
    rows = tx.all(
        "SELECT name, min(name_en) AS name_en FROM facility WHERE kind = 'shelter'"
        " AND name_en IS NOT NULL GROUP BY name"
    )
    return {str(row["name"]): str(row["name_en"]) for row in rows}
