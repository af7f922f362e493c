"""What if a street closes, an engine moves, a shelter is added: answered, and nothing changed."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.network import Network
from gridmap.model.access import Scope
from gridmap.model.coverage_changes import Changes, Place
from gridmap.model.problem import bad_input
from gridmap.problems import bad_values, fault
from gridmap.services import coverage_ground as ground
from gridmap.services.coverage_inputs import Inputs
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.store import coverage as rows
from gridmap.store import coverage_ground, job
from gridmap.store.closure import HALF_METRES
from gridmap.store.database import Database, Row, Transaction

KIND = "coverage.what_if"
MOST_LISTED = 5_000  # households named in a result; the others are counted
_AREA = 2  # dimensions
_SAME_PLACE = 1e-6  # degrees: a tenth of a metre is no move


def request(  # noqa: PLR0913 - what is asked, of whom
    database: Database,
    scope: Scope,
    standard_key: str,
    area_code: str,
    changes: Changes,
    limit: float | None = None,
) -> int:
    """Ask what changes would mean; give the id of the job that answers.

    Raises
    ------
    Problem
        As `coverage_ground.standard_for`; 400 if nothing is changed, a facility is not one of
        the standard or named twice, or a place lies in water or outside the county.
    """
    with database.transaction(scope) as tx:
        standard = ground.standard_for(tx, standard_key, area_code, limit)
        _check(tx, standard, area_code, changes)
        return job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=area_code,
            arguments={
                "standard": standard_key,
                "area": area_code,
                "limit": limit,
                "changes": changes.stored(),
            },
        )


def _check(tx: Transaction, standard: Row, area_code: str, changes: Changes) -> None:
    if not changes:
        raise bad_input("nothing would change")
    known = rows.facilities(tx, area_code, list(standard["facility_kinds"]))
    faults = [*_facility_faults(changes, known), *_place_faults(tx, area_code, changes)]
    if standard["capacity"]:
        faults += [
            fault(f"added.{at}.capacity", "a number of people is needed")
            for at, each in enumerate(changes.added)
            if each.capacity is None
        ]
    if faults:
        raise bad_values(faults)


def _facility_faults(changes: Changes, known: gpd.GeoDataFrame) -> list[dict[str, str]]:
    named = [(f"moved.{at}.facility", each.facility) for at, each in enumerate(changes.moved)]
    named += [(f"off.{at}", each) for at, each in enumerate(changes.off)]
    faults, seen = [], set()
    for place, facility in named:
        if facility in seen:
            faults.append(fault(place, f"facility {facility} is named twice"))
        elif facility not in known.index:
            faults.append(fault(place, f"there is no facility {facility} of this standard"))
        seen.add(facility)
    for at, each in enumerate(changes.moved):
        if each.facility in known.index:
            here = known.geometry.loc[each.facility]
            if np.hypot(here.x - each.to[0], here.y - each.to[1]) < _SAME_PLACE:
                faults.append(fault(f"moved.{at}.to", "it stands there already"))
    return faults


def _place_faults(tx: Transaction, area_code: str, changes: Changes) -> list[dict[str, str]]:
    spots: list[tuple[str, Place]] = [
        *((f"moved.{at}.to", each.to) for at, each in enumerate(changes.moved)),
        *((f"added.{at}.at", each.at) for at, each in enumerate(changes.added)),
    ]
    words = {"outside": "outside the county", "water": "this is in water"}
    parts = coverage_ground.county_parts(tx, area_code, [spot for _, spot in spots])
    faults = [
        fault(place, words[part])
        for (place, _), part in zip(spots, parts, strict=True)
        if part in words
    ]
    shapes = [shapely.geometry.shape(dict(each)).wkb for each in changes.closed]
    met = coverage_ground.meeting_county(tx, area_code, shapes)
    return faults + [
        fault(f"closed.{at}", "outside the county") for at, one in enumerate(met) if not one
    ]


def run(database: Database, row: Row, progress: Progress) -> None:
    """Answer a claimed question: a snapshot is read, the answer is the job's result."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    arguments: Mapping[str, Any] = row["arguments"]
    started = time.monotonic()
    progress.step(0, 4, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        inputs = ground.read(tx, arguments["standard"], arguments["area"], arguments["limit"])
    progress.step(1, 4, "network")
    streets = ground.network(inputs)
    progress.step(2, 4, "reaching")
    result = compare(streets, inputs, Changes.read(arguments["changes"]))
    progress.step(3, 4, "saving")
    result = {"what_if": True, **ground.head(inputs, arguments), **result}
    result["seconds"] = round(time.monotonic() - started, 3)
    with database.transaction(scope) as tx:
        job.finish(tx, row["id"], row["token"], result, inputs.version)


def compare(streets: Network, inputs: Inputs, changes: Changes) -> dict[str, Any]:
    """Answer before and after changes, and say where they differ."""
    closed, moved, added = applied(streets, inputs, changes)
    before = ground.answered(streets, inputs)
    after = ground.answered(closed, moved)
    kind = _differences(before, after)
    return {
        "changes": changes.stored(),
        "before": ground.totals(inputs, before),
        "after": ground.totals(moved, after),
        "streets_closed": int((streets.opened & ~closed.opened).sum()),
        "facilities": _facilities(inputs, before, after, changes, added),
        "grids": _by_grid(before, after),
        "counts": {name: int((kind == name).sum()) for name in ("lost", "gained", "moved")},
        "households": _listed(inputs.households, kind),
    }


def applied(
    streets: Network, inputs: Inputs, changes: Changes
) -> tuple[Network, Inputs, list[int]]:
    """Give the streets and the inputs as they would be, and the labels of what is added."""
    facilities = inputs.facilities.copy()
    for each in changes.moved:
        facilities.loc[[each.facility], "geometry"] = gpd.GeoSeries(
            [shapely.Point(each.to)], index=[each.facility], crs=facilities.crs
        )
    facilities.loc[facilities.index.isin(changes.off), "open"] = False
    first = int(facilities.index.max()) + 1 if len(facilities) else 1
    added = list(range(first, first + len(changes.added)))
    if added:
        facilities = _with(facilities, changes, added)
    return _closed(streets, changes), replace(inputs, facilities=facilities), added


def _with(facilities: gpd.GeoDataFrame, changes: Changes, labels: list[int]) -> gpd.GeoDataFrame:
    new = gpd.GeoDataFrame(
        {
            name: pd.Series(
                [_value(str(name), each.capacity) for each in changes.added],
                index=labels,
                dtype=facilities[name].dtype if name == "open" else object,
            )
            for name in facilities.columns
            if name != "geometry"
        },
        geometry=gpd.GeoSeries(
            [shapely.Point(each.at) for each in changes.added], index=labels, crs=facilities.crs
        ),
    )
    if not len(facilities):
        return new
    held = facilities.astype({name: object for name in new.columns if new[name].dtype == object})
    return gpd.GeoDataFrame(pd.concat([held, new]), crs=facilities.crs)


def _value(column: str, capacity: int | None) -> Any:
    """Give what an added facility has in a column: open, its room, and nothing else known."""
    return {"open": True, "capacity": capacity}.get(column)


def _closed(streets: Network, changes: Changes) -> Network:
    if not changes.closed:
        return streets
    shapes = [shapely.geometry.shape(dict(each)) for each in changes.closed]
    closes = ["all" if changes.bridges else "ground"] * len(shapes)
    drawn = gpd.GeoDataFrame({"closes": closes}, geometry=shapes, crs="EPSG:4326")
    metric = drawn.to_crs(streets.metric)
    thin = (shapely.get_dimensions(metric.geometry.to_numpy()) < _AREA).tolist()
    # as wide as a street that is closed in earnest
    metric.loc[thin, metric.geometry.name] = metric.geometry[thin].buffer(HALF_METRES)
    return streets.close(metric)


def _differences(before: pd.DataFrame, after: pd.DataFrame) -> "pd.Series[Any]":
    """Say of every household whether it loses or gains cover, or is covered from elsewhere."""
    held, holds = before["covered"].to_numpy(), after["covered"].to_numpy()
    other = (before["facility_id"].fillna(-1) != after["facility_id"].fillna(-1)).to_numpy()
    kind = np.full(len(before), "", dtype=object)
    kind[held & holds & other] = "moved"
    kind[held & ~holds] = "lost"
    kind[~held & holds] = "gained"
    return pd.Series(kind, index=before.index)


def _by_grid(before: pd.DataFrame, after: pd.DataFrame) -> list[dict[str, Any]]:
    """Count by grid how many are not reached, those that change most first."""
    frame = pd.DataFrame(
        {
            "code": before["area_code"].astype(str),
            "before": ~before["covered"],
            "after": ~after["covered"],
            "lost": before["covered"] & ~after["covered"],
            "gained": ~before["covered"] & after["covered"],
        }
    )
    sums = frame.groupby("code").agg(
        households=("before", "size"),
        before=("before", "sum"),
        after=("after", "sum"),
        lost=("lost", "sum"),
        gained=("gained", "sum"),
    )
    sums["weight"] = sums["lost"] + sums["gained"]
    ordered = sums.sort_values(["weight", "after"], ascending=False, kind="stable")
    return [
        {
            "code": str(code),
            "label": label(str(code)),
            **{name: int(each[name]) for name in sums.columns if name != "weight"},
        }
        for code, each in ordered.iterrows()
    ]


def label(code: str) -> str:
    """Give the code of a grid as it is written on maps."""
    return f"{code[9:12]}-{code[12:15]}" if len(code) == 15 else code


def _facilities(
    inputs: Inputs,
    before: pd.DataFrame,
    after: pd.DataFrame,
    changes: Changes,
    added: list[int],
) -> list[dict[str, Any]]:
    """Say of everything that was changed how many households it covers before and after."""
    people = inputs.households["people"]
    changed = [(each.facility, "moved") for each in changes.moved]
    changed += [(each, "off") for each in changes.off] + [(each, "added") for each in added]
    found = []
    for facility, change in changed:
        was, now = (
            answer["covered"] & answer["facility_id"].eq(facility).fillna(value=False)
            for answer in (before, after)
        )
        name = inputs.facilities["name"].get(facility)
        found.append(
            {
                "id": None if change == "added" else facility,
                "number": added.index(facility) + 1 if change == "added" else None,
                "name": name if isinstance(name, str) else None,
                "change": change,
                "households_before": int(was.sum()),
                "households_after": int(now.sum()),
                "people_before": int(people[was].sum()),
                "people_after": int(people[now].sum()),
            }
        )
    return found


def _listed(households: gpd.GeoDataFrame, kind: "pd.Series[Any]") -> list[list[Any]]:
    """Name households that change, those who lose cover first, up to `MOST_LISTED`."""
    order = [kind.index[kind == name] for name in ("lost", "gained", "moved")]
    chosen = order[0].append(order[1:])[:MOST_LISTED]
    points = households.geometry.loc[chosen]
    return [
        [int(household), round(x, 6), round(y, 6), kind[household]]
        for household, x, y in zip(chosen, points.x, points.y, strict=True)
    ]
