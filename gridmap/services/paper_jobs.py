"""Papers asked for, made by a worker, kept for a day for who asked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from gridmap.model.access import Permission, Scope
from gridmap.model.paper import Folder, PaperKind
from gridmap.model.problem import bad_input, forbidden, not_found
from gridmap.services.access import Viewer
from gridmap.services.jobs import QUEUE_OF
from gridmap.services.papers import Wanted
from gridmap.store import area, event, job, paper_file, scenario
from gridmap.store.database import Database, Row, Transaction

KIND = "papers.print"
MEDIA = {"pdf": "application/pdf", "zip": "application/zip"}


@dataclass(frozen=True)
class Order:
    """Which papers of which grids, in one file or one for each grid."""

    wanted: Wanted
    kinds: tuple[PaperKind, ...]
    form: str = "pdf"


def needed(order: Order) -> tuple[Permission, ...]:
    """Give all that somebody must be allowed to have these papers.

    A draft is seen by who draws; a wall map shows the ways of evacuation plans.
    """
    found = [Permission.GRID_VIEW]
    if order.wanted.scenario is not None:
        found.append(Permission.GRID_DRAW)
    if PaperKind.WALL in order.kinds:
        found.append(Permission.PLAN_VIEW)
    return tuple(found)


def request(database: Database, viewer: Viewer, request_id: str | None, order: Order) -> int:
    """Ask for papers; give the id of the job.

    Raises
    ------
    Problem
        400 when nothing is asked for; 403 for a kind that one's role may not have; 404 for an area
        or scenario that is not there or not this person's.
    """
    if not order.kinds:
        raise bad_input("kinds: at least one kind of paper is needed")
    code = order.wanted.area
    if not viewer.may(Permission.GRID_VIEW, code):
        raise not_found(f"area {code}")
    for permission in needed(order):
        if not viewer.may(permission, code):
            raise forbidden(permission.value)
    with database.transaction(viewer.scope(Permission.GRID_VIEW, request_id)) as tx:
        area.read(tx, code[:12])
        _check_scenario(tx, order)
        return job.request(
            tx, KIND, queue=QUEUE_OF[KIND], area_code=code, arguments=_arguments(order)
        )


def _check_scenario(tx: Transaction, order: Order) -> None:
    if order.wanted.scenario is None:
        return
    row = scenario.read(tx, order.wanted.scenario)
    if row is None or not order.wanted.area.startswith(row["area_code"]):
        raise not_found(f"scenario {order.wanted.scenario} in area {order.wanted.area}")


def _arguments(order: Order) -> dict[str, Any]:
    wanted = order.wanted
    return {
        **asdict(wanted),
        "day": wanted.day.isoformat(),
        "printed_at": wanted.printed_at.isoformat(),
        "kinds": [kind.value for kind in order.kinds],
        "form": order.form,
    }


def ordered(row: Row) -> tuple[Scope, Order]:
    """Read out of a claimed job what is to be made, and as whom."""
    given: dict[str, Any] = dict(row["arguments"])
    wanted = Wanted(
        area=given["area"],
        day=date.fromisoformat(given["day"]),
        printed_at=datetime.fromisoformat(given["printed_at"]),
        language=given["language"],
        scenario=given["scenario"],
    )
    kinds = tuple(PaperKind(kind) for kind in given["kinds"])
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    return scope, Order(wanted, kinds, given["form"])


def keep(  # noqa: PLR0913 - the parts of what was made
    database: Database,
    scope: Scope,
    row: Row,
    order: Order,
    folder: Folder,
    *,
    content: bytes,
    pages: int,
) -> None:
    """Keep what was made and end the job, with a trace of what left the program."""
    name = file_name(order)
    with database.transaction(scope) as tx:
        paper_file.keep(
            tx,
            row["id"],
            row["area_code"],
            row["user_id"],
            name=name,
            media=MEDIA[order.form],
            pages=pages,
            content=content,
        )
        result = {"pages": pages, "bytes": len(content), "grids": len(folder.grids), "name": name}
        job.finish(tx, row["id"], row["token"], result, None)
        note(tx, order, folder, pages)


def note(tx: Transaction, order: Order, folder: Folder, pages: int) -> None:
    """Leave a trace of papers."""
    event.record(
        tx,
        "papers.printed",
        area_code=order.wanted.area,
        subject_id=order.wanted.scenario or order.wanted.area,
        payload={
            "kinds": [kind.value for kind in order.kinds],
            "grids": len(folder.grids),
            "pages": pages,
            "scenario": order.wanted.scenario,
            "day": order.wanted.day.isoformat(),
        },
    )


def file_name(order: Order) -> str:
    """Name a file: area, kinds, day or scenario."""
    which = f"scenario{order.wanted.scenario}" if order.wanted.scenario else str(order.wanted.day)
    kinds = "-".join(kind.value for kind in order.kinds)
    return f"gridmap-{order.wanted.area}-{kinds}-{which}.{order.form}"


def kept(
    database: Database, viewer: Viewer, request_id: str | None, job_id: int, form: str
) -> tuple[str, str, bytes]:
    """Give name, media type and content of the papers a job made for this very person.

    Raises
    ------
    Problem
        404 for papers that are not there, of somebody else, whose day is over, or that this
        person may have no more.
    """
    with database.transaction(viewer.scope(Permission.GRID_VIEW, request_id)) as tx:
        row = paper_file.kept(tx, job_id, KIND)
    if row is None or row["media"] != MEDIA[form] or not _still(viewer, row):
        raise not_found(f"papers of job {job_id}")
    return row["name"], row["media"], bytes(row["content"])


def _still(viewer: Viewer, row: Row) -> bool:
    given = row["arguments"]
    wanted: Sequence[Permission] = (
        Permission.GRID_VIEW,
        *((Permission.GRID_DRAW,) if given["scenario"] is not None else ()),
        *((Permission.PLAN_VIEW,) if PaperKind.WALL in given["kinds"] else ()),
    )
    return all(viewer.may(permission, row["area_code"]) for permission in wanted)
