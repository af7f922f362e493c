"""Where to add a facility, and which one is least missed: asked as a job, proven in the answer."""

import time
from collections.abc import Mapping
from typing import Any

import geopandas as gpd

from geodata import candidates as places
from geodata.candidates import Candidates
from geodata.network import Network
from gridmap.model.access import Scope
from gridmap.model.coverage_sites import MOST_SITES, ROOMY, UNCOUNTED, Question
from gridmap.model.problem import conflict
from gridmap.problems import bad_values, fault
from gridmap.services import coverage_ground as ground
from gridmap.services.coverage_siting import Case, answer
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.progress import Progress
from gridmap.store import coverage_ground, job, street
from gridmap.store.database import Database, Row, Transaction

KIND = "coverage.sites"
MOST_CANDIDATES = 200


def request(
    database: Database, scope: Scope, standard_key: str, area_code: str, question: Question
) -> int:
    """Ask where facilities would do most; give the id of the job that answers.

    Raises
    ------
    Problem
        As `coverage_ground.standard_for`; 400 if the question does not fit together, 409 if the
        method knows nothing of capacities and the standard has them.
    """
    with database.transaction(scope) as tx:
        standard = ground.standard_for(tx, standard_key, area_code, question.limit)
        _check(standard, question)
        return job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=area_code,
            arguments={
                "standard": standard_key,
                "area": area_code,
                "limit": question.limit,
                "question": question.stored(),
            },
        )


def _check(standard: Row, question: Question) -> None:
    faults = []
    if question.method in UNCOUNTED:
        if question.count is not None:
            faults.append(fault("count", "this method has no number to be given"))
    elif question.count is None or not 1 <= question.count <= MOST_SITES:
        faults.append(fault("count", f"must be 1 to {MOST_SITES}"))
    if standard["capacity"] and question.method not in ROOMY:
        raise conflict("this method knows no capacities, and the standard has them")
    if standard["capacity"] and question.capacity is None:
        faults.append(fault("capacity", "a number of people is needed"))
    if standard["capacity"] and question.weight != "people":
        faults.append(fault("weight", "a standard with capacity counts people"))
    if not standard["capacity"] and question.capacity is not None:
        faults.append(fault("capacity", "this standard has no capacity"))
    if faults:
        raise bad_values(faults)


def run(database: Database, row: Row, progress: Progress) -> None:
    """Answer a claimed question: a snapshot is read, the answer is the job's result."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    arguments: Mapping[str, Any] = row["arguments"]
    question = Question.read(arguments["question"])
    started = time.monotonic()
    progress.step(0, 5, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        inputs = ground.read(tx, arguments["standard"], arguments["area"], question.limit)
        around = _Around(tx, arguments["area"], question)
    progress.step(1, 5, "network")
    streets = ground.network(inputs)
    case = Case.of(streets, inputs, around.candidates(streets), question)
    result = {"what_if": True, **ground.head(inputs, arguments), **answer(case, progress)}
    result["seconds"] = round(time.monotonic() - started, 3)
    with database.transaction(scope) as tx:
        job.finish(tx, row["id"], row["token"], result, inputs.version)


class _Around:
    """What candidates are made of, as far as the question asks for it."""

    def __init__(self, tx: Transaction, area_code: str, question: Question) -> None:
        self.question = question
        self.outline = coverage_ground.outline(tx, area_code)
        kind = question.candidates
        if kind == "buildings":
            self.buildings = coverage_ground.buildings(tx, area_code)
        elif kind == "parcels":
            self.roads = street.roads_of(tx, area_code[:12])
            self.water = coverage_ground.water(tx, area_code)

    def candidates(self, streets: Network) -> Candidates:
        """Give the places to choose from."""
        if self.question.method == "least_missed" or self.outline is None:
            return Candidates(gpd.GeoSeries([], crs=streets.crs), 0, 0.0)
        if self.question.candidates == "buildings":
            return places.buildings(self.buildings, self.outline, MOST_CANDIDATES)
        if self.question.candidates == "parcels":
            return places.parcels(self.outline, self.roads, self.water, MOST_CANDIDATES)
        return places.crossings(streets, self.outline, MOST_CANDIDATES)
