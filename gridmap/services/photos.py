"""Photos of reports: only what was announced, only from who reported, only as bare pixels."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from geodata.errors import GeodataError
from gridmap import logs
from gridmap.model.access import Permission
from gridmap.model.problem import Problem, forbidden, not_found
from gridmap.problems import unavailable
from gridmap.sandbox import cage
from gridmap.services.access import Viewer
from gridmap.services.incidents import intake_scope
from gridmap.store import event, photo
from gridmap.store.database import Database, Row

MOST_BYTES = 10 * 1024**2
_LARGEST_SIDE = 20_000
_LONGEST_REASON = 400

_log = logs.get("gridmap.photos")


@dataclass(frozen=True)
class Cleaned:
    """A photo without anything but its pixels."""

    picture: bytes
    thumbnail: bytes
    width: int
    height: int


def put(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    incident_id: UUID,
    sha256: str,
    read: Callable[[], bytes],
) -> tuple[dict[str, Any], bool]:
    """Take a photo that its report has announced.

    Parameters
    ----------
    sha256
        Name of the photo: the hash of the bytes the tablet sends.
    read
        Gives those bytes; called only when they are wanted.

    Returns
    -------
    dict, bool
        What the tablet may delete now, and True if the photo was new.

    Raises
    ------
    Problem
        400 when the bytes are not those announced, or no photo that is taken, with the reason;
        403 for somebody else's report; 404 for a photo nobody announced; 503 while no photo can
        be cleaned.
    """
    scope = intake_scope(viewer.scope(Permission.INCIDENT_REPORT, request_id))
    digest = bytes.fromhex(sha256)
    with database.transaction(scope) as tx:
        known = _mine(photo.find(tx, incident_id, digest), viewer, sha256)
    if known["state"] == "stored":
        return _receipt(sha256), False
    if known["state"] == "refused":
        raise _refused(known["reason"])
    sent = read()
    if hashlib.sha256(sent).digest() != digest:
        raise Problem(400, "Not the photo announced", "Its bytes are not those of this name")
    try:
        cleaned = clean(sent)
    except GeodataError as error:
        reason = str(error)[:_LONGEST_REASON]
        with database.transaction(scope) as tx:
            if photo.refuse(tx, incident_id, digest, max(len(sent), 1), reason):
                event.record(
                    tx,
                    "incident.photo_refused",
                    area_code=known["area_code"],
                    subject_id=incident_id,
                    payload={"number": known["number"], "bytes": len(sent)},
                )
        raise _refused(reason) from None
    with database.transaction(scope) as tx:
        new = photo.store(
            tx,
            incident_id,
            digest,
            size=len(sent),
            picture=cleaned.picture,
            thumbnail=cleaned.thumbnail,
            width=cleaned.width,
            height=cleaned.height,
        )
        if new:
            event.record(
                tx,
                "incident.photo_stored",
                area_code=known["area_code"],
                subject_id=incident_id,
                payload={"number": known["number"], "bytes": len(sent)},
            )
    return _receipt(sha256), new


def get(
    database: Database,
    viewer: Viewer,
    request_id: str | None,
    incident_id: UUID,
    sha256: str,
    *,
    small: bool,
) -> bytes:
    """Give a photo to who may see its incident.

    Raises
    ------
    Problem
        404.
    """
    scope = intake_scope(viewer.scope(Permission.MAP_VIEW, request_id))
    with database.transaction(scope) as tx:
        row = photo.read(tx, incident_id, bytes.fromhex(sha256), small=small)
    if row is None or not (
        row["reported_by"] == viewer.id or viewer.may(Permission.MAP_VIEW, row["area_code"])
    ):
        raise not_found("photo")
    return bytes(row["content"])


def clean(sent: bytes) -> Cleaned:
    """Copy the pixels of a photo into a new image, in a process that can reach nothing.

    Raises
    ------
    GeodataError
        What came is no photo that is taken.
    Problem
        503 when no such process can be had here.
    """
    if not 1 <= len(sent) <= MOST_BYTES:
        raise GeodataError("a photo has at most 10 MB")
    with cage.folder() as place:
        (place / "given").write_bytes(sent)
        try:
            found = cage.run("photo", place, limits=cage.PHOTO)
            width, height = int(found["width"]), int(found["height"])
            cleaned = Cleaned(_jpeg(place / "picture"), _jpeg(place / "thumbnail"), width, height)
        except GeodataError:
            raise
        except (cage.CageError, OSError, KeyError, TypeError, ValueError) as error:
            _log.exception("photo.not_cleaned", error=type(error).__name__)
            raise unavailable("No photo can be cleaned now; the report itself is safe") from error
    if not (1 <= width <= _LARGEST_SIDE and 1 <= height <= _LARGEST_SIDE):
        raise GeodataError("the photo is damaged")
    return cleaned


def _jpeg(path: Any) -> bytes:
    content: bytes = path.read_bytes()
    if not (content.startswith(b"\xff\xd8\xff") and content.endswith(b"\xff\xd9")):
        raise ValueError("the cage handed back no JPEG")
    return content


def _mine(row: Row | None, viewer: Viewer, sha256: str) -> Row:
    if row is None:
        raise not_found(f"no report of yours announced photo {sha256[:12]}")
    if row["reported_by"] != viewer.id:
        raise forbidden("Only who reported adds photos")
    return row


# What the cage says of a photo; listed so that it is said in both languages.
_REFUSALS = (
    Problem(400, "The photo is not taken", "this is no JPEG, PNG or WebP photo"),
    Problem(400, "The photo is not taken", "the photo has more than 50 megapixels"),
    Problem(400, "The photo is not taken", "a moving picture is not taken, only a photo"),
    Problem(400, "The photo is not taken", "the photo is damaged"),
)


def _refused(reason: str) -> Problem:
    return Problem(400, _REFUSALS[0].title, reason, more={"state": "refused"})


def _receipt(sha256: str) -> dict[str, Any]:
    return {"sha256": sha256, "state": "stored", "body_sha256": sha256}
