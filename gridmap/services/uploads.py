"""Files that came over the network: stored as bytes, read in a cage, looked at, then taken."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from gridmap.model.access import Scope
from gridmap.model.problem import Problem, not_found
from gridmap.problems import bad_value
from gridmap.services import grid_imports
from gridmap.services.jobs import QUEUE_OF
from gridmap.store import area, event, grid_import, job, upload
from gridmap.store.database import Database, Row, Transaction

READ, TAKE = "uploads.read", "uploads.take"
KINDS = (
    "areas",
    "roads",
    "buildings",
    "households",
    "facilities",
    "hazards",
    "grids",
    "volunteers",
)
MOST_BYTES = 200 * 1024**2
_LISTED = 50


@dataclass(frozen=True)
class NewFile:
    """A file as it came.

    Attributes
    ----------
    kind
        What it holds: one of `KINDS`.
    name
        Its name, for people.
    area
        Area code its rows belong to.
    crs
        What its coordinates are, or None for what it says itself.
    stream
        Its bytes.
    exercise
        True for hazards of a drill.
    classes
        Of a raster: its values and their levels, or None.
    """

    kind: str
    name: str
    area: str
    crs: str | None
    stream: IO[bytes]
    exercise: bool = False
    classes: Mapping[str, Any] | None = None


def store(
    database: Database, scope: Scope, new: NewFile, bounds: tuple[float, ...]
) -> dict[str, Any]:
    """Store a file's bytes and ask a worker to read it.

    Returns
    -------
    dict
        `upload` and `job`.

    Raises
    ------
    Problem
        400 for an empty file, 404 for an area that is not there.
    """
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(new.stream):
        digest.update(piece)
        size += len(piece)
    if size == 0:
        raise bad_value("body", "the file is empty")
    if size > MOST_BYTES:
        raise bad_value("body", "a file has at most 200 MB")
    with database.transaction(scope) as tx:
        area.read(tx, new.area)
        upload.forget_old(tx)
        grid_import.forget_old(tx)
        upload_id = upload.add(
            tx,
            area_code=new.area,
            kind=new.kind,
            name=new.name,
            crs=new.crs,
            exercise=new.exercise,
            classes=new.classes,
            size=size,
            sha256=digest.digest(),
            chunks=_pieces(new.stream),
        )
        job_id = _request(tx, READ, new.area, upload_id, bounds)
        upload.waits_for(tx, upload_id, job_id, "waiting")
        event.record(
            tx,
            "upload.stored",
            area_code=new.area,
            subject_id=upload_id,
            payload={"kind": new.kind, "bytes": size},
        )
    return {"upload": upload_id, "job": job_id}


def listing(database: Database, scope: Scope) -> list[dict[str, Any]]:
    """Give the newest uploads of a person's areas."""
    with database.transaction(scope) as tx:
        return [_shown(row) for row in upload.newest(tx, _LISTED)]


def show(database: Database, scope: Scope, upload_id: int) -> dict[str, Any]:
    """Give one upload: its state, what taking it would change, or what is wrong with it.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        row = upload.read(tx, upload_id)
    if row is None:
        raise not_found(f"upload {upload_id}")
    return _shown(row)


def take(
    database: Database, scope: Scope, upload_id: int, bounds: tuple[float, ...]
) -> dict[str, Any]:
    """Ask a worker to bring in a file that has been read and found sound.

    Raises
    ------
    Problem
        404; 409 unless it waits to be taken.
    """
    with database.transaction(scope) as tx:
        row = upload.hold(tx, upload_id)
        if row is None:
            raise not_found(f"upload {upload_id}")
        if _state(row) != "read":
            raise Problem(
                409,
                "Conflict",
                "Only a file that was read and found sound is taken, once",
                more={"state": _state(row)},
            )
        if row["kind"] == "grids":
            raise Problem(
                409, "Conflict", "Grids become a scenario: look at their repair, then make one"
            )
        job_id = _request(tx, TAKE, row["area_code"], upload_id, bounds)
        upload.waits_for(tx, upload_id, job_id, "taking")
    return {"upload": upload_id, "job": job_id}


def make_scenario(
    database: Database, scope: Scope, upload_id: int, seen: int, bounds: tuple[float, ...]
) -> dict[str, Any]:
    """Ask a worker to make a scenario of imported grids as they are shown.

    Raises
    ------
    Problem
        404; 409 as `grid_imports.ask`.
    """

    def request(told: Row) -> int:
        return _request(tx, TAKE, told["area_code"], upload_id, bounds, version=seen)

    with database.transaction(scope) as tx:
        job_id, _held = grid_imports.ask(tx, upload_id, seen, request)
        upload.waits_for(tx, upload_id, job_id, "taking")
    return {"upload": upload_id, "job": job_id}


def _request(
    tx: Transaction,
    kind: str,
    area_code: str,
    upload_id: int,
    bounds: tuple[float, ...],
    **more: int,
) -> int:
    return job.request(
        tx,
        kind,
        queue=QUEUE_OF[kind],
        area_code=area_code,
        arguments={"upload": upload_id, "bounds": list(bounds), **more},
    )


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    stream.seek(0)
    while piece := stream.read(upload.CHUNK):
        yield piece


def _state(row: Row) -> str:
    """Give the state people see: a job that died or was cancelled leaves the upload behind."""
    ended = row["job_state"] in ("failed", "cancelled")
    if row["state"] == "waiting" and ended:
        return "refused"
    return "read" if row["state"] == "taking" and ended else str(row["state"])


def _shown(row: Row) -> dict[str, Any]:
    faults = list(row["faults"] or [])
    if _state(row) == "refused" and not faults:
        faults = [{"message": row["job_error"] or "cancelled", "row": None, "column": None}]
    return {
        "id": row["id"],
        "area": row["area_code"],
        "kind": row["kind"],
        "name": row["name"],
        "crs": row["crs"],
        "exercise": row["exercise"],
        "classes": row["classes"],
        "bytes": row["bytes"],
        "sha256": row["sha256"],
        "state": _state(row),
        "job": row["job_id"],
        "preview": row["preview"],
        "faults": faults,
        "by": row["by"],
        "created_at": row["created_at"].isoformat(),
        "taken_at": None if row["taken_at"] is None else row["taken_at"].isoformat(),
    }
