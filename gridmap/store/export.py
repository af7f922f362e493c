"""Rows for files that leave the program."""

import geopandas as gpd
import pandas as pd

from gridmap.store import frames
from gridmap.store.database import Transaction


def coverage_rows(tx: Transaction, run_id: int) -> pd.DataFrame:
    """Give every row of a coverage run, by household."""
    return frames.read_table(
        tx,
        "SELECT r.household_id AS household, r.area_code AS grid, r.covered,"
        " f.name AS facility, r.seconds, r.metres, s.name AS second_facility, r.second_seconds,"
        " r.reason FROM coverage_result AS r JOIN household AS h ON h.id = r.household_id"
        " LEFT JOIN facility AS f ON f.id = r.facility_id"
        " LEFT JOIN facility AS s ON s.id = r.second_facility_id WHERE r.run_id = :id"
        " ORDER BY r.household_id",
        id=run_id,
    )


def plan_rows(tx: Transaction, plan_id: int) -> pd.DataFrame:
    """Give one row per affected household: where it goes, or why it cannot."""
    return frames.read_table(
        tx,
        "SELECT a.household_id AS household, a.area_code AS grid, a.people, a.with_needs,"
        " f.name AS shelter, a.seconds, a.metres, a.wave, a.reason,"
        " a.short_beds, s.name AS short_shelter, a.kin, a.pace_kmh, a.departs_seconds, a.travel,"
        " a.travel_why, a.assembly, a.assembly_seconds, e.name AS second_shelter, a.second_seconds"
        " FROM assignment AS a LEFT JOIN facility AS f ON f.id = a.shelter_id"
        " LEFT JOIN facility AS s ON s.id = a.short_shelter_id"
        " LEFT JOIN facility AS e ON e.id = a.second_shelter_id"
        " WHERE a.plan_id = :id ORDER BY a.household_id",
        id=plan_id,
    )


def plan_routes(tx: Transaction, plan_id: int) -> gpd.GeoDataFrame:
    """Give the routes of a plan, by household."""
    return frames.read(
        tx,
        "SELECT r.household_id AS household, r.area_code AS grid, r.mode, f.name AS shelter,"
        " a.people, a.wave, a.departs_seconds, a.travel, a.assembly,"
        " r.seconds, r.metres, ST_AsBinary(r.geom) AS geom FROM route AS r"
        " JOIN assignment AS a USING (plan_id, household_id)"
        " JOIN facility AS f ON f.id = a.shelter_id WHERE r.plan_id = :id"
        " ORDER BY r.household_id, r.mode",
        index="household",
        id=plan_id,
    )
