"""Waves that the streets can take: whether they are worth it, and who then leaves when.

`geodata.clearance_staging` fills waves by what each street lets pass. Everybody waits at home
instead of in the street; the last may be out later for it. `auto` takes such waves where calling
all at once would let a person stand in the street for half a minute or more on the average, where
they save a fifth of that or more, and where the last one is out no more than a tenth later. The
three figures are ours, to be set by whoever has drilled both: half a minute is felt, a fifth is
more than the estimate is uncertain by, and a tenth of an hour is the six minutes of a call. Waves
that a person has asked for by number stand: `auto` then stages nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geodata import clearance, clearance_staging
from geodata.clearance import Clearance
from geodata.evacuation_flow import Followed
from geodata.network import Network
from gridmap.model.plan_options import PlanOptions

WAITS, SAVES, LATER = 30.0, 0.2, 0.1
INTERVAL = 600.0  # seconds between two waves where nobody has said how many


@dataclass(frozen=True)
class Leaving:
    """Who leaves together, and who has left or is fetched.

    Attributes
    ----------
    urgent
        Who chooses a wave first.
    group
        Households of one label leave in one wave; <NA> for those by themselves.
    fixed
        Departures, in seconds, of those who do not choose: they are fetched, go with somebody
        who is, or were told when to leave before.
    told
        Those of them who were told, or leave with somebody who was: they keep their time however
        the others leave.
    """

    urgent: "pd.Series[bool]"
    group: "pd.Series[Any]"
    fixed: "pd.Series[float]"
    told: "pd.Series[float]"


@dataclass(frozen=True)
class Staged:
    """Waves that may be taken.

    Attributes
    ----------
    wave, departures
        Of each household, from 1, and in seconds after the order.
    clearance
        What comes of them.
    part
        What is kept with the plan, whether they are taken or not.
    """

    wave: "pd.Series[int]"
    departures: "pd.Series[float]"
    clearance: Clearance
    part: Mapping[str, Any]

    @property
    def chosen(self) -> bool:
        """Whether the plan takes them."""
        return bool(self.part["chosen"])


def staged(  # noqa: PLR0913, PLR0917 - who goes where, and how that is estimated
    network: Network,
    followed: Followed,
    people: "pd.Series[int]",
    leaving: Leaving,
    options: PlanOptions,
    pace: clearance.Options,
    at_once: Clearance | None,
    runs: int,
) -> Staged | None:
    """Make waves that the streets can take; None where none are asked for or nobody would wait.

    Parameters
    ----------
    at_once
        The estimate of all leaving together, where there is one already.
    """
    if options.staging == "never" or (options.staging == "auto" and options.wave_people):
        return None
    together = pd.Series(1, index=people.index)
    before = at_once or clearance.estimate(
        network, followed, people, together, runs=runs, options=pace, departures=together * 0.0
    )
    if options.staging == "auto" and before.mean_wait_seconds < WAITS:
        return None
    interval = options.wave_minutes * 60.0 if options.wave_minutes else INTERVAL
    free = np.flatnonzero(~followed.index.isin(leaving.fixed.index))
    rows = followed.index[free]
    departures = leaving.fixed.reindex(followed.index).fillna(0.0)
    if len(rows):
        departures[rows] = clearance_staging.staged(
            network,
            followed.taken(free),
            people.loc[rows],
            leaving.urgent.loc[rows],
            leaving.group.loc[rows],
            staging=clearance_staging.Staging(interval, options.wave_people, runs=1),
            options=pace,
        ).departures
    wave = departures.rank(method="dense").astype("int64").rename("wave")
    after = clearance.estimate(
        network, followed, people, wave, runs=runs, options=pace, departures=departures
    )
    part = {
        "chosen": options.staging == "always" or _worth(before, after),
        "asked": options.staging,
        "interval_seconds": interval,
        "waves": int(wave.max()),
        "at_once": _told(before),
        "staged": _told(after),
        "rule": {"waits": WAITS, "saves": SAVES, "later": LATER},
    }
    return Staged(wave, departures, after, part)


def _worth(before: Clearance, after: Clearance) -> bool:
    last, first = _last(after), _last(before)
    saved = before.mean_wait_seconds - after.mean_wait_seconds
    return saved >= SAVES * before.mean_wait_seconds and last <= (1 + LATER) * first


def _last(found: Clearance) -> float:
    return float(found.percentiles["median_seconds"].iloc[-1])


def _told(found: Clearance) -> dict[str, Any]:
    median = found.percentiles["median_seconds"]
    return {
        "mean_wait_seconds": round(found.mean_wait_seconds, 1),
        "longest_wait_seconds": round(float(found.links["queue_seconds"].max()), 1)
        if len(found.links)
        else 0.0,
        "percentiles": [
            {"share": float(str(share)), "median": round(float(seconds), 1)}
            for share, seconds in median.items()
        ],
    }
