"""Coverage runs that have stood for a while and of which there is no file that proves them."""

from gridmap.store.coverage_newest import NEWEST
from gridmap.store.database import Row, Transaction

# Of each standard and area the newest run alone: what an older one was computed from has changed.
# One that was asked for once and came to nothing is not asked for again and again.
_SETTLED = (
    f"{NEWEST} SELECT r.id, r.area_code, r.standard_key, r.standard, r.input_version"
    " FROM newest AS r"
    " WHERE r.created_at < now() - make_interval(mins => :minutes)"
    " AND NOT EXISTS (SELECT 1 FROM coverage_certificate AS c WHERE c.run_id = r.id)"
    " AND NOT EXISTS (SELECT 1 FROM job AS j"
    "  WHERE j.analysis = :kind || ' ' || r.standard_key || ' ' || r.area_code"
    "  AND j.created_at >= r.created_at) ORDER BY r.id"
)


def busy(tx: Transaction, kind: str) -> bool:
    """Tell whether a file is being made or waited for."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM job WHERE kind = :kind"
            " AND state IN ('queued', 'running'))",
            kind=kind,
        )
    )


def settled(tx: Transaction, kind: str, minutes: int) -> list[Row]:
    """Give the newest runs that are older than so many minutes and have neither file nor job.

    Parameters
    ----------
    kind
        Of the jobs that make files.
    """
    return tx.all(_SETTLED, kind=kind, minutes=minutes)
