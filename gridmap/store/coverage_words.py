"""By which words a run was computed, and whether these are the ones in force."""

from collections.abc import Mapping
from typing import Any

from gridmap.store import coverage_standards
from gridmap.store.coverage_newest import NEWEST
from gridmap.store.database import Transaction
from gridmap.store.days import SETTING, TODAY

# Versions are numbered by area: a township's first one is not its county's.
Words = tuple[str | None, int | None]

# Of a job `j`: it has done what was asked, or came to nothing, by a fault or a person, so lately
# that the next would as well.
SEEN_TO = "(j.state = 'done' OR j.created_at > now() - interval '1 hour')"

# The newest runs by other words than those in force. A refresh asked for since any of the words
# around them began has seen all of them, ends of words too: a run that still is by the old ones
# belongs to one that came to nothing.
_AROUND = (
    "FROM coverage_standard WHERE key = r.standard_key AND starts_with(r.area_code, area_code)"
    f" AND valid_from <= {TODAY}"
)
_BEGUN = (
    f"{NEWEST} SELECT DISTINCT left(r.area_code, 6) AS county FROM newest AS r"
    " CROSS JOIN LATERAL (SELECT b.* FROM (SELECT DISTINCT ON (area_code) area_code, version,"
    f" retired {_AROUND} ORDER BY area_code, version DESC) AS b WHERE NOT b.retired"
    " ORDER BY length(b.area_code) DESC LIMIT 1) AS s"
    " CROSS JOIN LATERAL (SELECT max(greatest(created_at, CAST(valid_from AS timestamp)"
    f" AT TIME ZONE current_setting('{SETTING}'))) AS moment {_AROUND}) AS last"
    " WHERE r.standard ->> 'version' IS NOT NULL"
    " AND (s.area_code, s.version::text)"
    "  IS DISTINCT FROM (r.standard ->> 'area_code', r.standard ->> 'version')"
    " AND NOT EXISTS (SELECT 1 FROM job AS j"
    "  WHERE j.analysis = :kind || ' ' || left(r.area_code, 6)"
    "  AND (j.state IN ('queued', 'running')"
    f"   OR {SEEN_TO} AND j.created_at >= last.moment)) ORDER BY 1"
)


def of(standard: Mapping[str, Any]) -> Words:
    """Give what tells a definition from all others of its key."""
    return standard.get("area_code"), standard.get("version")


def hold(tx: Transaction, area_code: str, standard: Mapping[str, Any]) -> bool:
    """Tell whether a definition that is kept with a run is the one in force today.

    A version begins on its day, when nothing changes in the tables. Runs of before definitions
    had versions are told from nothing.
    """
    if standard.get("version") is None:
        return True
    now = coverage_standards.in_force(tx, str(standard["key"]), area_code)
    return now is not None and of(now) == of(standard)


def begun(tx: Transaction, kind: str) -> list[str]:
    """Give the counties with a newest run by words of before, and nobody sees to it.

    Parameters
    ----------
    kind
        Of the jobs that see to it.
    """
    return [str(row["county"]) for row in tx.all(_BEGUN, kind=kind)]
