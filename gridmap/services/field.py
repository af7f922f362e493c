"""What a tablet needs of the server before it can work alone."""

import secrets

from gridmap.model.access import Permission
from gridmap.services.access import Viewer
from gridmap.store import event, field_key
from gridmap.store.database import Database

_KEY_BYTES = 32  # AES-256


def key(database: Database, viewer: Viewer, request_id: str | None) -> bytes:
    """Give the key that seals what the person's tablets keep; made at the first asking.

    It stays the same for all tablets and all sign-ins: a report sealed before a sign-out is
    read and sent after the next sign-in.
    """
    scope = viewer.scope(Permission.INCIDENT_REPORT, request_id)
    with database.transaction(scope) as tx:
        known = field_key.of(tx, viewer.id)
    if known is not None:
        return known
    with database.transaction(scope) as tx:
        made = field_key.add(tx, viewer.id, secrets.token_bytes(_KEY_BYTES))
        known = field_key.of(tx, viewer.id)
        for area in scope.areas[:1] if made else ():
            event.record(tx, "field_key.made", area_code=area, subject_id=viewer.id)
    assert known is not None  # added by us or by who was faster, and never taken away
    return known
