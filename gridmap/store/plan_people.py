"""Who of a hazard walks how fast, who looks after whom, and what there is to fetch people with."""

from collections.abc import Sequence

import geopandas as gpd
import pandas as pd

from gridmap.store import frames
from gridmap.store.database import Transaction

MEETING = ("assembly_point", "park", "school", "community_centre", "townhall", "marketplace")
"""Kinds of facilities with open ground before them."""

_DIGITS = "regexp_replace({}, '[^0-9]', '', 'g')"


def speeds(tx: Transaction, area_code: str) -> pd.DataFrame:
    """Give the walking speeds of a county: `area_code`, `need`, `kmh`; 0 is who cannot walk."""
    return frames.read_table(
        tx,
        "SELECT area_code, need, kmh FROM walking_speed"
        " WHERE starts_with(area_code, left(:code, 6)) ORDER BY need, length(area_code), area_code",
        code=area_code,
    )


def carers(tx: Transaction, household_ids: Sequence[int]) -> pd.DataFrame:
    """Give which of these households is looked after by which other one of them.

    The telephone of a carer is that of a household: both leave together. Somebody who looks after
    many households, as a village doctor does, cannot go with each of them and is left out.

    Returns
    -------
    DataFrame
        `household`, `carer`: ids.
    """
    own, theirs = _DIGITS.format("c.carer_phone"), _DIGITS.format("h.phone")
    return frames.read_table(
        tx,
        "SELECT household, carer FROM (SELECT c.id AS household, h.id AS carer,"
        "  count(*) OVER (PARTITION BY h.id) AS looked_after"
        "  FROM household AS c JOIN household AS h ON h.id <> c.id AND h.id = ANY(:ids)"
        f"  AND length({own}) >= 7 AND {own} = {theirs}"
        "  WHERE c.id = ANY(:ids)) AS pair WHERE looked_after <= 3 ORDER BY household, carer",
        ids=list(household_ids),
    )


def vehicles(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the vehicles of a county that are in use.

    Returns
    -------
    GeoDataFrame
        By id: `name`, `seats`, `wheelchairs`, `ready_s`, `hours` (times of the week at which it
        can be had, None for always); `geometry` is where each starts.
    """
    return frames.read(
        tx,
        "SELECT id, name, seats, wheelchairs, ready_minutes * 60 AS ready_s, hours,"
        " ST_AsBinary(geom) AS geom FROM vehicle"
        " WHERE starts_with(area_code, left(:code, 6)) AND in_use ORDER BY id",
        code=area_code,
    )


def driving(tx: Transaction, hazard_id: int) -> set[int]:
    """Give the vehicles that drive in the plan in force of a hazard."""
    found = tx.all(
        "SELECT DISTINCT s.vehicle FROM plan_stop AS s JOIN plan AS p ON p.id = s.plan_id"
        " WHERE p.hazard_id = :id AND p.state = 'active' AND s.vehicle IS NOT NULL",
        id=hazard_id,
    )
    return {int(row["vehicle"]) for row in found}


def meeting_places(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the places of a county people know and can stand at: `name`, `kind`, by id."""
    return frames.read(
        tx,
        "SELECT id, name, kind, ST_AsBinary(geom) AS geom FROM facility"
        " WHERE starts_with(area_code, left(:code, 6)) AND open AND kind = ANY(:kinds) ORDER BY id",
        code=area_code,
        kinds=list(MEETING),
    )


def dangers(tx: Transaction, area_code: str, hazard_id: int) -> gpd.GeoDataFrame:
    """Give the other hazards in force in a county: nobody is to stand and wait in one of them.

    What a drill declares is no danger to a real evacuation, only to those of drills.
    """
    return frames.read(
        tx,
        "SELECT z.id, ST_AsBinary(z.geom) AS geom FROM hazard AS z, hazard AS own"
        " WHERE own.id = :hazard AND z.id <> own.id AND z.state = 'declared'"
        " AND starts_with(z.area_code, left(:code, 6)) AND (own.exercise OR NOT z.exercise)"
        " ORDER BY z.id",
        code=area_code,
        hazard=hazard_id,
    )


def water(tx: Transaction, area_code: str) -> gpd.GeoDataFrame:
    """Give the open water of a county: what bridges lead over."""
    return frames.read(
        tx,
        "SELECT id, ST_AsBinary(geom) AS geom FROM water"
        " WHERE starts_with(area_code, left(:code, 6)) AND ST_Dimension(geom) = 2 ORDER BY id",
        code=area_code,
    )


def placed(tx: Transaction, plan_id: int) -> gpd.GeoDataFrame:
    """Give who goes where in a plan, by household.

    Returns
    -------
    GeoDataFrame
        `area_code`, `shelter` (<NA> for those without a place), `wave`, `departs` (seconds after
        the order), `assembly` (number of the point, <NA> for none), `travel`, `vehicle` (that
        fetches them, <NA> for none), `stop` (the same for all who get in together, None for
        those who are not fetched), and the way on foot.
    """
    found = frames.read(
        tx,
        "SELECT a.household_id, a.area_code, a.shelter_id AS shelter, a.wave,"
        " a.departs_seconds AS departs, a.assembly, a.travel, s.vehicle,"
        " CASE WHEN s.vehicle IS NOT NULL"
        "  THEN concat_ws(' ', s.plan_id, s.vehicle, s.tour, s.position) END AS stop,"
        " ST_AsBinary(r.geom) AS geom FROM assignment AS a LEFT JOIN route AS r"
        "  ON r.plan_id = a.plan_id AND r.household_id = a.household_id AND r.mode = 'walk'"
        " LEFT JOIN plan_stop AS s ON s.plan_id = a.plan_id AND s.household_id = a.household_id"
        " WHERE a.plan_id = :id ORDER BY a.household_id",
        index="household_id",
        id=plan_id,
    )
    whole = {
        name: found[name].astype("Int64") for name in ("shelter", "wave", "assembly", "vehicle")
    }
    return found.assign(**whole)
