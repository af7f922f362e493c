"""Photos of reports: announced in the report, then stored once each under the hash of what came."""

from uuid import UUID

from gridmap.store.database import Row, Transaction


def find(tx: Transaction, incident_id: UUID, sha256: bytes) -> Row | None:
    """Give what is known of one photo, whose report it belongs to, and where that lies."""
    return tx.maybe(
        "SELECT p.state, p.reason, i.reported_by, i.area_code, i.number FROM incident_photo AS p"
        " JOIN incident AS i ON i.id = p.incident_id"
        " WHERE p.incident_id = :id AND p.sha256 = :sha256",
        id=incident_id,
        sha256=sha256,
    )


def store(  # noqa: PLR0913 - the parts of a photo
    tx: Transaction,
    incident_id: UUID,
    sha256: bytes,
    *,
    size: int,
    picture: bytes,
    thumbnail: bytes,
    width: int,
    height: int,
) -> bool:
    """Store a cleaned photo; False when another request was faster."""
    touched = tx.execute(
        "UPDATE incident_photo SET state = 'stored', bytes = :size, mime = 'image/jpeg',"
        " picture = :picture, thumbnail = :thumbnail, width = :width, height = :height,"
        " received_at = clock_timestamp()"
        " WHERE incident_id = :id AND sha256 = :sha256 AND state = 'expected'",
        id=incident_id,
        sha256=sha256,
        size=size,
        picture=picture,
        thumbnail=thumbnail,
        width=width,
        height=height,
    )
    return touched == 1


def refuse(tx: Transaction, incident_id: UUID, sha256: bytes, size: int, reason: str) -> bool:
    """Note why a photo is not taken; False when it has been dealt with already."""
    touched = tx.execute(
        "UPDATE incident_photo SET state = 'refused', bytes = :size, reason = :reason,"
        " received_at = clock_timestamp()"
        " WHERE incident_id = :id AND sha256 = :sha256 AND state = 'expected'",
        id=incident_id,
        sha256=sha256,
        size=size,
        reason=reason,
    )
    return touched == 1


def read(tx: Transaction, incident_id: UUID, sha256: bytes, *, small: bool) -> Row | None:
    """Give a stored photo, or its thumbnail."""
    column = "thumbnail" if small else "picture"
    return tx.maybe(
        f"SELECT p.{column} AS content, p.mime, i.area_code, i.reported_by FROM incident_photo AS p"
        " JOIN incident AS i ON i.id = p.incident_id"
        " WHERE p.incident_id = :id AND p.sha256 = :sha256 AND p.state = 'stored'",
        id=incident_id,
        sha256=sha256,
    )
