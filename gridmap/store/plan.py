"""Plans: what a draft reads, and the one transaction that saves it."""

import json
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from gridmap.store import frames, shelter_status
from gridmap.store.database import Row, Transaction

INPUT_LAYERS = ("road", "road_closure", "hazard", "household", "household_need", "shelter")


def start(
    tx: Transaction,
    hazard_id: int,
    area_code: str,
    options: Mapping[str, Any],
    asked_version: str | None = None,
    replans: int | None = None,
) -> int:
    """Insert a plan that is being drafted, as the next version for its hazard; give its id."""
    return int(
        tx.value(
            "INSERT INTO plan (area_code, hazard_id, version, options, created_by, asked_version,"
            "  replans) SELECT :area_code, :hazard_id, coalesce(max(version), 0) + 1,"
            " CAST(:options AS jsonb), :user_id, :asked, CAST(:replans AS bigint) FROM plan"
            " WHERE hazard_id = :hazard_id RETURNING id",
            area_code=area_code,
            hazard_id=hazard_id,
            options=json.dumps(dict(options), allow_nan=False),
            user_id=tx.scope.user_id,
            asked=asked_version,
            replans=replans,
        )
    )


def hold_hazard(tx: Transaction, hazard_id: int) -> None:
    """Let one transaction at a time ask for plans of a hazard."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('plan'), hashtext(:id))", id=str(hazard_id))


def under_way(tx: Transaction, hazard_id: int, asked_version: str) -> Row | None:
    """Give the draft of a hazard that was asked for from these data and has not ended.

    One that a person has asked to stop is on its way out, and stands in nobody's way.
    """
    tx.execute(
        "UPDATE plan AS p SET asked_version = NULL FROM job AS j WHERE j.id = p.job_id"
        " AND p.hazard_id = :hazard AND p.state = 'drafting' AND j.cancel_requested",
        hazard=hazard_id,
    )
    return tx.maybe(
        "SELECT p.id, p.job_id FROM plan AS p JOIN job AS j ON j.id = p.job_id"
        " WHERE p.hazard_id = :hazard AND p.state = 'drafting' AND p.asked_version = :version"
        " AND j.state IN ('queued', 'running')"
        " ORDER BY p.id LIMIT 1",
        hazard=hazard_id,
        version=asked_version,
    )


def set_job(tx: Transaction, plan_id: int, job_id: int) -> None:
    """Note which job drafts a plan."""
    tx.execute("UPDATE plan SET job_id = :job WHERE id = :id", job=job_id, id=plan_id)


def read(tx: Transaction, plan_id: int) -> Row | None:
    """Give one plan, or None."""
    return tx.maybe(
        "SELECT id, area_code, hazard_id, version, state, job_id, input_version, options, totals,"
        " person_seconds, bound, drafted_at, created_at, inputs, replans FROM plan WHERE id = :id",
        id=plan_id,
    )


def is_exercise(tx: Transaction, plan_id: int) -> bool:
    """Tell whether a plan is for a hazard of a drill."""
    return bool(
        tx.value(
            "SELECT h.exercise FROM plan AS p JOIN hazard AS h ON h.id = p.hazard_id"
            " WHERE p.id = :id",
            id=plan_id,
        )
    )


def newest_of(tx: Transaction, hazard_id: int) -> Row | None:
    """Give the newest plan of a hazard, or None."""
    return tx.maybe(
        "SELECT id, state, version FROM plan WHERE hazard_id = :id ORDER BY version DESC LIMIT 1",
        id=hazard_id,
    )


def affected(tx: Transaction, hazard_id: int) -> gpd.GeoDataFrame:
    """Give the placed households in or on a hazard, by id.

    Returns
    -------
    GeoDataFrame
        `area_code`, `people`, and one column of counts for each kind of need that occurs.
    """
    found = frames.read(
        tx,
        "SELECT h.id, h.area_code, h.people, ST_AsBinary(h.geom) AS geom FROM hazard AS z"
        " JOIN household AS h ON h.geom && z.geom AND ST_Intersects(h.geom, z.geom)"
        " WHERE z.id = :id ORDER BY h.id",
        id=hazard_id,
    )
    needs = frames.read_table(
        tx,
        "SELECT n.household_id, n.kind, n.people FROM household_need AS n"
        " WHERE n.household_id = ANY(:ids) ORDER BY n.kind",
        ids=[int(label) for label in found.index],
    )
    for kind, rows in needs.groupby("kind"):
        counts = rows.set_index("household_id")["people"]
        found[str(kind)] = counts.reindex(found.index).fillna(0).astype("int64")
    return found


def shelters(tx: Transaction, area_code: str, hazard_id: int) -> gpd.GeoDataFrame:
    """Give the county's shelters by id: `name`, `capacity`, `area_m2`, `accessible`, `open`.

    A shelter inside any other hazard that is in force is not open.
    """
    return frames.read(
        tx,
        "SELECT f.id, f.name, s.capacity, s.area_m2, s.accessible, f.open AND NOT EXISTS (SELECT 1"
        "  FROM hazard AS z WHERE z.state = 'declared' AND NOT z.exercise AND z.id <> :hazard"
        "  AND z.geom && f.geom AND ST_Intersects(z.geom, f.geom))"
        f"  AND NOT {shelter_status.closed_in_drill('hazard')} AS open,"
        " ST_AsBinary(f.geom) AS geom FROM facility AS f JOIN shelter AS s ON s.facility_id = f.id"
        " WHERE starts_with(f.area_code, left(:code, 6)) ORDER BY f.id",
        code=area_code,
        hazard=hazard_id,
    )


def save(  # noqa: PLR0913 - the parts of a draft
    tx: Transaction,
    plan_id: int,
    *,
    input_version: str,
    inputs: Mapping[str, str],
    input_times: Mapping[str, str],
    totals: Mapping[str, Any],
    person_seconds: float,
    bound: float,
    assignments: pd.DataFrame,
    routes: pd.DataFrame,
    ways: pd.DataFrame,
) -> bool:
    """Save a draft; False if the plan was not being drafted any more, and nothing is written."""
    touched = tx.execute(
        "UPDATE plan SET state = 'drafted', drafted_at = clock_timestamp(),"
        " input_version = :input_version, inputs = CAST(:inputs AS jsonb),"
        " input_times = CAST(:input_times AS jsonb), totals = CAST(:totals AS jsonb),"
        " person_seconds = :person_seconds, bound = :bound"
        " WHERE id = :id AND state = 'drafting'",
        id=plan_id,
        input_version=input_version,
        inputs=json.dumps(dict(inputs)),
        input_times=json.dumps(dict(input_times)),
        totals=json.dumps(dict(totals), allow_nan=False),
        person_seconds=person_seconds,
        bound=bound,
    )
    if touched != 1:
        return False
    for table, frame in (("assignment", assignments), ("route", routes)):
        rows = frame.reset_index(names="household_id")
        rows.insert(0, "plan_id", plan_id)
        frames.insert(tx, table, rows)
    ways = ways.copy()
    ways.insert(0, "plan_id", plan_id)
    frames.insert(tx, "plan_way", ways)
    return True


def supersede(tx: Transaction, plan_id: int, hazard_id: int) -> int:
    """Mark the older drafts of a hazard as superseded by this one."""
    return tx.execute(
        "UPDATE plan SET state = 'superseded', superseded_by = :id"
        " WHERE hazard_id = :hazard AND id < :id"
        " AND state = 'drafted'",
        hazard=hazard_id,
        id=plan_id,
    )


def loads(tx: Transaction, plan_id: int) -> list[Row]:
    """Give each shelter of the plan with people sent there and its capacity."""
    return tx.all(
        "SELECT a.shelter_id AS id, f.name, s.capacity, sum(a.people)::int AS people,"
        " count(*) AS households FROM assignment AS a"
        " JOIN facility AS f ON f.id = a.shelter_id JOIN shelter AS s ON s.facility_id = f.id"
        " WHERE a.plan_id = :id GROUP BY a.shelter_id, f.name, s.capacity ORDER BY a.shelter_id",
        id=plan_id,
    )


def unserved(tx: Transaction, plan_id: int) -> list[Row]:
    """Give the reasons why households are not served, with how many."""
    return tx.all(
        "SELECT reason, count(*) AS households, sum(people)::int AS people FROM assignment"
        " WHERE plan_id = :id AND reason IS NOT NULL GROUP BY reason ORDER BY reason",
        id=plan_id,
    )
