"""A question about sites as numbers: the demand, the sites, and the costs between them."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.candidates import Candidates
from geodata.demand import Demand, demand
from geodata.network import Network
from geodata.site_gains import Gain
from geodata.siting import Sites
from geodata.street_graph import Floats, Ints
from gridmap.model.coverage_sites import Question
from gridmap.services.coverage_inputs import Inputs

MOST_SPOTS = 25_000


@dataclass(frozen=True)
class Case:
    """A question about sites, with the costs between demand and every site.

    Attributes
    ----------
    sites
        Points: open facilities first, then candidates.
    costs
        Array demand x site, in the standard's measure.
    open
        Labels of the facilities that are open.
    """

    streets: Network
    inputs: Inputs
    question: Question
    candidates: Candidates
    demand: Demand
    sites: gpd.GeoSeries
    costs: Floats
    open: pd.Index

    @classmethod
    def of(
        cls, streets: Network, inputs: Inputs, candidates: Candidates, question: Question
    ) -> "Case":
        """Measure the ways between all demand and all sites."""
        asked = demand(inputs.households, MOST_SPOTS)
        facilities = inputs.facilities[inputs.facilities["open"].fillna(value=True).astype(bool)]
        existing = facilities.geometry.to_crs(streets.crs)
        points = [*existing, *candidates.points.to_crs(streets.crs)]
        sites = gpd.GeoSeries(points, crs=streets.crs)
        costs = _costs(streets, inputs, asked, sites)
        return cls(streets, inputs, question, candidates, asked, sites, costs, facilities.index)

    @property
    def limit(self) -> float:
        """Seconds or metres up to which a household is reached."""
        return float(self.inputs.standard["max_value"])

    @property
    def fixed(self) -> Ints:
        """Positions of the facilities that are open."""
        return np.arange(len(self.open), dtype=np.intp)

    @property
    def weights(self) -> Floats:
        """Whom the question counts."""
        return self.demand.weight(self.question.weight)

    @property
    def room(self) -> Floats | None:
        """People each site takes in; None if the standard asks for no capacity."""
        if not self.inputs.standard["capacity"]:
            return None
        held = self.inputs.facilities.loc[self.open, "capacity"].to_numpy(dtype=np.float64)
        new = np.full(len(self.candidates), float(self.question.capacity or 0))
        return np.concatenate([np.where(np.isnan(held), np.inf, held), new])

    @property
    def given(self) -> dict[str, Any]:
        """What a model takes besides costs and weights."""
        question, room = self.question, self.room
        given: dict[str, Any] = {"fixed": self.fixed, "capacity": room}
        if question.method.startswith("cover") or room is not None:
            given["limit"] = self.limit
        if question.count is not None:
            given["count"] = len(self.open) + question.count
        return given


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes
    ----------
    gains
        New sites in order, with whom each adds.
    objective, bound
        As the model gives them.
    found
        Its answer; None where every site was looked at.
    lost
        For the least missed: what the loss of each open site would mean.
    """

    gains: list[Gain]
    objective: float
    bound: float
    found: Sites | None = None
    lost: Floats | None = None


def _costs(streets: Network, inputs: Inputs, asked: Demand, sites: gpd.GeoSeries) -> Floats:
    homes, spots = streets.places(asked.points), streets.places(sites)
    by = inputs.standard["measure"]
    towards = inputs.standard["direction"] == "to_facility"
    start, end = (homes, spots) if towards else (spots, homes)
    seconds, metres = streets.matrix(start, end, by=by)
    costs = seconds if by == "seconds" else metres
    return costs if towards else np.ascontiguousarray(costs.T)
