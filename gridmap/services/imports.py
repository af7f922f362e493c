"""Files in: all of a file or nothing of it, and the same file twice changes nothing."""

from collections.abc import Callable
from typing import Any

from gridmap.model.access import Scope
from gridmap.services import coverage_refresh
from gridmap.services.ended_communities import refuse_ended
from gridmap.services.import_kinds import Told, writer
from gridmap.services.progress import Progress
from gridmap.store import area, event
from gridmap.store.database import Database, Transaction

__all__ = ["Told", "bring_in"]

# what coverage is computed from
_COVERED = frozenset({"roads", "households", "facilities", "hazards"})


class _DryRun(Exception):  # noqa: N818 - how a rehearsal leaves its transaction
    """Everything went well, and nothing is to be kept."""


def bring_in(  # noqa: PLR0913 - what, whereto, and what goes with it
    database: Database,
    scope: Scope,
    told: Told,
    where: str | None,
    progress: Progress,
    also: Callable[[Transaction, dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """Bring a file in, in one transaction.

    Parameters
    ----------
    where
        Area code the rows belong to; None for areas, which carry their own.
    also
        What is to be saved with it, or not at all; gets the report. Not called on a dry run.

    Returns
    -------
    dict
        `kind`, `file`, `dry_run`; for each table `inserted`, `updated`, `unchanged`; for
        households also `unplaced`: how many wait for a place by hand, and why.

    Raises
    ------
    GeodataError
        Everything wrong with the file, by row and column.
    """
    progress.step(0, 3, "reading")
    write = writer(told, where)
    progress.step(1, 3, "checking")
    report: dict[str, Any] = {"kind": told.kind, "file": str(told.path), "dry_run": told.dry_run}
    try:
        with database.transaction(scope) as tx:
            if where is not None:
                area.read(tx, where)
                refuse_ended(tx, [where[:12]])
            if told.kind in _COVERED and not told.dry_run:
                # before any event is recorded; where nothing turns out to have changed, nothing is
                # computed
                coverage_refresh.ask_computed(tx, where)
            done = write(tx)
            report.update(done)
            changed = any(
                counts["inserted"] or counts["updated"]
                for counts in done.values()
                if isinstance(counts, dict) and "inserted" in counts
            )
            if told.dry_run:
                raise _DryRun
            if changed:
                event.record(
                    tx,
                    "data.imported",
                    area_code=where or _first_county(tx),
                    subject_id=told.kind,
                    payload={"kind": told.kind},
                )
            if also is not None:
                also(tx, report)
    except _DryRun:
        pass
    progress.step(3, 3, "done")
    return report


def _first_county(tx: Transaction) -> str:
    return area.counties(tx)[0]
