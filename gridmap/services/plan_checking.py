"""What the independent checker says of a draft before it is kept: it shares no code with drafts."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geodata import evacuation
from geodata.verifying_evacuation import verify
from geodata.verifying_evacuation_leaving import Leaving, verify_leaving
from gridmap.model.plan_options import PROFILE, PlanOptions
from gridmap.services.plan_assembly import Meeting, danger, part_of
from gridmap.services.plan_engine import engine
from gridmap.services.plan_flow import Flow
from gridmap.services.plan_inputs import Inputs
from gridmap.services.plan_riders import Riders
from gridmap.services.plan_rows import travel

MOST_HOUSEHOLDS = 30_000  # beyond that nobody waits for it; the page says it was not checked
_KINDS = 20


@dataclass(frozen=True)
class Extras:
    """How people leave: where they meet, who is fetched, in which wave; who was told before."""

    met: Meeting
    ride: Riders
    flow: Flow
    stops: pd.DataFrame | None
    settled: frozenset[int]


def checked(
    inputs: Inputs, draft: evacuation.Draft, options: PlanOptions, extras: Extras
) -> dict[str, Any]:
    """Check a draft, and how people leave by it.

    Returns
    -------
    verdict
        `checked`, `households`; and if it was, `ways` that were looked at and `altered`: what
        cannot be right, in the checker's words, with how often.
    """
    households = len(inputs.households)
    if households > MOST_HOUSEHOLDS:
        return {"checked": False, "households": households}
    found = verify(
        inputs.roads,
        inputs.households,
        inputs.shelters,
        inputs.shape,
        draft,
        inputs.blocked,
        engine(options),
        inputs.water,
        PROFILE,
    )
    left = verify_leaving(
        inputs.roads,
        inputs.households,
        inputs.shape,
        shapely.union_all(inputs.blocked or []),
        leaving(inputs, draft, options, extras),
        PROFILE,
    )
    counts = Counter(each.message for each in (*found.altered, *left))
    return {
        "checked": True,
        "households": households,
        "ways": found.counts["ways"],
        "altered": [
            {"message": message, "count": count} for message, count in counts.most_common(_KINDS)
        ],
    }


def leaving(
    inputs: Inputs, draft: evacuation.Draft, options: PlanOptions, extras: Extras
) -> Leaving:
    """Give what a plan says of how people leave, as the checker reads it."""
    served, crs = draft.assignments.index, inputs.households.crs
    met, flow, ride = extras.met, extras.flow, extras.ride
    staging = flow.staging
    part = part_of(inputs, met, options)
    points = pd.DataFrame(
        part.get("points", []),
        columns=["number", "lon", "lat", "households", "people", "longest_seconds"],
    ).set_index("number")
    chosen = bool(staging.get("chosen"))
    return Leaving(
        rows=pd.DataFrame(
            {
                "wave": flow.wave,
                "departs": flow.departures,
                "travel": travel(draft, ride),
                "point": met.at["point"].reindex(served),
                "walk": met.at["seconds"].reindex(served),
            },
            index=served,
        ),
        points=gpd.GeoDataFrame(
            points, geometry=gpd.points_from_xy(points["lon"], points["lat"]), crs="EPSG:4326"
        ).to_crs(crs),
        ways=draft.routes.to_crs(crs),
        stops=extras.stops,
        vehicles=inputs.vehicles,
        walk_seconds=None if options.assembly_minutes is None else options.assembly_minutes * 60.0,
        most=options.assembly_people,
        interval_seconds=staging["interval_seconds"] if chosen else None,
        per_wave=options.wave_people,
        settled=extras.settled,
        dangers=danger(inputs),
    )
