"""Where neighbours meet by a plan made once more: at the points they know, under their numbers."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import assembly_rooms, evacuation
from geodata.assembly import Options
from geodata.network import Network
from gridmap.model.plan_options import PlanOptions
from gridmap.services import plan_assembly
from gridmap.services.plan_assembly import Meeting
from gridmap.services.plan_inputs import Inputs

_ANY_DETOUR = 1e9  # who knows a point goes there, though another one were more on the way
_SAME = 1.0  # metres within which two points are one


def meeting(  # noqa: PLR0913 - what points are chosen from, and those there were
    inputs: Inputs,
    network: Network,
    made: evacuation.Draft,
    options: PlanOptions,
    *,
    placed: gpd.GeoDataFrame,
    told: frozenset[int],
    points: gpd.GeoDataFrame,
) -> Meeting:
    """Choose assembly points; who has one already keeps it while it is safe and can be walked to.

    That holds for those who were told of it, wherever they go on to now, and for the others as
    long as they go on to the same shelter. The rest have points chosen for them as in a draft;
    new ones have numbers that no point had before.

    Parameters
    ----------
    placed
        On the households of the plan before: `shelter`, `assembly` (number of the point).
    told
        Who knows of it.
    points
        The points of that plan by number: `name`, `kind`, Point.
    """
    if options.assembly_minutes is None or points.empty:
        return plan_assembly.meeting(inputs, network, made, options)
    known = points.to_crs(inputs.households.crs)
    held = _held(inputs, network, made, options, _who(inputs, made, placed, told), known)
    free = replace(made, assignments=made.assignments.drop(index=held.index))
    rest = plan_assembly.meeting(inputs, network, free, options)
    return _joined(inputs, network, options, held, known, rest)


def _who(
    inputs: Inputs, made: evacuation.Draft, placed: gpd.GeoDataFrame, told: frozenset[int]
) -> "pd.Series[int]":
    """Give the point of those who may keep theirs, on the households."""
    served = made.assignments.index
    on_foot = ~inputs.households["needs_vehicle"].reindex(served).fillna(False).astype(bool)
    before = placed.reindex(served)
    same = (before["shelter"] == made.assignments["shelter"].astype("Int64")).fillna(False)
    mine = before["assembly"].notna() & on_foot & (same | served.isin(sorted(told)))
    found: pd.Series[int] = before.loc[mine.to_numpy(dtype=bool), "assembly"].astype("int64")
    return found


def _held(  # noqa: PLR0913, PLR0917 - what points are chosen from
    inputs: Inputs,
    network: Network,
    made: evacuation.Draft,
    options: PlanOptions,
    who: "pd.Series[int]",
    points: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Give who keeps a point: `point` and `seconds` of the walk as it is now."""
    out = shapely.union_all([inputs.shape, *(inputs.blocked or ()), plan_assembly.danger(inputs)])
    limit = (options.assembly_minutes or 0) * 60.0
    safe = points.index[~shapely.intersects(out, points.geometry.to_numpy())]
    found = []
    for number, mine in who[who.isin(safe)].groupby(who):
        kept = assembly_rooms.shared(
            network,
            inputs.households.loc[mine.index],
            points.loc[[number]],
            inputs.shape,
            inputs.shelters,
            made.assignments["shelter"].loc[mine.index],
            blocked=inputs.blocked,
            options=Options(walk_seconds=limit, detour=_ANY_DETOUR),
            most=options.assembly_people,
        ).assignment
        found.append(kept[kept["point"].notna()])
    rows = pd.concat(found) if found else pd.DataFrame({"point": [], "seconds": []})
    return rows.astype({"point": "Int64", "seconds": float})


def _joined(  # noqa: PLR0913, PLR0917 - both choices, and what they are measured by
    inputs: Inputs,
    network: Network,
    options: PlanOptions,
    held: pd.DataFrame,
    known: gpd.GeoDataFrame,
    rest: Meeting,
) -> Meeting:
    """Put points that are kept and new ones into one numbering; one place has one number."""
    people = inputs.households["people"]
    number, last = {}, int(known.index.max())
    at_old = known.to_crs(network.metric).geometry
    for label, place in rest.points.geometry.to_crs(network.metric).items():
        near = at_old.distance(place)
        if near.min() <= _SAME:
            number[label] = int(str(near.idxmin()))
        else:
            last += 1
            number[label] = last
    new = rest.at.assign(point=rest.at["point"].map(number).astype("Int64"))
    # a place that some have kept takes the nearest of the others while there is room
    load = people.loc[held.index].groupby(held["point"]).sum()
    order = new.sort_values(["point", "seconds"], kind="stable")
    run = people.loc[order.index].groupby(order["point"]).cumsum()
    room = options.assembly_people - order["point"].map(load).fillna(0)
    fits = (run <= room) | ~order["point"].isin(load.index)
    over = order.index[~fits.to_numpy(dtype=bool)]
    fresh = rest.points.set_axis(pd.Index([number[label] for label in rest.points.index]))
    fresh = fresh[~fresh.index.isin(known.index)]
    points = known[["name", "kind", "geometry"]]
    if len(fresh):
        points = gpd.GeoDataFrame(pd.concat([points, fresh]), crs=known.crs)
    full = pd.Series(np.full(len(over), "full", dtype=object), index=over)
    return replace(
        rest,
        points=points.sort_index(),
        at=pd.concat([held, new.drop(index=over)]).sort_index(),
        left=pd.concat([rest.left, full]),
    )
