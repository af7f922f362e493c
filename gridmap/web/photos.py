"""Photos of reports: put by their hash, shown to who may see the incident."""

import re
import threading
from typing import Literal

from flask import Blueprint, Response, g, jsonify, request

from gridmap.model.access import Permission
from gridmap.model.problem import Problem
from gridmap.problems import bad_value, unavailable
from gridmap.services import photos
from gridmap.web import inputs
from gridmap.web.context import in_time, parts, viewer
from gridmap.web.permissions import permits, takes

blueprint = Blueprint("photos", __name__)
TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
_BODY_SECONDS = 180.0  # ten megabytes over a poor network
_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
# each needs a core and some hundred megabytes while it is looked at
_at_once = threading.BoundedSemaphore(2)
_LONGEST_WAIT = 3.0  # seconds; a tablet comes again by itself


class Size(inputs.Query):
    """Parameters of a photo."""

    size: Literal["small"] | None = None


@blueprint.put("/api/incidents/<incident_id>/photos/<sha256>")
@permits(Permission.INCIDENT_REPORT)
@takes(photos.MOST_BYTES)
def put(incident_id: str, sha256: str) -> tuple[Response, int]:
    """Take a photo: 201 when it is new, 200 when it has come before."""
    inputs.no_query()
    key, name = inputs.path_uuid(incident_id, "id"), _digest(sha256)
    if request.mimetype not in TYPES:
        raise Problem(415, "Not a photo", "Send image/jpeg, image/png or image/webp")
    with _Turn() as turn:
        receipt, created = photos.put(
            parts().database, viewer(), g.request_id, key, name, turn.read
        )
    return jsonify(receipt), 201 if created else 200


@blueprint.get("/api/incidents/<incident_id>/photos/<sha256>")
@permits(Permission.MAP_VIEW)
def get(incident_id: str, sha256: str) -> Response:
    """Show a photo, or its thumbnail."""
    asked = inputs.query(Size)
    key, name = inputs.path_uuid(incident_id, "id"), _digest(sha256)
    content = photos.get(
        parts().database, viewer(), g.request_id, key, name, small=asked.size is not None
    )
    response = Response(content, mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Content-Disposition"] = f'inline; filename="{name[:12]}.jpg"'
    # people may be on it: it stays out of the disk of a shared machine
    response.headers["Cache-Control"] = "no-store"
    return response


class _Turn:
    """Reads the body, then waits for its turn: few photos are looked at at the same time."""

    def __init__(self) -> None:
        self._held = False

    def __enter__(self) -> "_Turn":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._held:
            _at_once.release()

    def read(self) -> bytes:
        with in_time(_BODY_SECONDS):
            sent = request.get_data(cache=False)
        if not _at_once.acquire(timeout=_LONGEST_WAIT):
            raise unavailable(retry_after=5)
        self._held = True
        return sent


def _digest(value: str) -> str:
    if not _SHA256.fullmatch(value):
        raise bad_value("sha256", "64 small hexadecimal digits are needed")
    return value
