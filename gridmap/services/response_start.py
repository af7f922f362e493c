"""What a response is when it starts: the words the law asks for, what hazard and warning say."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gridmap.model.access import Permission
from gridmap.model.problem import Problem, conflict, forbidden, not_found
from gridmap.problems import bad_value, bad_values, fault
from gridmap.services.access import Viewer
from gridmap.services.alerts import DECLARABLE
from gridmap.store import area, responses
from gridmap.store.database import Row, Transaction

# The fourth class of the law: events of social security carry no level.
WITHOUT_LEVEL = frozenset({"crowd", "violence", "security"})
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class New:
    """A response as somebody states it.

    Attributes
    ----------
    matter, level, expected_until, measures
        What the law asks for; `level` is None exactly for events of social security.
    area
        Whose response; that of the hazard or the warning when None.
    kind
        Kind of hazard; taken from the hazard where there is one.
    exercise
        Only without a hazard and a warning: theirs is taken over.
    """

    matter: str
    level: int | None
    expected_until: datetime
    measures: str
    area: str | None = None
    kind: str | None = None
    exercise: bool = False
    hazard: int | None = None
    alert: int | None = None


def check_words(new: New) -> None:
    """Refuse what leaves out something the law asks for (400 by field)."""
    found = []
    for place, words, most in (("matter", new.matter, 200), ("measures", new.measures, 4000)):
        if not 1 <= len(words.strip()) <= most:
            found.append(fault(place, f"1 to {most} characters are needed"))
    if not datetime.now(UTC) < new.expected_until <= datetime.now(UTC) + LONGEST:
        found.append(fault("expected_until", "a time within the next year is needed"))
    if found:
        raise bad_values(found)


def settled(tx: Transaction, viewer: Viewer, new: New) -> dict[str, Any]:
    """Take over from hazard and warning what is theirs to say."""
    found, exercise, area_code, kind = new.hazard, new.exercise, new.area, new.kind
    if new.alert is not None:
        warned = _warning(tx, new.alert, found)
        found = found or warned["hazard_id"]
        exercise, area_code = bool(warned["exercise"]), area_code or warned["area_code"]
    if found is not None:
        hazard = _hazard(tx, found)
        area_code = area_code or hazard["area_code"]
        if not (
            area_code.startswith(hazard["area_code"][:12])
            or hazard["area_code"].startswith(area_code)
        ):
            raise bad_value("area", "the hazard lies elsewhere")
        if new.alert is not None and exercise is not bool(hazard["exercise"]):
            raise bad_value("alert", "an exercise is never mixed with what is real")
        kind, exercise = hazard["kind"], bool(hazard["exercise"])
    if area_code is None:
        raise bad_value("area", "say where: no hazard and no warning tells it")
    if kind is None:
        raise bad_value("kind", "say what kind: no hazard tells it")
    # a response is a village's, a township's or the county's: no grid has one of its own
    area_code = area_code[:12]
    if not viewer.may(Permission.HAZARD_DECLARE, area_code):
        raise forbidden(f"a response in {area_code} is beyond your areas")
    area.read(tx, area_code)
    check_level(kind, new.level)
    return {
        "area_code": area_code,
        "kind": kind,
        "matter": new.matter.strip(),
        "level": new.level,
        "expected_until": new.expected_until,
        "measures": new.measures.strip(),
        "exercise": exercise,
        "hazard_id": found,
        "alert_id": new.alert,
    }


def _hazard(tx: Transaction, hazard_id: int) -> Row:
    row = responses.hazard(tx, hazard_id)
    if row is None:
        raise not_found(f"hazard {hazard_id}")
    if row["state"] != "declared":
        raise conflict(f"hazard {hazard_id} is {row['state']}")
    return row


def _warning(tx: Transaction, alert_id: int, hazard_id: int | None) -> Row:
    """Give a warning; refuse one that warns of nothing now, or of another hazard."""
    row = responses.alert(tx, alert_id)
    if row is None:
        raise not_found(f"warning {alert_id}")
    if row["status"] not in DECLARABLE or row["msg_type"] not in ("Alert", "Update"):
        raise conflict("a test, a draft or an answer warns of nothing", status=row["status"])
    if row["state"] != "current":
        raise conflict("this warning was replaced or cancelled", followed=row["followed_by"])
    if row["expired"]:
        raise conflict("this warning is over")
    if hazard_id is not None and row["hazard_id"] not in (None, hazard_id):
        raise bad_value("alert", "this warning is of another hazard")
    return row


def check_level(kind: str, level: int | None) -> None:
    """Refuse a level where the law grades nothing, and none where it does (400)."""
    if kind in WITHOUT_LEVEL and level is not None:
        raise bad_value("level", "this kind has no level: leave it out")
    if kind not in WITHOUT_LEVEL and level is None:
        raise bad_value("level", "1 to 4 is needed: the law grades this kind")


def second(tx: Transaction, said: dict[str, Any]) -> Problem:
    """Tell who was second which response there is, and who started it."""
    first = responses.open_one(
        tx, said["area_code"], said["hazard_id"], said["kind"], said["exercise"]
    )
    if first is None:
        return conflict("another response has just ended there: start again")
    by = first["started_by_name"] or ""
    return conflict(
        f"response {first['id']} is running there already",
        response=int(first["id"]),
        by=by,
        started_at=first["started_at"].isoformat(),
    )
