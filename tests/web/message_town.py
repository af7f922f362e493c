"""An evacuation of the small town for tests of messages: plans of one's own making, set going."""

from __future__ import annotations

import json
from typing import Any

from webtown import COUNTY, token_of

from gridmap.model.access import Scope, system_scope
from gridmap.store import plan as rows
from gridmap.store import plan_inputs, plan_order
from gridmap.store.database import Database as Store

GRIDS = {"h1": "990101001001001", "h2": "990101001001001", "h3": "990101001001002"}


def value(store: Store, sql: str, **values: object) -> Any:
    with store.transaction(system_scope()) as tx:
        return tx.value(sql, **values)


def rows_of(store: Store, sql: str, **values: object) -> list[dict[str, Any]]:
    with store.transaction(system_scope()) as tx:
        return [dict(row) for row in tx.all(sql, **values)]


def change(store: Store, sql: str, **values: object) -> int:
    with store.transaction(system_scope()) as tx:
        return tx.execute(sql, **values)


def prepared(store: Store, people: dict[str, int]) -> None:
    """Give the town who can be told: a member's number and account, a keeper, an English reader."""
    change(
        store,
        "UPDATE grid_member SET phone = '138 0000 0001', user_id = :user"
        " WHERE area_code = '990101001001001'",
        user=people["member"],
    )
    change(
        store,
        "UPDATE shelter SET keeper = '钱某', keeper_phone = '13800000009',"
        " keeper_mail = 'keeper@town.example'",
    )
    change(
        store,
        "INSERT INTO area_office (area_code, name, mail) VALUES ('990101', '县值班室',"
        " 'duty@county.example') ON CONFLICT (area_code) DO UPDATE SET mail = excluded.mail",
    )
    change(store, "UPDATE app_user SET language = 'en' WHERE name = 'commander'")


def hazard(store: Store, *, exercise: bool = False, kind: str = "flood") -> int:
    return int(
        value(
            store,
            "INSERT INTO hazard (area_code, kind, name, severity, exercise, geom) VALUES"
            " ('990101', :kind, '湖水上涨', 'orange', :exercise,"
            "  ST_Multi(ST_MakeEnvelope(114.403, 30.509, 114.416, 30.512, 4326))) RETURNING id",
            kind=kind,
            exercise=exercise,
        )
    )


def draft(
    store: Store,
    people: dict[str, int],
    hazard_id: int,
    waves: dict[str, int | None],
    north: float | None = None,
) -> int:
    """Store a draft asked for by the officer: household -> wave, None for one without a place.

    The way of h1 goes by a street so far north, where one is given.
    """
    with store.transaction(Scope((COUNTY,), people["officer"])) as tx:
        plan_id = rows.start(tx, hazard_id, COUNTY, {})
        tx.execute(
            "UPDATE plan SET state = 'drafted', drafted_at = now(), input_version = 'road.1',"
            " totals = '{}', inputs = CAST(:prints AS jsonb) WHERE id = :id",
            id=plan_id,
            prints=json.dumps(plan_inputs.prints(tx, hazard_id, COUNTY)),
        )
        for household, wave in waves.items():
            tx.execute(
                "INSERT INTO assignment (plan_id, household_id, area_code, people, shelter_id,"
                " seconds, metres, wave, reason, departs_seconds) SELECT :id, h.id, h.area_code,"
                " h.people, CASE WHEN :served THEN f.id END, CASE WHEN :served THEN 600 END,"
                " CASE WHEN :served THEN 140 END, :wave,"
                " CASE WHEN :served THEN NULL ELSE 'full' END,"
                " CASE WHEN :served THEN 60 * CAST(:wave AS int) END"
                " FROM household h, facility f WHERE f.source_key = 'f2' AND h.source_key = :key",
                id=plan_id,
                served=wave is not None,
                wave=wave,
                key=household,
            )
        if north is not None:
            tx.execute(
                "INSERT INTO route (plan_id, household_id, area_code, mode, seconds, metres, geom)"
                " SELECT :plan, id, area_code, 'walk', 600, 140,"
                " ST_MakeLine(ARRAY[geom, ST_SetSRID(ST_MakePoint(114.41, :north), 4326)])"
                " FROM household WHERE source_key = 'h1'",
                plan=plan_id,
                north=north,
            )
        plan_order.seal(tx, plan_id)
    return plan_id


def step(client: Any, plan_id: int, verb: str, body: dict[str, Any] | None = None) -> Any:
    head = client.get(f"/api/plans/{plan_id}").get_json()
    given = dict(body or {})
    if verb == "approve":
        given |= {"check": head["check"], "reason": "测试"}
    headers = {"X-CSRFToken": token_of(client), "If-Match": f'"{head["revision"]}"'}
    return client.post(f"/api/plans/{plan_id}/{verb}", json=given, headers=headers)


def active(
    store: Store,
    people: dict[str, int],
    commander: Any,
    hazard_id: int,
    waves: dict[str, int | None],
    north: float | None = None,
) -> int:
    """Draft, approve and set going; give the plan."""
    plan_id = draft(store, people, hazard_id, waves, north)
    assert step(commander, plan_id, "approve").status_code == 200
    answer = step(commander, plan_id, "activate")
    assert answer.status_code == 200, answer.get_json()
    return plan_id


def told(store: Store, about: str) -> list[dict[str, Any]]:
    return rows_of(store, "SELECT * FROM message WHERE about = :about ORDER BY id", about=about)
