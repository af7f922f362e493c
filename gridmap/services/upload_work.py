"""What a worker does with a file that came over the network: reads it in a cage, brings it in."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geodata.errors import Fault, GeodataError
from gridmap.model.access import Scope
from gridmap.model.problem import Problem, not_found
from gridmap.services import grid_import_taking, grid_imports, import_depths, imports
from gridmap.services.import_files import Caged, safe_name
from gridmap.services.progress import Progress
from gridmap.store import event, job, upload
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.failures import problem_of

_FAULTS = 200


def read(database: Database, row: Row, progress: Progress) -> None:
    """Read a file in the cage and rehearse bringing it in; what it would change is the preview."""

    def rehearse(scope: Scope, told: imports.Told, where: str | None) -> None:
        if told.kind == "grids":
            progress.step(0, 3, "reading")
            features = grid_imports.read(told)
            progress.step(1, 3, "checking")
            store = grid_imports.begin(database, scope, row["arguments"]["upload"], features)
            with database.transaction(scope) as tx:
                _end(tx, row, "read", preview=store(tx))
            return
        report = imports.bring_in(database, scope, told, where, progress)
        with database.transaction(scope) as tx:
            _end(tx, row, "read", preview=report)

    _with_file(database, row, rehearse, dry_run=True)


def bring_in(database: Database, row: Row, progress: Progress) -> None:
    """Bring a file in; its rows and the end of the job are saved together."""
    if "version" in row["arguments"]:
        grid_import_taking.take(database, row, progress)
        return

    def bring(scope: Scope, told: imports.Told, where: str | None) -> None:
        imports.bring_in(
            database,
            scope,
            told,
            where,
            progress,
            also=lambda tx, report: _end(tx, row, "taken", preview=report),
        )

    _with_file(database, row, bring, dry_run=False)


def _with_file(database: Database, row: Row, work: Any, *, dry_run: bool) -> None:
    arguments: Mapping[str, Any] = row["arguments"]
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    with tempfile.TemporaryDirectory(prefix="gridmap-upload-") as folder:
        with database.transaction(scope) as tx:
            held = upload.read(tx, arguments["upload"])
            if held is None:
                raise not_found(f"upload {arguments['upload']}")
            path = Path(folder) / safe_name(held["name"])
            with path.open("wb") as file:
                for piece in upload.content(tx, held["id"]):
                    file.write(piece)
        where = None if held["kind"] == "areas" else held["area_code"]
        bounds = arguments["bounds"]
        told = imports.Told(
            held["kind"],
            path,
            crs=held["crs"],
            dry_run=dry_run,
            bounds=(bounds[0], bounds[1], bounds[2], bounds[3]),
            files=Caged(),
            exercise=held["exercise"],
            classes=import_depths.kept(held["classes"]),
        )
        try:
            work(scope, told, where)
        except GeodataError as error:
            _refuse(database, scope, row, error.faults)
        except Problem as problem:
            if problem.status >= 500:
                raise
            _refuse(database, scope, row, [Fault(str(problem))])
        except Exception as error:
            # what the tables refuse is wrong with the file; anything else is wrong here
            known = problem_of(error)
            if known is None or known.status >= 500:
                raise
            _refuse(database, scope, row, [Fault(str(known))])


def _refuse(database: Database, scope: Scope, row: Row, faults: Sequence[Fault]) -> None:
    listed = [
        {"message": each.message, "row": each.row, "column": each.column}
        for each in faults[:_FAULTS]
    ]
    with database.transaction(scope) as tx:
        _end(tx, row, "refused", faults=listed)


def _end(
    tx: Transaction,
    row: Row,
    state: str,
    preview: Mapping[str, Any] | None = None,
    faults: list[dict[str, Any]] | None = None,
) -> None:
    """End the upload and its job together, and say so to who watches."""
    upload_id = row["arguments"]["upload"]
    if preview is not None:
        preview = {
            name: value for name, value in preview.items() if name not in ("file", "dry_run")
        }
    upload.end(tx, upload_id, state, preview=preview, faults=faults)
    job.finish(tx, row["id"], row["token"], {"upload": upload_id, "state": state}, None)
    if state == "refused":
        event.record(
            tx,
            "upload.refused",
            area_code=row["area_code"],
            subject_id=upload_id,
            payload={"faults": len(faults or ())},
        )
