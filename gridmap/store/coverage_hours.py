"""Coverage runs that something has overtaken: data, an opening or a closing, other words."""

from gridmap.store import coverage_words, version
from gridmap.store.coverage_newest import NEWEST
from gridmap.store.coverage_words import SEEN_TO
from gridmap.store.database import Row, Transaction
from gridmap.store.days import SETTING

_NOW = f"(now() AT TIME ZONE current_setting('{SETTING}'))"
# Of each standard and area the newest run alone is kept current. A refresh asked for after the
# turn reads who is open then: a run that still is of before belongs to one that came to nothing,
# and is asked for again after a while.
_DUE = (
    f"{NEWEST} SELECT DISTINCT r.county FROM (SELECT left(area_code, 6) AS county,"
    " CAST(standard->>'valid_until' AS timestamp) AS valid_until FROM newest) AS r"
    f" WHERE r.valid_until <= {_NOW} AND NOT EXISTS (SELECT 1 FROM job AS j"
    "  WHERE j.analysis = :kind || ' ' || r.county AND (j.state IN ('queued', 'running')"
    f"   OR {SEEN_TO} AND j.created_at >= r.valid_until AT TIME ZONE"
    f"    current_setting('{SETTING}')))"
    " ORDER BY r.county"
)


def changed(tx: Transaction, run: Row) -> list[str]:
    """Give what a run was computed from that is no more what it was.

    Layers; `hours` where a door has turned, and `coverage_standard` also where other words have
    come into force and nothing else has changed.
    """
    found = version.changed(tx, run["input_version"])
    if turned(tx, run["standard"]):
        found.append("hours")
    if not found and not coverage_words.hold(tx, run["area_code"], run["standard"]):
        found.append("coverage_standard")
    return found


def holds(tx: Transaction, run: Row) -> bool:
    """Tell whether a run would be the same if it were computed now."""
    return (
        version.still(tx, run["input_version"])
        and not turned(tx, run["standard"])
        and coverage_words.hold(tx, run["area_code"], run["standard"])
    )


def turned(tx: Transaction, standard: Row) -> bool:
    """Tell whether a facility has opened or closed by its hours since a run.

    Parameters
    ----------
    standard
        The definition that is kept with the run.
    """
    until = standard.get("valid_until")
    if until is None:
        return False
    return bool(tx.value(f"SELECT CAST(:until AS timestamp) <= {_NOW}", until=until))


def due(tx: Transaction, kind: str) -> list[str]:
    """Give the counties with a newest run that hours or words have overtaken and nobody sees to.

    Parameters
    ----------
    kind
        Of the jobs that see to it.
    """
    turned_in = {str(row["county"]) for row in tx.all(_DUE, kind=kind)}
    return sorted({*turned_in, *coverage_words.begun(tx, kind)})
