"""A warning from elsewhere becomes a hazard here: by a person, with one press, as what it is."""

from datetime import UTC, datetime

from shapely import from_wkb

from gridmap.model.access import Scope
from gridmap.model.hazard import WITHOUT_LEVEL
from gridmap.model.problem import bad_input, conflict, forbidden, not_found
from gridmap.services import hazards
from gridmap.services.alerts import DECLARABLE
from gridmap.store import alert
from gridmap.store.database import Database, Row

_LONGEST_NAME = 200


def declare(
    database: Database, scope: Scope, alert_id: int, *, kind: str | None, name: str | None
) -> int:
    """Declare what a warning warns of, and give the hazard's id.

    A warning of an exercise becomes an exercise, and nothing can make it real.

    Parameters
    ----------
    kind
        Kind of hazard; None for the one its words tell.
    name
        What people call it; None for its headline.

    Raises
    ------
    Problem
        400 without a kind or an area, 403 beyond one's areas, 404, 409 if it is a test or a draft,
        over, replaced, cancelled, or a hazard already.
    """
    with database.transaction(scope) as tx:
        row = alert.hold(tx, alert_id)
        if row is None:
            if alert.read(tx, alert_id) is not None:
                raise forbidden(f"warning {alert_id} is beyond your areas")
            raise not_found(f"warning {alert_id}")
        _check(row)
        new = _hazard(row, kind, name)
        hazards.check(new)
        hazard_id, area_code = hazards.insert(tx, new)
        alert.take(tx, alert_id, hazard_id)
        hazards.record(tx, hazard_id, area_code, new, because=alert_id)
    return hazard_id


def _check(row: Row) -> None:
    if row["status"] not in DECLARABLE or row["msg_type"] not in ("Alert", "Update"):
        raise conflict("a test, a draft or an answer warns of nothing", status=row["status"])
    if row["hazard_id"] is not None:
        raise conflict("this warning is a hazard already", hazard=row["hazard_id"])
    if row["state"] != "current":
        raise conflict("this warning was replaced or cancelled", followed=row["followed_by"])
    if row["expired"]:
        raise conflict("this warning is over")
    if row["wkb"] is None:
        raise bad_input("this warning tells its area in words alone: draw the hazard")


def _hazard(row: Row, kind: str | None, name: str | None) -> hazards.NewHazard:
    chosen = kind or row["kind"]
    if chosen is None:
        raise bad_input("kind: say what kind of hazard it is")
    ends_at = row["expires_at"]
    return hazards.NewHazard(
        kind=chosen,
        name=(name or row["headline"]).strip()[:_LONGEST_NAME],
        severity=None if chosen in WITHOUT_LEVEL else row["severity"],
        shape=from_wkb(bytes(row["wkb"])),
        exercise=row["status"] == "Exercise",
        ends_at=ends_at if ends_at is not None and ends_at > datetime.now(UTC) else None,
        note=row["description"][:2000] or None,
    )
