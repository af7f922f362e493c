"""Sums of the parts of a coverage run: how many are reached in each grid, and how well."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.catchment import spread
from geodata.homes import Homes

REASONS = ("too_far", "no_road", "cut_off", "full", "closed", "not_snapped")
BANDS = ("always", "sometimes", "never")
SCORES = ("score_people", "score_sum", "score_low")


def sums(
    homes: Homes,
    arrays: Mapping[str, NDArray[Any]],
    order: NDArray[np.intp],
    bounds: NDArray[np.intp],
) -> dict[str, list[Any]]:
    """Sum each part up; measures that no household of it has are None."""
    if not len(order):
        return {}
    starts = bounds[:-1]
    gap = ~arrays["covered"]
    people = homes.table["people"].to_numpy(dtype=np.int64)[order]
    needs = homes.table["with_needs"].to_numpy(dtype=bool)[order]
    x, y = homes.spots.xy[order].T

    def total(values: NDArray[Any]) -> list[int]:
        return [int(one) for one in np.add.reduceat(values.astype(np.int64), starts)]

    def most(values: NDArray[np.float32]) -> list[float | None]:
        return [float(one) if one >= 0 else None for one in np.maximum.reduceat(values, starts)]

    found: dict[str, list[Any]] = {
        "west": list(np.minimum.reduceat(x, starts)),
        "south": list(np.minimum.reduceat(y, starts)),
        "east": list(np.maximum.reduceat(x, starts)),
        "north": list(np.maximum.reduceat(y, starts)),
        "households": [int(one) for one in np.diff(bounds)],
        "uncovered": total(gap),
        "people": total(people),
        "people_uncovered": total(people * gap),
        "with_needs": total(needs),
        "with_needs_uncovered": total(needs & gap),
        "worst_seconds": most(arrays["seconds"]),
        "worst_metres": most(arrays["metres"]),
    }
    for number, name in enumerate(BANDS, start=1):
        known = "bands" in arrays and bool((arrays["bands"] > 0).all())
        found[name] = total(arrays["bands"] == number) if known else [None] * len(starts)
    reasons = [total(arrays["reasons"] == number) for number in range(1, len(REASONS) + 1)]
    found["by_reason"] = [
        {name: held[at] for name, held in zip(REASONS, reasons, strict=True) if held[at]}
        for at in range(len(starts))
    ]
    return found


def score_sums(
    households: pd.DataFrame,
    scores: "pd.Series[Any]",
    order: NDArray[np.intp],
    bounds: NDArray[np.intp],
) -> dict[str, list[Any]]:
    """Sum the scores of each part up, person by person; what is low is so in the whole run."""
    people = households["people"].to_numpy(dtype=np.int64)
    score = scores.to_numpy(dtype=float, na_value=np.nan)
    half = (spread(people, score).mean or 0.0) / 2
    known = np.isfinite(score)
    of_each = (
        np.where(known, people, 0),
        np.where(known, people * np.nan_to_num(score), 0.0),
        np.where(known & (score < half), people, 0),
    )
    return {
        name: np.add.reduceat(values[order], bounds[:-1]).tolist()
        for name, values in zip(SCORES, of_each, strict=True)
    }
