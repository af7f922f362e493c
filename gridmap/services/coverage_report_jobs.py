"""Reports on coverage asked for, made by a worker, kept for a day for who asked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.coverage_report import Report
from gridmap.model.problem import conflict, not_found
from gridmap.services import workbook
from gridmap.services.access import Viewer
from gridmap.services.coverage_reports import Wanted
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.reading import readable_needs
from gridmap.store import area, coverage_report, coverage_standards, event, job, paper_file
from gridmap.store.database import Database, Row, Transaction

KIND = "coverage.report"
MEDIA = {"pdf": "application/pdf", "xlsx": workbook.MEDIA}


@dataclass(frozen=True)
class Order:
    """What is asked for: of which area, by which standards, in which form and language."""

    area: str
    standards: tuple[str, ...] | None
    form: str
    language: str
    printed_at: datetime


def request(database: Database, viewer: Viewer, request_id: str | None, order: Order) -> int:
    """Ask for a report; give the id of the job.

    Raises
    ------
    Problem
        404 for an area or a standard that is not there or not this person's; 409 where nothing was
        computed yet.
    """
    own = [
        code for code in viewer.areas_for(Permission.COVERAGE_VIEW) if order.area.startswith(code)
    ]
    if not own:
        raise not_found(f"area {order.area}")
    needs = _readable(database, viewer, order.area)
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW, request_id)) as tx:
        area.read(tx, order.area)
        found = {row["standard_key"] for row in coverage_report.runs(tx, order.area, None)}
        for key in order.standards or ():
            if key not in found and coverage_standards.in_force(tx, key, order.area) is None:
                raise not_found(f"coverage standard {key}")
        if not found.intersection(found if order.standards is None else order.standards):
            raise conflict(f"area {order.area} has no coverage run")
        return job.request(
            tx,
            KIND,
            queue=QUEUE_OF[KIND],
            area_code=order.area,
            arguments={
                **asdict(order),
                "standards": None if order.standards is None else list(order.standards),
                "printed_at": order.printed_at.isoformat(),
                # runs about the county are read by who may see the county
                "within": min(own, key=len),
                "needs": needs,
            },
        )


def _readable(database: Database, viewer: Viewer, code: str) -> bool:
    return any(code.startswith(own) for own in readable_needs(database, viewer))


def ordered(row: Row) -> tuple[Scope, Wanted, str]:
    """Read out of a claimed job what is to be made, as whom, and in which form."""
    given: dict[str, Any] = dict(row["arguments"])
    standards: Sequence[str] | None = given["standards"]
    wanted = Wanted(
        area=given["area"],
        standards=None if standards is None else tuple(standards),
        language=given["language"],
        needs=bool(given["needs"]),
        printed_at=datetime.fromisoformat(given["printed_at"]),
    )
    return Scope((given["within"],), row["user_id"], f"job-{row['id']}"), wanted, given["form"]


def keep(  # noqa: PLR0913 - the parts of what was made
    database: Database,
    scope: Scope,
    row: Row,
    report: Report,
    *,
    form: str,
    content: bytes,
    pages: int,
) -> None:
    """Keep what was made and end the job, with a trace of what left the program."""
    name = f"gridmap-coverage-{report.area}-{report.printed_at:%Y%m%d-%H%M}.{form}"
    runs = [chapter.run for chapter in report.chapters]
    with database.transaction(scope) as tx:
        paper_file.keep(
            tx,
            row["id"],
            row["area_code"],
            row["user_id"],
            name=name,
            media=MEDIA[form],
            pages=pages,
            content=content,
        )
        result = {"pages": pages, "bytes": len(content), "runs": runs, "name": name}
        job.finish(tx, row["id"], row["token"], result, None)
        note(tx, report, form, pages)


def note(tx: Transaction, report: Report, form: str, pages: int) -> None:
    """Leave a trace of a report."""
    event.record(
        tx,
        "coverage.reported",
        area_code=report.area,
        subject_id=report.area,
        payload={
            "runs": [chapter.run for chapter in report.chapters],
            "format": form,
            "pages": pages,
            "personal": report.needs,
        },
    )


def kept(
    database: Database, viewer: Viewer, request_id: str | None, job_id: int, form: str
) -> tuple[str, str, bytes]:
    """Give name, media type and content of the report a job made for this very person.

    Raises
    ------
    Problem
        404 for a report that is not there, of somebody else, whose day is over, or that says more
        than this person may read by now.
    """
    with database.transaction(viewer.scope(Permission.COVERAGE_VIEW, request_id)) as tx:
        row = paper_file.kept(tx, job_id, KIND)
    if row is None or row["media"] != MEDIA[form]:
        raise not_found(f"report of job {job_id}")
    still = viewer.may(Permission.COVERAGE_VIEW, row["arguments"]["within"])
    if not still or (
        row["arguments"]["needs"] and not _readable(database, viewer, row["area_code"])
    ):
        raise not_found(f"report of job {job_id}")
    return row["name"], row["media"], bytes(row["content"])
