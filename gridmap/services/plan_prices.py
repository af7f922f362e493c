"""What one more bed and one reopened street would buy: computed after a draft is shown."""

from typing import Any

import geopandas as gpd

from geodata.evacuation_prices import prices
from gridmap.model.access import Scope
from gridmap.model.plan_options import read as options_of
from gridmap.services import plan_again
from gridmap.services import plan_inputs as reading
from gridmap.services.plan_engine import engine
from gridmap.services.plan_inputs import Inputs
from gridmap.services.plans import full_are_closed
from gridmap.services.progress import Progress
from gridmap.store import event, job, plan, plan_part
from gridmap.store.database import Database, Row, Transaction

KIND = "evacuation.prices"
STEPS = 3
_LIVE = ("drafted", "approved", "active")
_MOST = 40  # rows kept


def run(database: Database, row: Row, progress: Progress) -> None:
    """Price the beds and streets of a claimed plan; of one made from other data than now nothing.

    The prices are kept beside the sealed content of the plan: they change nothing of who goes
    where, and an order may be given before they are there.
    """
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    plan_id = int(row["arguments"]["plan"])
    progress.step(0, STEPS, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        found = plan.read(tx, plan_id)
        inputs = None if found is None or found["state"] not in _LIVE else _inputs(tx, found)
    if found is None or inputs is None or not _same(inputs, found):
        with database.transaction(scope) as tx:
            job.finish(tx, row["id"], row["token"], {"plan": plan_id, "prices": None}, None)
            if found is not None:
                _note(tx, row, plan_id, 0)
        return
    progress.step(1, STEPS, "network")
    network = inputs.network()
    progress.step(2, STEPS, "pricing")
    listed = prices(
        network,
        inputs.households,
        inputs.shelters,
        inputs.shape,
        blocked=inputs.blocked,
        options=engine(options_of(found["options"])),
        water=inputs.water,
    )
    rows = [_said(one) for one in _records(listed)[:_MOST]]
    with database.transaction(scope) as tx:
        now = plan.read(tx, plan_id)
        if now is not None and now["state"] in _LIVE:
            plan_part.put(tx, plan_id, row["area_code"], "prices", {"prices": rows})
        result = {"plan": plan_id, "prices": len(rows)}
        job.finish(tx, row["id"], row["token"], result, inputs.version)
        _note(tx, row, plan_id, len(rows))


def _same(inputs: Inputs, found: Row) -> bool:
    """Tell whether a plan was drafted from the data of now, as far as prices hang on them."""
    before = found["inputs"] or {}
    return all(before.get(layer) == now for layer, now in inputs.prints.items())


def _note(tx: Transaction, row: Row, plan_id: int, priced: int) -> None:
    event.record(
        tx,
        "plan.priced",
        area_code=row["area_code"],
        subject_id=plan_id,
        payload={"prices": priced, "exercise": plan.is_exercise(tx, plan_id)},
    )


def _inputs(tx: Transaction, found: Row) -> Inputs:
    """Read what the plan was made from; who is full takes as many as when it was made."""
    options = options_of(found["options"])
    inputs = reading.read(tx, int(found["hazard_id"]), found["area_code"], options)
    if found["replans"] is None:
        full_are_closed(tx, inputs)
    else:
        plan_again.fill_from(tx, inputs, int(found["replans"]))
    return inputs


def _records(listed: gpd.GeoDataFrame) -> list[tuple[dict[str, Any], Any]]:
    if listed.empty:
        return []
    shapes = listed.to_crs("EPSG:4326").geometry
    return list(zip(listed.drop(columns="geometry").to_dict("records"), shapes, strict=True))


def _said(one: tuple[dict[str, Any], Any]) -> dict[str, Any]:
    row, shape = one
    return {
        "kind": row["kind"],
        "label": str(row["label"]),
        "name": row["name"] if isinstance(row["name"], str) else None,
        "serves_people": int(row["serves_people"]),
        "saves_person_seconds": round(float(row["saves_person_seconds"]), 1),
        "geometry": _drawn(shape),
    }


def _drawn(shape: Any) -> dict[str, Any]:
    if shape.geom_type == "Point":
        return {"type": "Point", "coordinates": [round(shape.x, 6), round(shape.y, 6)]}
    parts = shape.geoms if hasattr(shape, "geoms") else [shape]
    return {
        "type": "MultiLineString",
        "coordinates": [[[round(x, 6), round(y, 6)] for x, y, *_ in one.coords] for one in parts],
    }
