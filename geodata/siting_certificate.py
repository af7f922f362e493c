"""Files that prove where sites are best: everything the answer and its bound follow from.

Made of the same plain tables as the file of a coverage run (`certificates`), with the demand and
the sites in the place of households and facilities. Distances are not in it: whoever checks it
measures them on the streets, so none can be wrong. `geodata.verifying` is such a checker.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geodata.certificate_file import Writer
from geodata.certificate_tables import barriers, spots, streets, vertices
from geodata.coverage import Standard
from geodata.network import Network
from geodata.points import Points
from geodata.siting_proof import Proof
from geodata.street_graph import Floats, Ints

FORMAT = "gridmap siting answer 1"

README = """\
This file holds one answer to where facilities would do most, and everything that proves it. It was
made by gridmap and is checked without it: `gridmap coverage verify FILE`, or any program that
finds shortest ways.

manifest.json  the standard, the question, what was claimed, SHA-256 of every table
streets.csv    streets between junctions: from_node, to_node, metres, kmh, seconds; forward,
               backward: 0 never travelled that way, 1 open, 2 closed for now
vertices.csv   their lines, in metres of the coordinate system named in the manifest
barriers.csv   lines that no straight leg crosses
sites.csv      label (of a facility that is there; empty for a candidate), open (whether it is),
               room (people; inf without limit), place (1 for the first chosen, 0 not chosen),
               adds (what it is the first to reach of those within the limit, counted after those
               before it; with capacity, whom it takes in; for the least missed of those there are,
               who loses cover without it), and where it stands
demand.csv     label, weight (how many of those that count are there), site (row of sites.csv that
               serves them, -1 none), cost (seconds or metres on the way), price (see below), and
               where it stands: x, y, street (row of streets.csv), fraction, leg, at_start, at_end

A way takes: the straight leg (at walk_kmh), the part of the demand's street, the streets between,
the part of the site's street, its straight leg. Every part is rounded to 2**-30.

The bound. A site earns from each demand it may serve: (p_median) price less weight x cost, where
that is more than nothing; (cover_most) weight less price; (cover_all, p_center) the price. With
capacity it earns no more than fits, the best for their size first and the last one in part. Demand
nobody reaches does not count. Best = all that is open earns, and the best of the others, as many
as are asked for.
  p_median    no choice costs less than all prices less Best (less `missing` for every person the
              answer leaves out, where a person left out is priced at `missing`)
  cover_most  no choice reaches more than all prices and Best
  cover_all   no choice of fewer sites than it takes for Best to come to all prices
  p_center    as cover_all, at the cost `within`: the sites are too few for it, so somebody is as
              far as the next cost; without `within`, as far as the nearest of all sites
Next and least missed are found by looking at every site: no prices are needed. The bound of
`claimed` that lies beyond that of `proof` was found by searching every choice; a checker cannot
repeat it without the search, and says so.
"""


@dataclass(frozen=True)
class Answer:
    """What was asked about sites, and what was found.

    Attributes
    ----------
    method, count, counted
        The question, how many new sites (None where that is the answer), and who counts.
    labels
        Of the sites that are there, which come first.
    room
        People each site takes in; None without capacities.
    weights, assignment, costs
        Of the demand: who is there, the position of their site (-1 none), and costs to all sites.
    order, adds
        Positions of the new sites as they are opened; what each of all sites adds.
    objective, bound
        What was claimed.
    proof
        Prices; None where none are needed.
    """

    method: str
    count: int | None
    counted: str
    labels: list[str]
    room: Floats | None
    weights: Floats
    assignment: Ints
    costs: Floats
    order: Ints
    adds: Floats
    objective: float
    bound: float
    proof: Proof | None


def certificate(
    network: Network,
    demand: Points,
    sites: Points,
    standard: Standard,
    answer: Answer,
    stated: Mapping[str, Any] | None = None,
) -> bytes:
    """Write everything an answer follows from.

    Parameters
    ----------
    network
        The streets it was measured on.
    demand, sites
        Where they are: facilities that are there, then candidates.
    standard
        With the limit that was asked about.
    stated
        What else the manifest is to say (area, version, job): JSON values.
    """
    size = len(answer.assignment)
    count = answer.costs.shape[1]
    place = np.zeros(count, dtype=np.int64)
    place[answer.order] = np.arange(1, len(answer.order) + 1)
    served = answer.assignment >= 0
    cost = np.full(size, np.inf)
    cost[served] = answer.costs[served, answer.assignment[served]]
    proof = answer.proof
    out = io.BytesIO()
    with Writer(out) as file:
        file.text("README.txt", README)
        file.table("streets.csv", streets([network]))
        file.table("vertices.csv", vertices(network))
        file.table("barriers.csv", barriers(network))
        table = pd.DataFrame(
            {
                "label": [*answer.labels, *[""] * (count - len(answer.labels))],
                "open": np.arange(count) < len(answer.labels),
                "room": np.full(count, np.inf) if answer.room is None else answer.room,
                "place": place,
                "adds": answer.adds,
            }
        )
        file.table("sites.csv", table.join(spots(network, network.places(sites))))
        table = pd.DataFrame(
            {
                "label": np.arange(1, size + 1).astype(str),
                "weight": answer.weights,
                "site": answer.assignment,
                "cost": cost,
                "price": np.zeros(size) if proof is None else proof.prices,
            }
        )
        file.table("demand.csv", table.join(spots(network, network.places(demand))))
        file.manifest(
            {
                "format": FORMAT,
                "crs": network.metric.to_string(),
                "stated": dict(stated or {}),
                "standard": {
                    "key": standard.key,
                    "profile": standard.profile,
                    "limit": float(standard.limit),
                    "by": standard.by,
                    "direction": standard.direction,
                    "capacity": answer.room is not None,
                    "max_metres": 200.0,
                    "walk_kmh": network.profile.leg_kmh,
                },
                "question": {
                    "method": answer.method,
                    "count": answer.count,
                    "counted": answer.counted,
                },
                "claimed": {
                    "objective": _number(answer.objective),
                    "bound": _number(answer.bound),
                },
                "proof": {
                    "bound": _number(answer.bound if proof is None else proof.bound),
                    "within": None if proof is None else proof.within,
                    "missing": 0.0 if proof is None else proof.missing,
                },
            }
        )
    return out.getvalue()


def _number(value: float) -> float | None:
    """Give a number as JSON knows them: what is without end is none."""
    return float(value) if np.isfinite(value) else None
