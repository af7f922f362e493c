"""Run files: a coverage with everything that proves it, checked without the program that made it.

A run file is a zip of plain tables (CSV, UTF-8) and one `manifest.json`: whoever has a
spreadsheet can read it, now and in thirty years, and ``README.txt`` inside says what every column
means. A binary format would be a third of the size and need a program to open. The same
answer gives the same bytes, so that a file can be named by its hash.

It holds the streets with lengths, speeds and closures, the facilities and households with
their places, every row of the answer, and *labels*: for every node the nearest facility and the
nearest one of another crew, what the way takes and by which street it comes
(`certificate_labels`). A checker needs one look at every street: where no street leads to a node
for less than its label, nothing is nearer; where each label is the one before it and one street,
the way exists. Households that nobody reaches are proven the same way: no open street leaves the
labelled nodes. `geodata.verifying` is such a checker; it shares no code with what makes the file.
"""

import io
from collections.abc import Mapping
from typing import IO, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.certificate_file import Writer
from geodata.certificate_labels import labels_within, nearest_labels
from geodata.coverage import Standard
from geodata.coverage_reading import crews, label_order, opened, people, room
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_graph import Floats, Ints, quantised

FORMAT = "gridmap coverage run 1"

ANSWERS = (
    "covered",
    "facility",
    "seconds",
    "metres",
    "slack",
    "second_facility",
    "second_seconds",
    "second_metres",
    "reason",
)
"""Columns of `coverage.cover` that are written and proven."""

README = """\
This file holds one computation of coverage: which households a facility reaches within a
standard, and everything that proves it. It was made by gridmap and is checked without it.

manifest.json    the standard, the totals, where the data come from, SHA-256 of every table
streets.csv      streets between junctions: from_node, to_node, metres, kmh, seconds;
                 forward, backward: 0 never travelled that way, 1 open, 2 closed for now
vertices.csv     their lines, in metres of the coordinate system named in the manifest
facilities.csv   label, crew, open, room (people; inf without limit), and where it stands:
                 x, y, street (row of streets.csv, -1 none), fraction of the street, leg (metres
                 in a straight line to it), at_start, at_end (stands on the junction itself)
households.csv   label, people, where it stands, and the answer: covered, facility, seconds,
                 metres, slack, second_facility (of another crew), second_seconds,
                 second_metres, reason (empty if covered)
labels_*.csv     node, facility (row of facilities.csv), cost (what the standard measures: seconds
                 or metres), other (the other of the two), from_node and street by which the way
                 comes (-1: straight from the facility along its own street)
  labels_open      the nearest open facility and the nearest open one of another crew
  labels_shut      the nearest of the facilities that are shut
  labels_unclosed  any facility at all, in seconds, as if no street were closed
  labels_within    every open facility within the limit (standards with capacity)

A way takes: the straight leg (at walk_kmh of the manifest), the part of the household's street, the
streets between nodes, the part of the facility's street, its straight leg. Every part is rounded to
2**-30, so sums are exact. Rows count from 0. inf: there is no way. nan: not known or not meant.
"""


def certificate(  # noqa: PLR0913 - what an answer was computed from, and what is said of it
    network: Network,
    households: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
    answers: pd.DataFrame,
    *,
    stated: Mapping[str, Any] | None = None,
    totals: Mapping[str, Any] | None = None,
    single: bool = False,
) -> bytes:
    """Make the run file of a coverage; parameters as of `write`."""
    file = io.BytesIO()
    write(
        file,
        network,
        households,
        facilities,
        standard,
        answers,
        stated=stated,
        totals=totals,
        single=single,
    )
    return file.getvalue()


def write(  # noqa: PLR0913 - what an answer was computed from, and what is said of it
    file: IO[bytes],
    network: Network,
    households: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
    answers: pd.DataFrame,
    *,
    stated: Mapping[str, Any] | None = None,
    totals: Mapping[str, Any] | None = None,
    single: bool = False,
) -> None:
    """Write the run file of a coverage.

    Parameters
    ----------
    file
        Open for writing bytes.
    network, households, facilities, standard
        What `coverage.cover` was given.
    answers
        What it returned, or what was stored of it: on the index of `households`, with columns of
        `ANSWERS`. They are written as they are, right or wrong.
    stated
        What else the manifest is to say (area, version, source): JSON values.
    totals
        The totals that were stored; those that follow from `answers` by default.
    single
        Whether the numbers of `answers` were rounded to single precision when they were stored.

    Raises
    ------
    GeodataError
        If rows and households differ, or as `coverage.cover`.
    """
    if not answers.index.equals(households.index):
        raise GeodataError("the rows of the answer are not those of the households")
    if standard.profile != network.profile.key:
        raise GeodataError(f"the network is not for {standard.profile!r}")
    order = label_order(facilities.index)
    sites = network.places(facilities, standard.max_metres).taken(order)
    homes = network.places(households, standard.max_metres)
    usable, crew = opened(facilities)[order], crews(facilities)[order]
    held = people(households) if standard.capacity else _said(households)
    space = room(facilities)[order] if standard.capacity else np.full(len(order), np.inf)
    with Writer(file) as out:
        out.text("README.txt", README)
        out.table("streets.csv", _streets(network))
        out.table("vertices.csv", _vertices(network))
        out.table(
            "facilities.csv",
            pd.DataFrame(
                {"label": sites.index.astype(str), "crew": crew, "open": usable, "room": space}
            ).join(_spots(network, sites)),
        )
        rows = [column for column in ANSWERS if column in answers]
        table = pd.DataFrame({"label": homes.index.astype(str), "people": held})
        table = table.join(_spots(network, homes)).join(_plain(answers[rows]))
        out.table("households.csv", table)
        _labels(out, network, sites, usable, crew, standard)
        out.manifest(
            {
                "stated": dict(stated or {}),
                "format": FORMAT,
                "standard": _rules(standard),
                "crs": network.metric.to_string(),
                "walk_kmh": network.profile.leg_kmh,
                "numbers": "single" if single else "double",
                "totals": dict(summed(answers, held) if totals is None else totals),
            }
        )


def summed(answers: pd.DataFrame, held: Floats) -> dict[str, Any]:
    """Sum an answer up: households, people, and reasons of those who are not covered."""
    gap = ~answers["covered"].to_numpy(dtype=bool)
    reasons = answers.loc[gap, "reason"].value_counts().sort_index()
    totals: dict[str, Any] = {
        "households": len(gap),
        "covered": int((~gap).sum()),
        "uncovered": int(gap.sum()),
        "by_reason": {str(reason): int(count) for reason, count in reasons.items()},
    }
    if not np.isnan(held).any():
        totals |= {"people": float(held.sum()), "people_uncovered": float(held[gap].sum())}
    return totals


def _plain(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with labels of facilities as text, as the facilities have them."""
    plain = answers.reset_index(drop=True)
    for column in ("facility", "second_facility"):
        if column in plain:
            plain[column] = plain[column].astype("string").fillna("")
    return plain


def _rules(standard: Standard) -> dict[str, Any]:
    return {
        "key": standard.key,
        "profile": standard.profile,
        "limit": float(standard.limit),
        "by": standard.by,
        "direction": standard.direction,
        "capacity": bool(standard.capacity),
        "max_metres": float(standard.max_metres),
    }


def _labels(  # noqa: PLR0913 - whose ways, and by which rules
    out: Writer,
    network: Network,
    sites: Places,
    usable: "np.typing.NDArray[np.bool_]",
    crew: Ints,
    standard: Standard,
) -> None:
    towards, by = standard.direction == "to_facility", standard.by
    chosen, shut = np.flatnonzero(usable), np.flatnonzero(~usable)
    out.table("labels_open.csv", nearest_labels(network, sites, chosen, crew[chosen], towards, by))
    out.table("labels_shut.csv", nearest_labels(network, sites, shut, None, towards, by))
    before, every = network.unclosed, np.arange(len(sites))
    out.table("labels_unclosed.csv", nearest_labels(before, sites, every, None, towards, "seconds"))
    if standard.capacity:
        limit = float(standard.limit)
        out.table("labels_within.csv", labels_within(network, sites, chosen, towards, by, limit))


def _said(households: gpd.GeoDataFrame) -> Floats:
    """Return people where numbers are given; they prove nothing here but the totals."""
    if "people" not in households:
        return np.ones(len(households))
    read = pd.to_numeric(households["people"], errors="coerce")
    return np.asarray(read.to_numpy(dtype=float, na_value=np.nan))


def _streets(network: Network) -> pd.DataFrame:
    pieces = network.pieces
    with np.errstate(invalid="ignore", divide="ignore"):
        kmh = np.where(pieces.metres > 0, pieces.metres / pieces.seconds * 3.6, 0.0)
        # the speed that was declared, where it gives the same seconds to the last digit
        plain = np.round(kmh, 3)
        same = quantised(pieces.metres / (plain / 3.6)) == pieces.seconds
    return pd.DataFrame(
        {
            "from_node": pieces.start,
            "to_node": pieces.end,
            "metres": pieces.metres,
            "kmh": np.where(same, plain, kmh),
            "seconds": pieces.seconds,
            "forward": _state(network, pieces.forward),
            "backward": _state(network, pieces.backward),
            "road": network.roads.index.take(network.pieces.road).astype(str),
        }
    )


def _state(network: Network, label: Ints) -> Ints:
    if not len(network.opened):
        return np.zeros(len(label), dtype=np.intp)
    there = (label >= 0) & network.unclosed.opened[label]  # a barrier is there for good
    return np.where(there, np.where(network.opened[label], 1, 2), 0)


def _vertices(network: Network) -> pd.DataFrame:
    pieces = network.pieces
    street = np.repeat(np.arange(len(pieces.road)), np.diff(pieces.offsets))
    return pd.DataFrame({"street": street, "x": pieces.metric[:, 0], "y": pieces.metric[:, 1]})


def _spots(network: Network, places: Places) -> pd.DataFrame:
    points = gpd.GeoSeries(shapely.points(places.xy), crs=network.crs).to_crs(network.metric)
    missing = np.isnan(places.xy).any(axis=1)
    return pd.DataFrame(
        {
            "x": np.where(missing, np.nan, points.x),
            "y": np.where(missing, np.nan, points.y),
            "street": places.piece,
            "fraction": places.fraction,
            "leg": places.metres,
            "at_start": places.at_start,
            "at_end": places.at_end,
        }
    )
