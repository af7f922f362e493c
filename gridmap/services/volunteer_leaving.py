"""Volunteers who leave: asked no more from that moment, destroyed so many days later."""

from gridmap.model.access import system_scope
from gridmap.store import event
from gridmap.store import volunteer as rows
from gridmap.store.database import Database


def forget_left(database: Database, keep_days: int) -> int:
    """Destroy those who left so many days ago; give how many. Safe in several places at once.

    Whoever is named in a call stays as long as that call, which has a day of its own.
    """
    with database.transaction(system_scope()) as tx:
        gone = rows.forget_left(tx, keep_days)
        for row in gone:
            event.record(
                tx,
                "volunteer.forgotten",
                area_code=row["county"],
                subject_id=row["county"],
                payload={"people": row["people"]},
            )
    return sum(int(row["people"]) for row in gone)
