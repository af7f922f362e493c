"""Which coverage is kept current: of what somebody has asked lately, and of whole counties."""

from gridmap.store.coverage_newest import NEWEST
from gridmap.store.database import Row, Transaction

_FOLLOWED = (
    f"{NEWEST} SELECT r.id, r.area_code, r.standard_key, r.standard, r.input_version"
    " FROM newest AS r WHERE starts_with(r.area_code, :county)"
    " AND (length(r.area_code) = 6 OR EXISTS (SELECT 1 FROM coverage_run AS a"
    "  LEFT JOIN job AS j ON j.id = a.job_id WHERE a.area_code = r.area_code"
    "  AND a.standard_key = r.standard_key AND a.created_at > now() - make_interval(days => :days)"
    "  AND j.kind IS DISTINCT FROM :kind)) ORDER BY r.area_code, r.standard_key"
)


def newest(tx: Transaction, county: str, kind: str, days: int) -> list[Row]:
    """Give the newest run of every standard and area of a county that is kept current.

    Parameters
    ----------
    kind
        Of the jobs that keep it current: a run of theirs is nobody's question.
    days
        How long after a question its area is followed; a whole county always is.
    """
    return tx.all(_FOLLOWED, county=county, kind=kind, days=days)
