"""Micro-grids: each comprehensive grid divided for who goes from door to door."""

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import districting
from gridmap.model.access import Permission, Scope
from gridmap.model.grid_rules import GridRule
from gridmap.model.problem import conflict, not_found
from gridmap.services import grid_rules
from gridmap.services.access import Viewer
from gridmap.services.grids import inner_point, multi
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.store import area, event, grid, job, micro_grid, street, version
from gridmap.store.database import Database, Row, Transaction

KIND = "grids.micro"
INPUT_LAYERS = ("grid", "road", "water", "building", "household")
_INSIDE = 1e-8  # degrees: a household this near to its grid lies in it, a millimetre


def request(database: Database, scope: Scope, area_code: str, seed: int = 0) -> int:
    """Ask for the grids in force of an area to be divided; give the id of the job.

    Parameters
    ----------
    area_code
        6, 9, 12 or 15 digits.

    Raises
    ------
    Problem
        404 for an absent area or grid, 409 for an area without grids in force. Asked twice, the
        job that is under way is given.
    """
    with database.transaction(scope) as tx:
        return _request(tx, area_code, seed)


def request_as(
    database: Database, viewer: Viewer, request_id: str | None, area_code: str, seed: int = 0
) -> int:
    """Ask for a person.

    Raises
    ------
    Problem
        As `request`; 404 for an area that is not this person's.
    """
    if not viewer.may(Permission.GRID_DRAW, area_code):
        raise not_found(f"area {area_code}")
    with database.transaction(viewer.scope(Permission.GRID_DRAW, request_id)) as tx:
        return _request(tx, area_code, seed)


def _request(tx: Transaction, area_code: str, seed: int) -> int:
    if len(area_code) < 15:
        area.read(tx, area_code)
    if micro_grid.divisible(tx, area_code).empty:
        if len(area_code) == 15:
            raise not_found(f"grid {area_code}")
        raise conflict(f"area {area_code} has no grids in force")
    under_way = job.waiting(tx, KIND, area_code)
    if under_way is not None:
        return under_way
    return job.request(
        tx,
        KIND,
        queue=QUEUE_OF[KIND],
        area_code=area_code,
        arguments={"area": area_code, "seed": seed},
    )


def draw(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed job: divide grid by grid, save all in one transaction.

    A grid that would be divided as it is already keeps its micro-grids, and who speaks for them.
    One that has gone out of force meanwhile is left alone.
    """
    # a grid belongs to its community: who sees that one alone cannot keep it from ending meanwhile
    scope = Scope((row["area_code"][:12],), row["user_id"], f"job-{row['id']}")
    arguments = row["arguments"]
    with database.transaction(scope, snapshot=True) as tx:
        used = version.of(tx, INPUT_LAYERS)
        grids = micro_grid.divisible(tx, arguments["area"])
        rules = grid_rules.rules_of(tx, sorted(set(grids["area_code"])), "micro")
    tables: list[gpd.GeoDataFrame] = []
    for community, own in grids.groupby("area_code"):
        with database.transaction(scope, snapshot=True) as tx:
            ground = _Ground(tx, str(community), own)
        for grid_id, each in own.iterrows():
            progress.step(len(tables), len(grids) + 1, str(each["code"]))
            drawn = ground.divided(each, rules[str(community)], arguments["seed"])
            tables.append(drawn.assign(grid_id=grid_id))
    progress.step(len(grids), len(grids) + 1, "saving")
    with database.transaction(scope) as tx:
        found = _save(tx, pd.concat(tables, ignore_index=True) if tables else None)
        missed = [] if found is None else _missed(found)
        count = 0 if found is None else len(found)
        divided = 0 if found is None else int(found["grid_id"].nunique())
        result = {"grids": divided, "micro_grids": count, "out_of_range": missed}
        job.finish(tx, row["id"], row["token"], result, used)
        event.record(
            tx,
            "micro_grids.drawn",
            area_code=row["area_code"],
            subject_id=arguments["area"],
            payload={"grids": divided, "micro_grids": count, "out_of_range": len(missed)},
        )


class _Ground:
    """What the grids of one community are divided by."""

    def __init__(self, tx: Transaction, community: str, grids: gpd.GeoDataFrame) -> None:
        self.roads = street.roads_of(tx, community)
        self.water = street.water_of(tx, community)
        self.buildings = grid.buildings_of(tx, community)
        self.households = {code: grid.households_of(tx, str(code)) for code in grids["code"]}

    def divided(self, each: Any, rule: GridRule, seed: int) -> gpd.GeoDataFrame:
        """Divide one grid, in the columns of the table of micro-grids."""
        shape, homes = each.geometry, self.households[each["code"]]
        shapely.prepare(shape)
        inside = np.asarray(shapely.dwithin(shape, homes.geometry.array, _INSIDE), dtype=bool)
        drawn = districting.draw_grids(
            shape,
            homes[inside],
            _near(self.roads, shape),
            _near(self.water, shape),
            _near(self.buildings, shape),
            rule.minimum,
            rule.maximum,
            seed,
        )
        why = drawn.attrs["why"]
        # some households live in the grid without lying in it: its nearest ground is theirs
        households, people = _with_strays(drawn, homes[~inside])
        shapes = [multi(part) for part in drawn.geometry]
        return gpd.GeoDataFrame(
            {
                "area_code": str(each["code"]),
                "number": drawn["grid"].to_numpy(),
                "households": households,
                "people": people,
                "measures": [
                    json.dumps(
                        {
                            "minimum": rule.minimum,
                            "maximum": rule.maximum,
                            "source": rule.source,
                            "deviation": round(rule.deviation(int(count)), 4),
                            **({} if rule.fits(int(count)) else {"why": why.get(number, {})}),
                        },
                        ensure_ascii=False,
                    )
                    for number, count in zip(drawn["grid"].tolist(), households, strict=True)
                ],
                "geom": np.array([*shapes, None], dtype=object)[:-1],
                "label_point": np.array(
                    [*(inner_point(part) for part in drawn.geometry), None], dtype=object
                )[:-1],
            }
        )


def _near(frame: gpd.GeoDataFrame, shape: Any) -> gpd.GeoDataFrame:
    return frame.iloc[np.sort(frame.sindex.query(shape))]


def _with_strays(drawn: gpd.GeoDataFrame, strays: gpd.GeoDataFrame) -> tuple[Any, Any]:
    households, people = drawn["households"].to_numpy().copy(), drawn["people"].to_numpy().copy()
    if len(strays):
        nearest = shapely.STRtree(drawn.geometry.array).nearest(strays.geometry.array)
        np.add.at(households, nearest, 1)
        np.add.at(people, nearest, strays["people"].to_numpy(dtype=people.dtype))
    return households, people


def _save(tx: Transaction, parts: pd.DataFrame | None) -> pd.DataFrame | None:
    """Put micro-grids in the place of those of their grids; give what is in force now of them."""
    if parts is None:
        return None
    still = micro_grid.hold(tx, [int(one) for one in parts["grid_id"].unique()])
    parts = parts[parts["grid_id"].isin(still)]
    there = {
        grid_id: {
            shape.wkb: (each, head)
            for shape, each, head in zip(own.geometry, own.index, own["head"], strict=True)
        }
        for grid_id, own in micro_grid.in_force(tx, sorted(still)).groupby("grid_id")
    }
    changed = []
    for grid_id, own in parts.groupby("grid_id"):
        known = there.get(grid_id, {})
        keys = [shape.wkb for shape in own["geom"]]
        if set(keys) == set(known):
            ids = [int(known[key][0]) for key in keys]
            micro_grid.count_anew(tx, ids, own[["households", "people", "measures"]])
        else:
            heads = [known[key][1] if key in known else None for key in keys]
            changed.append(own.assign(head=np.array([*heads, None], dtype=object)[:-1]))
    if changed:
        micro_grid.end(tx, sorted({int(own["grid_id"].iloc[0]) for own in changed}))
        micro_grid.begin(tx, pd.concat(changed))
    return parts


def _missed(parts: pd.DataFrame) -> list[dict[str, Any]]:
    """List what misses the rule, with the figures that say why."""
    found = []
    for code, number, households, text in zip(
        parts["area_code"], parts["number"], parts["households"], parts["measures"], strict=True
    ):
        measures = json.loads(text)
        if "why" in measures:
            found.append(
                {
                    "grid": str(code),
                    "number": int(number),
                    "households": int(households),
                    **{name: measures[name] for name in ("minimum", "maximum", "source")},
                    **measures["why"],
                }
            )
    return found


def put_head(  # noqa: PLR0913, PLR0917 - whose, of which, by whom
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    grid_code: str,
    number: int,
    head: str | None,
) -> None:
    """Name who speaks for a micro-grid: a name as it is posted, without a telephone; None: nobody.

    Raises
    ------
    Problem
        404 for a micro-grid that is not in force or not in an area of this person's.
    """
    with database.transaction(viewer.scope(Permission.GRID_DRAW, request_id)) as tx:
        wanted = None if head is None else head.strip() or None
        if not micro_grid.put_head(tx, grid_code, number, wanted):
            raise not_found(f"micro-grid {grid_code}-{number:02}")
        event.record(
            tx,
            "micro_grid.head_set",
            area_code=grid_code,
            subject_id=f"{grid_code}-{number:02}",
            payload={"named": wanted is not None},
        )
