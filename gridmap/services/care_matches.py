"""Services wanted and offered, brought together by a worker; kept with what they came from."""

from collections.abc import Iterable
from typing import Any

import geopandas as gpd

from geodata.care_matching import UNMET, Matching, match
from geodata.network import Network
from gridmap.model.access import Permission, Scope
from gridmap.model.problem import conflict, not_found
from gridmap.services.access import Viewer
from gridmap.services.care_areas import LEVELS, chosen, named
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.store import (
    area,
    care_run,
    closure,
    event,
    job,
    service_offer,
    service_request,
    street,
    version,
)
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import care

KIND = "care.match"


def request(database: Database, scope: Scope, area_code: str) -> int:
    """Ask for a run; give the id of its job.

    Raises
    ------
    Problem
        404 if the area is not there, or not for this person.
    """
    with database.transaction(scope) as tx:
        area.read(tx, area_code)
        return job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=area_code,
            arguments={"area": area_code},
            analysis=f"{KIND} {area_code}",
        )


def run(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed run: read a snapshot, compute with no connection held, save in one go."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    code = row["arguments"]["area"]
    progress.step(0, 3, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        roads = street.roads(tx, code)
        wishes = service_request.for_matching(tx, code)
        offers = service_offer.for_matching(tx, code)
        shut = closure.in_force(tx, code)
        read = version.of(tx, care_run.INPUT_LAYERS)
    if roads.empty:
        raise conflict("there are no streets yet: run `gridmap import roads FILE` first")
    progress.step(1, 3, "reaching")
    streets = Network.from_roads(roads, profile="walk")
    if len(shut):
        # nobody is sent down a street that is closed today, nor through high water
        streets = streets.close(shut)
    found = match(streets, wishes, offers)
    progress.step(2, 3, "saving")
    _save(database, scope, row, read, wishes, found)


def _save(  # noqa: PLR0913, PLR0917 - the parts of a run
    database: Database,
    scope: Scope,
    row: Row,
    read: str,
    wishes: gpd.GeoDataFrame,
    found: Matching,
) -> None:
    matches = wishes[["area_code", "household_id", "service"]].assign(
        offer_id=found.requests["offer"].astype("Int64"),
        metres=found.requests["metres"].round(1),
        reason=found.requests["reason"],
    )
    totals = {
        "open": len(found.requests),
        "could": int(found.requests["reason"].isna().sum()),
        "households": int(wishes["household_id"].nunique()),
        "offers": len(found.offers),
        "capacity": int(found.offers["used"].sum() + found.offers["left"].sum()),
        "left": int(found.offers["left"].sum()),
        **{why: int((found.requests["reason"] == why).sum()) for why in UNMET},
    }
    offers = [
        {"offer": int(label), "used": int(used), "left": int(left), "reason": why}
        for label, used, left, why in zip(
            found.offers.index,
            found.offers["used"],
            found.offers["left"],
            found.offers["reason"],
            strict=True,
        )
    ]
    with database.transaction(scope) as tx:
        run_id = care_run.save(
            tx,
            area_code=row["area_code"],
            job_id=row["id"],
            input_version=read,
            totals=totals,
            offers=offers,
            matches=matches,
        )
        job.finish(tx, row["id"], row["token"], {"run": run_id, **totals}, read)
        event.record(
            tx,
            "care.matched",
            area_code=row["area_code"],
            subject_id=run_id,
            payload={"run": run_id, "open": totals["open"], "could": totals["could"]},
        )


def newest(database: Database, viewer: Viewer, area_code: str | None) -> dict[str, Any]:
    """Give the newest run of an area with its totals; `run` is None where there is none yet.

    Raises
    ------
    Problem
        404 for an area that is not this person's.
    """
    code = chosen(viewer, area_code, Permission.COVERAGE_VIEW)
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW)) as tx:
        row = care_run.latest(tx, code)
        found = None if row is None else _described(tx, row)
    return {"area": code, "run": found}


def _described(tx: Transaction, row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "area": row["area_code"],
        "totals": row["totals"],
        "input_version": row["input_version"],
        "stale": not version.still(tx, row["input_version"]),
        "created_at": row["created_at"].isoformat(),
    }


def _read(tx: Transaction, run_id: int) -> Row:
    row = care_run.read(tx, run_id)
    if row is None:
        raise not_found(f"run of care {run_id}")
    return row


def areas(
    database: Database, viewer: Viewer, run_id: int, level: str, *, english: bool
) -> dict[str, Any]:
    """Sum a run up by area and service, the areas with most wishes that nobody meets first.

    Raises
    ------
    Problem
        404 if there is no such run; 409 if a later one has taken the place of its details.
    """
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW), snapshot=True) as tx:
        row = _read(tx, run_id)
        if not care_run.is_newest(tx, row):
            raise conflict(f"run of care {run_id} has a later one")
        length = LEVELS[level]
        open_ = care_run.by_area(tx, run_id, length)
        met = service_request.met(tx, row["area_code"], length)
        names = care.names(tx, row["area_code"])
        run = _described(tx, row)
    together: dict[str, dict[str, dict[str, int]]] = {}
    for each in (*open_, *met):
        figures = {name: value for name, value in each.items() if name not in ("code", "service")}
        held = together.setdefault(each["code"], {}).setdefault(each["service"], {})
        held.update(figures)
    rows = [
        {**named(code, level, names, english=english), **_summed(services.values())}
        | {"services": [{"service": name, **_summed([one])} for name, one in services.items()]}
        for code, services in together.items()
    ]
    rows.sort(key=lambda each: (-each["unmet"], -each["open"], each["code"]))
    total = _by_service(together.values())
    return {"run": run, "level": level, "services": total, "rows": rows}


def _summed(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    parts = list(parts)
    names = ("met", "open", "could", *UNMET)
    found = {name: sum(part.get(name, 0) for part in parts) for name in names}
    wanted, unmet = found["met"] + found["open"], found["open"] - found["could"]
    return {"wanted": wanted, "unmet": unmet, **found}


def _by_service(areas_: Iterable[dict[str, dict[str, int]]]) -> list[dict[str, Any]]:
    together: dict[str, list[dict[str, int]]] = {}
    for services in areas_:
        for name, figures in services.items():
            together.setdefault(name, []).append(figures)
    found = [{"service": name, **_summed(parts)} for name, parts in together.items()]
    return sorted(found, key=lambda each: (-each["unmet"], -each["open"], each["service"]))


def unused(database: Database, viewer: Viewer, run_id: int) -> dict[str, Any]:
    """List the offers of a run with what nobody uses, the largest remainder first.

    Raises
    ------
    Problem
        404 if there is no such run.
    """
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW), snapshot=True) as tx:
        row = _read(tx, run_id)
        run = _described(tx, row)
        known = {each["id"]: each for each in service_offer.listing(tx, row["area_code"])}
    found = [
        {
            **each,
            **{
                name: known[each["offer"]][name]
                for name in ("name", "provider", "services", "capacity", "reach_metres", "met")
            },
            "at": _at(known[each["offer"]]),
        }
        for each in row["offers"]
        if each["offer"] in known
    ]
    found.sort(key=lambda each: (-each["left"], each["name"], each["offer"]))
    return {"run": run, "offers": found}


def _at(row: Row) -> list[float] | None:
    return None if row["lon"] is None else [round(row["lon"], 6), round(row["lat"], 6)]
