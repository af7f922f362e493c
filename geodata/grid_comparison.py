"""What is different between two drawings of the same ground, and whom it concerns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import metric_crs
from geodata.grid_overlay import exchanged, recoded
from geodata.units import locate

_ON = 0.001  # metres: a household this near to a grid is in it
STATUSES = ("changed", "new", "ended", "recoded", "renamed", "unchanged")


@dataclass(frozen=True)
class Comparison:
    """Two drawings side by side.

    Attributes
    ----------
    grids
        By label of a grid: `status` (one of `STATUSES`), `before` and `after` (its labels in the
        drawings, None where it is not in one), `name_before`, `name_after`, `households_before`,
        `households_after`, `people_before`, `people_after`, `gained`, `lost` (households), and
        `area_m2` of ground it has won or lost. What changes most comes first.
    pieces
        Ground that goes from one grid to another: `source`, `target` (None: in no grid),
        `area_m2`, `households`, `people`, geometry. The most households first.
    moved
        Households that are in another grid: `source`, `target`, by their index.
    totals
        `grids_before`, `grids_after`, the number of each status, `households`, `people` (that
        change their grid), `all_households`, `area_m2`.
    """

    grids: pd.DataFrame
    pieces: gpd.GeoDataFrame
    moved: pd.DataFrame
    totals: Mapping[str, Any]


def compare(
    before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, households: gpd.GeoDataFrame
) -> Comparison:
    """Compare two drawings.

    Parameters
    ----------
    before, after
        Grids by label; `name` where they have one. The same label is the same grid.
    households
        Points with `people`; missing points are in no grid.

    Returns
    -------
    Comparison
        Shapes in the CRS of `before`. A grid that has the ground of another under a new label
        (a recoded one) changes nothing for its households.
    """
    metric = metric_crs(before if len(before) else after)
    flat_before, flat_after = before.to_crs(metric), after.to_crs(metric)
    same = recoded(flat_before, flat_after)
    points = np.asarray(households.geometry.to_crs(metric).array, dtype=object)
    own = _owners(points, flat_before), _owners(points, flat_after)
    moved = _moved(households, own, same)
    people = households["people"].reindex(moved.index)
    pieces = _pieces(exchanged(flat_before, flat_after, same), moved, people)
    grids = _grids(before, after, same, _counts(households, own), pieces, moved)
    shown = placed(pieces, before.crs if len(before) else after.crs)
    return Comparison(grids, shown, moved, _totals(before, after, grids, moved, households, pieces))


def placed(pieces: gpd.GeoDataFrame, crs: Any) -> gpd.GeoDataFrame:
    """Bring pieces into a CRS; one whose edges cross by the rounding of that stays a valid area."""
    found = pieces.to_crs(crs)
    shapes = np.asarray(found.geometry.array, dtype=object)
    valid = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    return found.set_geometry(gpd.GeoSeries(valid, index=found.index, crs=found.crs))


def _owners(points: Any, grids: gpd.GeoDataFrame) -> Any:
    """Give the label of the grid each point is in, None for none; on a border the first."""
    ordered = grids.sort_index()
    found = np.full(len(points), None, dtype=object)
    placed = ~(shapely.is_missing(points) | shapely.is_empty(points))
    if not placed.any() or ordered.empty:
        return found
    shapes = np.asarray(ordered.geometry.array, dtype=object)
    at = locate(points[placed], shapes)
    inside = shapely.distance(points[placed], shapes[at]) <= _ON
    found[placed] = np.where(inside, ordered.index.to_numpy(dtype=object)[at], None)
    return found


def _moved(
    households: gpd.GeoDataFrame, own: tuple[Any, Any], same: Mapping[Any, Any]
) -> pd.DataFrame:
    source, target = own
    known = np.array([same.get(label, label) for label in target], dtype=object)
    elsewhere = np.array([one != other for one, other in zip(source, known, strict=True)])
    elsewhere = elsewhere.astype(bool)
    return pd.DataFrame(
        {"source": source[elsewhere], "target": target[elsewhere]},
        index=households.index[elsewhere],
        dtype=object,
    )


def _pieces(ground: gpd.GeoDataFrame, moved: pd.DataFrame, people: Any) -> gpd.GeoDataFrame:
    """Say who lives on each piece of ground; most households first."""
    pairs = pd.DataFrame(
        {
            "source": moved["source"].map(_key),
            "target": moved["target"].map(_key),
            "people": np.asarray(people),
        }
    )
    table = pairs.groupby(["source", "target"])["people"].agg(["size", "sum"])
    keys = [
        (_key(source), _key(target))
        for source, target in zip(ground["source"], ground["target"], strict=True)
    ]
    counted = table.reindex(pd.MultiIndex.from_tuples(keys, names=["source", "target"]))
    counted = counted.fillna(0).astype(int)
    known = ground.assign(
        households=counted["size"].to_numpy(), people=counted["sum"].to_numpy(), _key=keys
    )
    order = known.sort_values(
        ["households", "area_m2", "_key"], ascending=[False, False, True], kind="stable"
    )
    kept = order[["source", "target", "area_m2", "households", "people", "geometry"]]
    return gpd.GeoDataFrame(kept.reset_index(drop=True), crs=ground.crs)


def _key(label: Any) -> str:
    return "" if label is None else str(label)


def _counts(
    households: gpd.GeoDataFrame, own: tuple[Any, Any]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    people = households["people"].to_numpy(dtype=np.int64)
    tables = []
    for labels in own:
        frame = pd.DataFrame({"label": labels, "people": people})
        table = frame.dropna(subset="label").groupby("label")["people"].agg(["size", "sum"])
        tables.append(table.rename(columns={"size": "households", "sum": "people"}))
    return tables[0], tables[1]


def _grids(  # noqa: PLR0913, PLR0917 - everything known of both drawings
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    same: Mapping[Any, Any],
    counts: tuple[pd.DataFrame, pd.DataFrame],
    pieces: gpd.GeoDataFrame,
    moved: pd.DataFrame,
) -> pd.DataFrame:
    """Give one row a grid: those of the first drawing, then those that are only in the second."""
    pairs = [(label, label if label in after.index else None) for label in before.index]
    again = {old: new for new, old in same.items()}
    pairs = [(old, again.get(old, new)) for old, new in pairs]
    taken = {new for _old, new in pairs}
    pairs += [(None, label) for label in after.index if label not in taken]
    rows = []
    for old, new in pairs:
        lost = pieces[pieces["source"].map(_key) == _key(old)] if old is not None else None
        won = pieces[pieces["target"].map(_key) == _key(new)] if new is not None else None
        ground = sum(float(each["area_m2"].sum()) for each in (lost, won) if each is not None)
        names = _name(before, old), _name(after, new)
        rows.append(
            {
                "before": old,
                "after": new,
                "status": _status(old, new, ground, names),
                "name_before": names[0],
                "name_after": names[1],
                "households_before": _count(counts[0], old, "households"),
                "households_after": _count(counts[1], new, "households"),
                "people_before": _count(counts[0], old, "people"),
                "people_after": _count(counts[1], new, "people"),
                "gained": 0 if new is None else int((moved["target"].map(_key) == _key(new)).sum()),
                "lost": 0 if old is None else int((moved["source"].map(_key) == _key(old)).sum()),
                "area_m2": round(ground, 1),
            }
        )
    table = pd.DataFrame(rows, columns=_GRID_COLUMNS, dtype=object)
    table.index = pd.Index([_key(row["after"] or row["before"]) for row in rows], name="grid")
    weight = [
        (
            STATUSES.index(row["status"]) >= STATUSES.index("recoded"),
            -(row["gained"] + row["lost"]),
            -row["area_m2"],
            _key(row["after"] or row["before"]),
        )
        for row in rows
    ]
    return table.iloc[sorted(range(len(rows)), key=weight.__getitem__)]


_GRID_COLUMNS = [
    "status",
    "before",
    "after",
    "name_before",
    "name_after",
    "households_before",
    "households_after",
    "people_before",
    "people_after",
    "gained",
    "lost",
    "area_m2",
]


def _status(old: Any, new: Any, ground: float, names: tuple[str | None, str | None]) -> str:
    if old is None or new is None:
        return "new" if old is None else "ended"
    if ground > 0:
        return "changed"
    if old != new:
        return "recoded"
    return "renamed" if names[0] != names[1] else "unchanged"


def _name(grids: gpd.GeoDataFrame, label: Any) -> str | None:
    if label is None or "name" not in grids.columns:
        return None
    found = grids.at[label, "name"]
    return None if found is None or pd.isna(found) else str(found)


def _count(table: pd.DataFrame, label: Any, column: str) -> int | None:
    if label is None:
        return None
    return int(table[column].get(label, 0))


def _totals(  # noqa: PLR0913, PLR0917 - both drawings and the results
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    grids: pd.DataFrame,
    moved: pd.DataFrame,
    households: gpd.GeoDataFrame,
    pieces: gpd.GeoDataFrame,
) -> dict[str, Any]:
    statuses = grids["status"].value_counts()
    return {
        "grids_before": len(before),
        "grids_after": len(after),
        **{status: int(statuses.get(status, 0)) for status in STATUSES},
        "households": len(moved),
        "people": int(households["people"].reindex(moved.index).sum()),
        "all_households": len(households),
        "area_m2": round(float(pieces["area_m2"].sum()), 1) if len(pieces) else 0.0,
    }
