"""What is up: the database, the workers, the feed."""

from typing import Any

from gridmap.model.access import system_scope
from gridmap.store import event, job
from gridmap.store import live as notices
from gridmap.store.database import Database

_WORKER_SECONDS = 90.0  # a worker not heard of for longer counts as down


def readiness(database: Database) -> dict[str, Any]:
    """Look at the database and what it knows of the rest; never raises when it is down.

    Returns
    -------
    dict
        ``database`` (bool), ``workers`` (queue, seen_seconds_ago; only those heard of lately)
        and ``feed`` (seq, age_seconds; both None while there is no event).
    """
    state: dict[str, Any] = {
        "database": False,
        "workers": [],
        "feed": {"seq": None, "age_seconds": None},
    }
    try:
        with database.transaction(system_scope()) as tx:
            newest = event.newest(tx)
            seen = job.workers(tx)
    except notices.LOST:
        return state
    state["database"] = True
    state["workers"] = [
        {"queue": row["queue"], "seen_seconds_ago": round(float(row["seen_seconds_ago"]), 1)}
        for row in seen
        if row["seen_seconds_ago"] < _WORKER_SECONDS
    ]
    if newest is not None:
        age = round(float(newest["age_seconds"]), 1)
        state["feed"] = {"seq": newest["seq"], "age_seconds": age}
    return state
