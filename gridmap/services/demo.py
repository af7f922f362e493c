"""The demo: load a town once; the workers draw its grids, find its gaps and plan the way out."""

from dataclasses import replace
from importlib.resources import as_file, files
from typing import Any

from shapely.geometry.base import BaseGeometry

from geodata import demo as towns
from gridmap.model.access import system_scope
from gridmap.model.problem import bad_input
from gridmap.services import (
    accounts,
    coverage,
    coverage_standards,
    demo_care,
    demo_sensors,
    demo_services,
    grids,
    plan_templates,
    plans,
)
from gridmap.services.import_addresses import building_keys
from gridmap.services.imports import Told, bring_in
from gridmap.services.jobs import wait
from gridmap.services.progress import Progress, Silent
from gridmap.store import area, area_office, event, hazard, team, town, town_emergency, user
from gridmap.store import coverage as coverage_rows
from gridmap.store import grid as grid_rows
from gridmap.store import plan as plan_rows
from gridmap.store.database import Database, Transaction


def load(
    database: Database, name: str, progress: Progress, seed: int | None = None
) -> dict[str, Any]:
    """Bring a demo town up; what is there already is left as it is.

    The town itself comes in as one transaction. Grids, coverage and plan are asked for as jobs:
    workers have to be running.

    Returns
    -------
    dict
        `town`, `area`, `accounts`, `grids`, `coverage` (standard to run), `plans` (hazard to
        plan).

    Raises
    ------
    Problem
        400 for a town that does not exist; 500 if a job failed.
    """
    if name not in towns.names():
        raise bad_input(f"no demo town {name!r}; there are {', '.join(towns.names())}")
    steps = 6
    progress.step(0, steps, "town")
    county = _load_base(database, name, seed)
    progress.step(1, steps, "grids")
    _draw_grids(database, name, county)
    progress.step(2, steps, "incidents")
    names = _load_incidents(database, name, county, seed)
    demo_care.load(database, county)
    demo_services.load(database, county)
    demo_sensors.load(database, county)
    progress.step(3, steps, "coverage")
    runs = _compute_coverage(database, county)
    progress.step(4, steps, "plans")
    drafted = _draft_plans(database, county)
    progress.step(steps, steps, "done")
    with database.transaction(system_scope()) as tx:
        count = len(grid_rows.in_force(tx, county))
    return {
        "town": name,
        "area": county,
        "accounts": names,
        "grids": count,
        "coverage": runs,
        "plans": drafted,
    }


def _build(name: str, seed: int | None) -> towns.Town:
    return towns.town(name) if seed is None else towns.town(name, seed=seed)


def _load_base(database: Database, name: str, seed: int | None) -> str:
    with database.transaction(system_scope()) as tx:
        known = town.loaded(tx, name)
    if known is not None:
        return str(known["area_code"])
    made = _build(name, seed)
    with database.transaction(system_scope()) as tx:
        _insert(tx, name, made)
        event.record(
            tx,
            "town.loaded",
            area_code=made.county_code,
            subject_id=name,
            payload={"households": len(made.households)},
        )
    return made.county_code


def _insert(tx: Transaction, name: str, made: towns.Town) -> None:
    code = made.county_code
    town.insert_town(
        tx,
        area_code=code,
        key=name,
        titles=(made.title_zh, made.title_en),
        notices=(made.notice_zh, made.notice_en),
        attribution=made.attribution,
        bounds=made.bounds,
        center=made.center,
        demo=True,
    )
    town.insert_areas(tx, made.areas)
    town.insert_roads(tx, made.roads, code)
    town.insert_ground(tx, "water", made.water, code, "water")
    town.insert_ground(tx, "green", made.green, code, "park")
    places = getattr(made, "places", None)
    if places is not None:
        town.insert_places(tx, places, code)
    buildings = town.insert_buildings(tx, made.buildings, building_keys(made.buildings))
    communities = made.buildings.set_index("id")["community"]
    households = made.households.assign(community=made.households["building"].map(communities))
    ids = town.insert_households(tx, households, buildings)
    town.insert_needs(tx, made.needs, ids, households.set_index("id")["community"])
    facilities = town.insert_facilities(tx, made.facilities, code)
    town.insert_responders(tx, made.responders, facilities, code)
    coverage_standards.seed(tx, code)
    plan_templates.start(tx, code)
    area_office.seed_demo(tx, code)


def _bring_roster(database: Database, name: str, county: str) -> None:
    """Bring in a roster of people whose addresses no building has: they wait to be placed."""
    with as_file(files("geodata.demo").joinpath(f"{name}_roster.csv")) as path:
        bring_in(database, system_scope(), Told("households", path), county, Silent())


def _draw_grids(database: Database, name: str, county: str) -> None:
    with database.transaction(system_scope()) as tx:
        wanted = set(area.communities(tx, county).index)
        taken = grid_rows.communities_with_grids(tx, county)
    if wanted - taken:
        # before the grids, and so once only: what people do to these households later stays
        _bring_roster(database, name, county)
        wait(database, system_scope(), grids.request(database, system_scope(), county))
        with database.transaction(system_scope()) as tx:
            # a town that was cut into grids this morning would have no yesterday to look at
            grid_rows.begin_with_the_year(tx, county)


def _load_incidents(database: Database, name: str, county: str, seed: int | None) -> list[str]:
    with database.transaction(system_scope()) as tx:
        there = bool(hazard.listing(tx))
        first = area.communities(tx, county).index[0]
        names = accounts.create_demo_accounts(tx, county, str(first))
    if there:
        return names
    made = _build(name, seed)
    with database.transaction(system_scope()) as tx:
        town_emergency.appoint_members(tx, made.members)
        codes = [_area_of(tx, shape, county) for shape in made.hazards.geometry]
        town_emergency.insert_hazards(tx, made.hazards, codes)
        count = town_emergency.insert_incidents(tx, made.incidents, county)
        _join_team(tx, county)
        for row in hazard.listing(tx):
            event.record(
                tx,
                "hazard.declared",
                area_code=row["area_code"],
                subject_id=row["id"],
                payload={"exercise": False},
            )
        event.record(
            tx,
            "incidents.loaded",
            area_code=county,
            subject_id=name,
            payload={"incidents": count},
        )
    return names


def _join_team(tx: Transaction, county: str) -> None:
    """Let the demo's unit work for the team that has most to do, so that it has work to look at."""
    unit = user.by_name(tx, "unit")
    busy = town_emergency.team_in_need(tx, county)
    if unit is not None and unit["team_id"] is None and busy is not None:
        team.put(tx, unit["id"], busy)


def _area_of(tx: Transaction, shape: BaseGeometry, county: str) -> str:
    return area.smallest_around(tx, shape.wkb) or county


def _compute_coverage(database: Database, county: str) -> dict[str, int]:
    with database.transaction(system_scope()) as tx:
        keys = coverage_standards.keys(tx, county)
        missing = [key for key in keys if coverage_rows.latest(tx, key, county) is None]
    asked = [coverage.request(database, system_scope(), key, county) for key in missing]
    for job_id in asked:
        wait(database, system_scope(), job_id)
    with database.transaction(system_scope()) as tx:
        found = {key: coverage_rows.latest(tx, key, county) for key in keys}
    return {key: int(row["id"]) for key, row in found.items() if row is not None}


def _draft_plans(database: Database, county: str) -> dict[str, int]:
    drafted: dict[str, int] = {}
    with database.transaction(system_scope()) as tx:
        hazards = [row["id"] for row in hazard.listing(tx) if row["area_code"].startswith(county)]
        known = {row: plan_rows.newest_of(tx, row) for row in hazards}
        asking = user.by_name(tx, "officer")
    # an order to leave takes two people: the officer asks, so that the commander may approve
    scope = replace(system_scope(), user_id=None if asking is None else asking["id"])
    for hazard_id, row in known.items():
        if row is not None and row["state"] != "failed":
            drafted[str(hazard_id)] = int(row["id"])
            continue
        plan_id, job_id = plans.request(database, scope, hazard_id)
        wait(database, system_scope(), job_id)
        drafted[str(hazard_id)] = plan_id
    return drafted
