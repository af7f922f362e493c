"""Jobs that have ended, let go of in time; what others point to, and how things stand, stays."""

from collections.abc import Sequence

from gridmap.store.database import Transaction

# Tables whose rows tell of the job that made them. What a job has printed goes with the job.
POINTING = (
    "plan",
    "plan_sheet",
    "coverage_run",
    "care_run",
    "scenario",
    "scenario_proposal",
    "upload",
    "export_request",
)
_MOST = 2000  # in one transaction


def forget(tx: Transaction, days: int, brief: Sequence[str], brief_days: int) -> int:
    """Delete jobs that ended long ago and that nothing points to; give how many.

    Parameters
    ----------
    days
        How long a job is kept after its end.
    brief, brief_days
        Kinds whose results are read once or never again, and how long they are kept.
    """
    pointed = "".join(
        f" AND NOT EXISTS (SELECT 1 FROM {table} AS t WHERE t.job_id = j.id)" for table in POINTING
    )
    return tx.execute(
        "DELETE FROM job WHERE id IN (SELECT j.id FROM job AS j"
        " WHERE j.ended_at < now() - make_interval(days => least(:days, :brief_days))"
        " AND j.ended_at < now() - make_interval(days => CASE WHEN j.kind = ANY(:brief)"
        "  THEN least(:days, :brief_days) ELSE :days END)"
        # the last of a kind says how that stands: the trail was verified then
        " AND EXISTS (SELECT 1 FROM job AS later WHERE later.kind = j.kind AND later.id > j.id)"
        f"{pointed} ORDER BY j.id LIMIT {_MOST} FOR UPDATE SKIP LOCKED)",
        days=days,
        brief=list(brief),
        brief_days=brief_days,
    )
