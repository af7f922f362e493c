"""Files in over the network: stored as bytes here, read elsewhere in a cage, then taken."""

import tempfile
import threading
from typing import IO, Annotated, Any, Literal

from flask import Blueprint, Response, current_app, g, jsonify, request
from pydantic import Field

from geodata.errors import GeodataError
from gridmap.model.access import Permission
from gridmap.model.problem import Problem, forbidden, not_found
from gridmap.problems import bad_value, from_geodata, too_large, unavailable
from gridmap.services import import_depths, jobs, uploads
from gridmap.web import inputs
from gridmap.web.context import in_time, parts, scope, viewer
from gridmap.web.pages import page
from gridmap.web.permissions import permits, takes

blueprint = Blueprint("uploads", __name__)
_BODY_SECONDS = 900.0  # 200 MB over a line of a township
_PIECE = 256 * 1024
_IN_MEMORY = 1024**2
_LAYERS = ("communities", "hazards")
_at_once = threading.BoundedSemaphore(3)  # each lies on the disk while it comes


class New(inputs.Query):
    """What is said about a file."""

    kind: Literal[
        "areas",
        "roads",
        "buildings",
        "households",
        "facilities",
        "hazards",
        "grids",
        "volunteers",
    ]
    name: Annotated[inputs.Text, Field(min_length=1, max_length=200)]
    area: inputs.AreaCode | None = None
    crs: Annotated[inputs.Slug, Field(max_length=40)] | None = None
    exercise: Literal["true", "false"] = "false"
    # of a raster of hazards: 0.15=blue,0.5=orange; of categories, each value with its level
    levels: Annotated[inputs.Text, Field(min_length=3, max_length=1000)] | None = None
    categories: Literal["true", "false"] = "false"
    hazard_kind: inputs.Key = "flood"


@blueprint.get("/imports")
@permits(Permission.IMPORT_DATA, Permission.HAZARD_DECLARE)
def imports_page() -> Response:
    """Show the page on which files come in."""
    return page("imports.html", layers=_LAYERS)


@blueprint.get("/api/uploads")
@permits(Permission.IMPORT_DATA, Permission.HAZARD_DECLARE)
def listing() -> Response:
    """List the newest files that came in."""
    inputs.no_query()
    found = uploads.listing(parts().database, scope())
    return jsonify(items=[each for each in found if _open(each["kind"])])


@blueprint.post("/api/uploads")
@permits(Permission.IMPORT_DATA, Permission.HAZARD_DECLARE)
@takes(uploads.MOST_BYTES)
def store() -> tuple[Response, int]:
    """Store a file and ask a worker to read it."""
    asked = inputs.query(New)
    if request.mimetype != "application/octet-stream":
        raise Problem(415, "Not a file", "Send the file's bytes as application/octet-stream")
    if (request.content_length or 0) > uploads.MOST_BYTES:
        raise too_large(uploads.MOST_BYTES)
    jobs.make_room(parts().database, viewer())
    if not _open(asked.kind):
        raise forbidden(Permission.IMPORT_DATA.value)
    if asked.exercise == "true" and asked.kind != "hazards":
        raise bad_value("exercise", "hazards alone are of an exercise")
    classes = _classes(asked)
    area = asked.area or viewer().areas_for(g.permission)[0]
    if not viewer().may(g.permission, area):
        raise bad_value("area", "this area is not one of yours")
    if asked.kind == "volunteers":
        viewer().require(Permission.INCIDENT_DISPATCH, area)
    if asked.kind == "grids":
        inputs.digits(area, "area", (6, 9, 12))
    if not _at_once.acquire(blocking=False):
        raise unavailable("Other files are coming in", retry_after=10)
    try:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="gridmap-upload-") as file:
            _receive(file)
            new = uploads.NewFile(
                asked.kind,
                asked.name,
                area,
                asked.crs,
                file,
                exercise=asked.exercise == "true",
                classes=classes,
            )
            made = uploads.store(parts().database, scope(), new, _bounds())
    finally:
        _at_once.release()
    return jsonify(made), 202


@blueprint.get("/api/uploads/<upload_id>")
@permits(Permission.IMPORT_DATA, Permission.HAZARD_DECLARE)
def one(upload_id: str) -> Response:
    """Give one file's state, what taking it would change, or what is wrong with it."""
    inputs.no_query()
    return jsonify(_shown(inputs.path_number(upload_id, "id")))


@blueprint.post("/api/uploads/<upload_id>/take")
@permits(Permission.IMPORT_DATA, Permission.HAZARD_DECLARE)
def take(upload_id: str) -> tuple[Response, int]:
    """Ask a worker to bring in a file that was read and found sound."""
    inputs.no_query()
    number = inputs.path_number(upload_id, "id")
    found = _shown(number)
    if found["kind"] == "hazards" and not viewer().may(Permission.HAZARD_DECLARE, found["area"]):
        # what is taken is declared: every map shows it, and a red one rings
        raise forbidden(Permission.HAZARD_DECLARE.value)
    jobs.make_room(parts().database, viewer())
    return jsonify(uploads.take(parts().database, scope(), number, _bounds())), 202


def _classes(asked: New) -> dict[str, Any] | None:
    """Give what is said of a raster; None where nothing is."""
    said = asked.levels is not None or asked.categories == "true" or asked.hazard_kind != "flood"
    if not said or asked.kind != "hazards":
        return None
    try:
        classes = import_depths.Classes(
            levels=import_depths.parse(asked.levels or ""),
            kind=asked.hazard_kind,
            categories=asked.categories == "true",
        )
        import_depths.check(classes)
    except GeodataError as error:
        raise from_geodata(error, "levels") from error
    return classes.kept()


def _open(kind: str) -> bool:
    """Tell whether files of a kind are this person's.

    Hazards are of who declares them as well, volunteers of who calls them alone.
    """
    if kind == "volunteers":
        return viewer().may(Permission.INCIDENT_DISPATCH)
    return kind == "hazards" or viewer().may(Permission.IMPORT_DATA)


def _shown(upload_id: int) -> dict[str, Any]:
    found = uploads.show(parts().database, scope(), upload_id)
    if not _open(found["kind"]):
        raise not_found(f"upload {upload_id}")
    return found


def _receive(file: IO[bytes]) -> None:
    with in_time(_BODY_SECONDS):
        while piece := request.stream.read(_PIECE):
            file.write(piece)


def _bounds() -> tuple[Any, ...]:
    return tuple(current_app.config["BOUNDS"])
