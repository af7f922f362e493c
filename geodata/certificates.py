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

from geodata.certificate_file import Writer
from geodata.certificate_labels import labels_within, nearest_labels
from geodata.certificate_tables import README, barriers, plain, spots, streets, vertices
from geodata.coverage import Standard
from geodata.coverage_bands import BANDS
from geodata.coverage_reading import crews, label_order, opened, people, room
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.snapping import Places
from geodata.street_graph import Bools, Floats, Ints

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
    "band",
)
"""Columns of `coverage.cover` that are written and proven."""


def certificate(  # noqa: PLR0913 - what an answer was computed from, and what is said of it
    network: Network,
    households: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    standard: Standard,
    answers: pd.DataFrame,
    *,
    bands: Mapping[str, Network] | None = None,
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
        bands=bands,
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
    bands: Mapping[str, Network] | None = None,
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
    bands
        What `coverage_bands.cover_bands` was given, `network` first; one band by default.
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
    several = {"": network} if bands is None else bands
    if next(iter(several.values()), None) is not network:
        raise GeodataError("the first speed band is not the network")
    for key, one in several.items():
        if not np.array_equal(one.opened, network.opened):
            raise GeodataError(f"speed band {key!r} has other streets or closures")
    order = label_order(facilities.index)
    sites = network.places(facilities, standard.max_metres).taken(order)
    homes = network.places(households, standard.max_metres)
    usable, crew = opened(facilities)[order], crews(facilities)[order]
    held = people(households) if standard.capacity else _said(households)
    space = room(facilities)[order] if standard.capacity else np.full(len(order), np.inf)
    with Writer(file) as out:
        out.text("README.txt", README)
        out.table("streets.csv", streets(list(several.values())))
        out.table("vertices.csv", vertices(network))
        out.table("barriers.csv", barriers(network))
        out.table(
            "facilities.csv",
            pd.DataFrame(
                {"label": sites.index.astype(str), "crew": crew, "open": usable, "room": space}
            ).join(spots(network, sites)),
        )
        rows = [column for column in ANSWERS if column in answers]
        table = pd.DataFrame({"label": homes.index.astype(str), "people": held})
        table = table.join(spots(network, homes)).join(plain(answers[rows]))
        out.table("households.csv", table)
        _labels(out, network, sites, usable, crew, standard)
        _band_labels(out, list(several.values())[1:], facilities, order, usable, standard)
        out.manifest(
            {
                "stated": dict(stated or {}),
                "format": FORMAT,
                "standard": _rules(standard),
                "crs": network.metric.to_string(),
                "bands": [
                    {"key": key, "walk_kmh": one.profile.leg_kmh} for key, one in several.items()
                ],
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
    if "band" in answers:
        said = answers["band"].astype(str)
        totals["bands"] = {name: int((said == name).sum()) for name in BANDS}
    if not np.isnan(held).any():
        totals |= {"people": float(held.sum()), "people_uncovered": float(held[gap].sum())}
    return totals


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
    usable: Bools,
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


def _band_labels(  # noqa: PLR0913 - whose ways, and by which rules
    out: Writer,
    networks: list[Network],
    facilities: gpd.GeoDataFrame,
    order: Ints,
    usable: Bools,
    standard: Standard,
) -> None:
    towards, chosen = standard.direction == "to_facility", np.flatnonzero(usable)
    for number, network in enumerate(networks, start=1):
        sites = network.places(facilities, standard.max_metres).taken(order)
        if standard.capacity:
            limit = float(standard.limit)
            frame = labels_within(network, sites, chosen, towards, standard.by, limit)
        else:
            frame = nearest_labels(network, sites, chosen, None, towards, standard.by)
        out.table(f"labels_band_{number}.csv", frame)
