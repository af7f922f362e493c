"""Households and buildings of a roster: matched, placed, or listed for a person to place."""

from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.errors import Fault, GeodataError
from gridmap.store import frames, importing
from gridmap.store.database import Transaction


def buildings(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the county's buildings, by id, with the parts of their addresses."""
    return frames.read(
        tx,
        "SELECT id, estate, building, address, name, address_key, ST_AsBinary(geom) AS geom"
        " FROM building WHERE starts_with(area_code, left(:code, 6)) ORDER BY id",
        code=area_code,
    )


def codes_at(tx: Transaction, points: gpd.GeoSeries, area_code: str) -> "pd.Series[Any]":
    """Give the code of the grid, else community, around each point; missing outside.

    On a border the lower code is taken.
    """
    cover = frames.read(
        tx,
        "SELECT code, ST_AsBinary(geom) AS geom FROM ("
        " SELECT code, geom FROM area WHERE level = 'community' AND valid_to IS NULL"
        " UNION ALL SELECT code, geom FROM grid WHERE valid_to IS NULL AND kind = 'comprehensive')"
        " AS c WHERE starts_with(code, left(:code, 6)) ORDER BY code",
        index="code",
        code=area_code,
    )
    found = pd.Series(None, index=points.index, dtype=object)
    placed = gpd.GeoDataFrame(geometry=points[points.notna()])
    if cover.empty or placed.empty:
        return found
    joined = placed.sjoin(cover.reset_index()[["code", "geometry"]], predicate="intersects")
    joined["length"] = joined["code"].str.len()
    ordered = joined.sort_values(["length", "code"], ascending=[False, True], kind="stable")
    best = ordered[~ordered.index.duplicated()]["code"]
    found.update(best)
    return found


def save_households(
    tx: Transaction, roster: gpd.GeoDataFrame, matched: pd.DataFrame, area_code: str
) -> dict[str, Any]:
    """Upsert households and their needs.

    Parameters
    ----------
    roster
        Fields of the roster schema; geometry is the point of the file itself, where it has one.
    matched
        On the same index: `building` (id), `geometry`, `reason` why there is none, and the
        address as `address`, `unit`, `room`, `key`.
    area_code
        The county, for households that are nowhere yet.

    Raises
    ------
    GeodataError
        If a point lies outside the county, or two rows are the same household.
    """
    own = roster.geometry.notna()
    points = roster.geometry.where(own, gpd.GeoSeries(matched.geometry, crs=frames.CRS))
    points = gpd.GeoSeries(points, crs=frames.CRS)
    codes = codes_at(tx, points, area_code)
    outside = points.notna() & codes.isna()
    if outside.any():
        raise GeodataError(
            [
                Fault("the place lies outside the county", row, "lon")
                for row in roster.index[outside]
            ]
        )
    rows = _household_rows(roster, matched, points, codes, area_code)
    _refuse_twins(rows)
    columns = rows.drop(columns="line")
    kept = _keep_hand_placed(tx, columns, area_code)
    counts = importing.upsert(tx, "household", kept, county_key=True)
    _save_needs(tx, roster, rows, area_code)
    waiting = rows.loc[rows["geom"].isna(), "unplaced_reason"]
    return {
        "household": asdict(counts),
        "unplaced": {
            "households": len(waiting),
            "by_reason": {str(k): int(v) for k, v in waiting.value_counts().items()},
        },
    }


def _household_rows(
    roster: gpd.GeoDataFrame,
    matched: pd.DataFrame,
    points: gpd.GeoSeries,
    codes: "pd.Series[Any]",
    area_code: str,
) -> pd.DataFrame:
    placed = points.notna()
    by = pd.Series(None, index=roster.index, dtype=object).mask(placed, "building")
    why: pd.Series[Any] = matched["reason"].astype(object).mask(placed, None)
    return pd.DataFrame(
        {
            "line": roster.index,
            "area_code": codes.fillna(area_code),
            "source_key": roster["external_id"].fillna(matched["key"]),
            "building_id": matched["building"].astype("Int64"),
            "unit": matched["unit"],
            "room": matched["room"],
            "address": matched["address"],
            "householder": roster["name"],
            "phone": roster["phone"],
            "id_number": roster["id_number"],
            "people": roster["people"],
            "residence": roster["residence"].fillna("resident"),
            "registered_at": roster["registered_at"],
            "placed_by": by.mask(roster.geometry.notna(), "coordinates"),
            "unplaced_reason": why,
            "geom": np.asarray(points, dtype=object),
        },
        index=roster.index,
    )


def _refuse_twins(rows: pd.DataFrame) -> None:
    twins = rows["source_key"].duplicated(keep="first")
    if twins.any():
        raise GeodataError(
            [
                Fault("another row is the same household (same number or same address)", row)
                for row in rows.index[twins]
            ]
        )


def _keep_hand_placed(tx: Transaction, rows: pd.DataFrame, area_code: str) -> pd.DataFrame:
    """Leave a place given by hand alone: a roster that still cannot say where does not undo it."""
    known = frames.read(
        tx,
        "SELECT source_key, area_code, building_id, placed_by, ST_AsBinary(geom) AS geom"
        " FROM household WHERE placed_by = 'hand' AND starts_with(area_code, left(:code, 6))",
        index="source_key",
        code=area_code,
    )
    mine = rows["geom"].isna() & rows["source_key"].isin(known.index)
    kept = rows.copy()
    for label in rows.index[mine]:
        stored = known.loc[kept.at[label, "source_key"]]
        kept.at[label, "area_code"] = stored["area_code"]
        kept.at[label, "building_id"] = stored["building_id"]
        kept.at[label, "placed_by"] = "hand"
        kept.at[label, "unplaced_reason"] = None
        kept.at[label, "geom"] = stored["geometry"]
    return kept


def _save_needs(
    tx: Transaction, roster: gpd.GeoDataFrame, rows: pd.DataFrame, area_code: str
) -> None:
    stored = frames.read_table(
        tx,
        "SELECT source_key, id AS household_id, area_code FROM household"
        " WHERE starts_with(area_code, left(:code, 6))",
        code=area_code,
    ).set_index("source_key")
    needs = roster["needs"].explode().dropna()
    if needs.empty:
        return
    keys = rows["source_key"].reindex(needs.index)
    made = pd.DataFrame(
        {
            "household_id": stored["household_id"].reindex(keys).to_numpy(),
            "area_code": stored["area_code"].reindex(keys).to_numpy(),
            "kind": needs.to_numpy(),
            "source": "roster",
        }
    ).drop_duplicates(["household_id", "kind"])
    importing.upsert(tx, "household_need", made, key=("household_id", "kind"))


def with_areas(tx: Transaction, rows: pd.DataFrame, area_code: str) -> pd.DataFrame:
    """Give facility rows the area under which each is stored already.

    A table of the whole county names again what files of townships have brought: it is the same
    place if one place alone has its number there. Numbers that several townships use, and new
    ones, belong to the area the table was brought for.
    """
    stored = frames.read_table(
        tx,
        "SELECT source_key, CASE WHEN bool_or(area_code = :code) THEN :code"
        " ELSE min(area_code) END AS area_code FROM facility"
        " WHERE starts_with(area_code, :code) AND source_key = ANY(:keys) GROUP BY source_key"
        " HAVING count(*) = 1 OR bool_or(area_code = :code)",
        code=area_code,
        keys=rows["source_key"].tolist(),
    ).set_index("source_key")["area_code"]
    areas = [str(stored.get(key, area_code)) for key in rows["source_key"]]
    return rows.assign(area_code=areas)


def save_shelters(tx: Transaction, shelters: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Upsert the capacity of facilities that are shelters.

    Parameters
    ----------
    shelters
        `source_key` of a facility that is stored already, `capacity`, `accessible`.
    rows
        `area_code` and `source_key` of the facilities.
    """
    if shelters.empty:
        return
    areas = rows.set_index("source_key")["area_code"].reindex(shelters["source_key"])
    ids = frames.read_table(
        tx,
        "SELECT f.id FROM unnest(CAST(:areas AS text[]), CAST(:keys AS text[]))"
        " WITH ORDINALITY AS k(area_code, source_key, place)"
        " JOIN facility AS f USING (area_code, source_key) ORDER BY k.place",
        areas=areas.tolist(),
        keys=shelters["source_key"].tolist(),
    )["id"]
    made = pd.DataFrame(
        {
            "facility_id": ids.to_numpy(),
            "area_code": areas.to_numpy(),
            "capacity": shelters["capacity"].to_numpy(),
            "accessible": shelters["accessible"].to_numpy(),
        }
    )
    importing.upsert(tx, "shelter", made, key=("facility_id",))
