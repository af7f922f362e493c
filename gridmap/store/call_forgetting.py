"""Calls for volunteers and messages whose time is long over: found and deleted."""

from gridmap.store.database import Row, Transaction

# These hang on an emergency and are destroyed with all that belongs to it.
_WITH_THE_EMERGENCY = "about ~ '^(plan|hazard|call_out):'"


def calls(tx: Transaction, keep_days: int, limit: int = 200) -> list[Row]:
    """Give calls for volunteers that ended so many days ago, held until the transaction ends."""
    return tx.all(
        "SELECT id, area_code, exercise FROM volunteer_call"
        " WHERE expires_at < now() - make_interval(days => :days)"
        " ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED",
        days=keep_days,
        limit=limit,
    )


def forget_call(tx: Transaction, call_id: int) -> dict[str, int]:
    """Delete a call with who was asked, what they said and what they were written."""
    gone = {
        "message": tx.execute(
            "DELETE FROM message WHERE about = 'volunteer_call:' || CAST(:id AS bigint)", id=call_id
        ),
        "volunteer_answer": tx.execute(
            "DELETE FROM volunteer_answer WHERE call_id = :id", id=call_id
        ),
        "volunteer_call": tx.execute("DELETE FROM volunteer_call WHERE id = :id", id=call_id),
    }
    return {table: rows for table, rows in gone.items() if rows}


def forget_messages(tx: Transaction, keep_days: int) -> list[Row]:
    """Delete messages that are of no emergency and long over; give how many of which county."""
    return tx.all(
        "WITH gone AS (DELETE FROM message WHERE not_after < now() - make_interval(days => :days)"
        f" AND NOT {_WITH_THE_EMERGENCY} RETURNING area_code)"
        " SELECT left(area_code, 6) AS county, count(*)::int AS messages FROM gone"
        " GROUP BY 1 ORDER BY 1",
        days=keep_days,
    )
