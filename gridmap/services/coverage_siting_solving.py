"""A question about sites answered from one snapshot: what is read, and what it is made into."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata import candidates as places
from geodata.candidates import Candidates
from geodata.network import Network
from gridmap.model.access import Scope
from gridmap.model.coverage_sites import Question
from gridmap.services import coverage_ground as ground
from gridmap.services import coverage_grounds, coverage_siting_grounds
from gridmap.services.coverage_siting import answer
from gridmap.services.coverage_siting_case import Case, Choice
from gridmap.services.progress import Progress
from gridmap.store import coverage_ground, street
from gridmap.store.database import Database, Transaction

MOST_CANDIDATES = 200


@dataclass(frozen=True)
class Solved:
    """An answer with what it was computed from.

    Attributes
    ----------
    case, choice
        The question in numbers, and what was chosen; None if there was nothing to choose.
    answer
        What is said.
    version
        Of the inputs.
    """

    case: Case
    choice: Choice | None
    answer: dict[str, Any]
    version: str


def solve(
    database: Database,
    scope: Scope,
    arguments: Mapping[str, Any],
    progress: Progress,
    at: datetime | None = None,
) -> Solved:
    """Answer a question from a snapshot, with no connection held meanwhile.

    Parameters
    ----------
    at
        The moment on the wall for which opening hours are asked; now unless given.
    """
    question = Question.read(arguments["question"])
    progress.step(0, 5, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        inputs = ground.read(tx, arguments["standard"], arguments["area"], question.limit, at)
        around = _Around(tx, arguments["area"], question)
        county = coverage_grounds.outline(tx, inputs.standard, arguments["area"])
    progress.step(1, 5, "network")
    streets = ground.network(inputs)
    case = Case.of(streets, inputs, around.candidates(streets), question)
    told, choice = answer(case, progress)
    told = coverage_siting_grounds.told(told, streets, inputs, county)
    said = {"what_if": True, **ground.head(inputs, arguments), **told}
    return Solved(case, choice, said, inputs.version)


class _Around:
    """What candidates are made of, as far as the question asks for it."""

    def __init__(self, tx: Transaction, area_code: str, question: Question) -> None:
        self.question = question
        self.outline = coverage_ground.outline(tx, area_code)
        kind = question.candidates
        self.water = coverage_ground.water(tx, area_code)
        if kind == "buildings":
            self.buildings = coverage_ground.buildings(tx, area_code)
        elif kind == "parcels":
            self.roads = street.roads_of(tx, area_code[:12])

    def candidates(self, streets: Network) -> Candidates:
        """Give the places to choose from."""
        if self.question.method == "least_missed" or self.outline is None:
            return Candidates(gpd.GeoSeries([], crs=streets.crs), 0, 0.0)
        if self.question.candidates == "buildings":
            return places.buildings(self.buildings, self._land(), MOST_CANDIDATES)
        if self.question.candidates == "parcels":
            return places.parcels(self.outline, self.roads, self.water, MOST_CANDIDATES)
        return places.crossings(streets, self._land(), MOST_CANDIDATES)

    def _land(self) -> Any:
        """Give the area without its lakes: nothing is built on a bridge or a boat."""
        shapes = np.asarray(self.water.geometry.array, dtype=object)
        lakes = shapes[shapely.get_dimensions(shapes) == 2]  # noqa: PLR2004 - areas
        return self.outline.difference(shapely.union_all(lakes)) if len(lakes) else self.outline
