"""Files of bulk exports: masked for the person who asked, no cell a formula, who and why on top."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridmap.model import care_words
from gridmap.model.access import Permission, system_scope
from gridmap.model.care_words import word
from gridmap.model.household import Purpose
from gridmap.model.problem import Problem
from gridmap.services import masking
from gridmap.services.access import Viewer, viewer_of
from gridmap.services.exports import plain
from gridmap.services.masking import Place, Sight
from gridmap.services.progress import Progress
from gridmap.store import event, export_request, job, user
from gridmap.store.database import Database, Row

_PAGE = 5_000
# A spreadsheet turns a long number into 1.38E+10 and drops leading zeros: these stay text.
_TEXTS = frozenset({"phone", "carer_phone", "id_number", "area"})


def make(database: Database, row: Row, progress: Progress) -> None:
    """Make the file of an approved export; what a claimed job of this kind does."""
    export_id = int(row["arguments"]["export"])
    with database.transaction(system_scope(row["request_id"])) as tx:
        asked = export_request.read(tx, export_id)
        if asked is None or asked["state"] != "approved":
            raise Problem(409, "Nothing to make", f"export {export_id} is not approved")
        account = user.by_id(tx, asked["requested_by"])
        roles = user.roles(tx, asked["requested_by"])
    viewer = _still(account, roles, asked)
    if asked["kind"] == "moves":
        from gridmap.services import export_moves  # geography is heavy

        content, count = export_moves.written(database, viewer, asked)
    else:
        content, count = _table(database, viewer, asked, progress)
    with database.transaction(system_scope(row["request_id"])) as tx:
        if not export_request.store_file(tx, export_id, asked["area_code"], content, count):
            raise Problem(409, "Nothing to make", f"export {export_id} is not approved")
        event.record(
            tx,
            "export.made",
            area_code=asked["area_code"],
            subject_id=export_id,
            payload={"rows": count, "bytes": len(content)},
        )
        job.finish(tx, row["id"], row["token"], {"export": export_id, "rows": count}, None)


def _table(database: Database, viewer: Viewer, asked: Row, progress: Progress) -> tuple[bytes, int]:
    """Write the rows of an export as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    english = viewer.language == "en"
    writer.writerow([watermark(asked, database.zone, english=english)])
    writer.writerow([word(care_words.HEADINGS, name, english=english) for name in asked["fields"]])
    count = 0
    for line in _lines(database, viewer, asked, english=english):
        writer.writerow(line)
        count += 1
        if count % _PAGE == 0:
            progress.step(count, count + _PAGE)
    return text.getvalue().encode("utf-8-sig"), count


def _still(account: Row | None, roles: list[Row], asked: Row) -> Viewer:
    """Give the person who asked, if they may still have what they asked for."""
    if account is not None and account["active"]:
        viewer = viewer_of(dict(account), [dict(role) for role in roles])
        may = viewer.may(Permission.EXPORT_REQUEST, asked["area_code"])
        if asked["kind"] == "volunteers":
            may = may and viewer.may(Permission.INCIDENT_DISPATCH, asked["area_code"])
        if may:
            return viewer
    raise Problem(403, "Not allowed", "whoever asked for this export may not have it any more")


def watermark(asked: Row, zone: ZoneInfo, *, english: bool) -> str:
    """Say on the first line whose file this is, for what, and when it is to be destroyed."""
    now = datetime.now(zone).strftime("%Y-%m-%d %H:%M")
    purpose = word(care_words.PURPOSES, asked["purpose"], english=english)
    who, agreed = asked["requested_by_name"], asked["decided_by_name"]
    login, area = asked["requested_by_login"], asked["area_code"]
    words = (
        f"gridmap export {asked['id']} | area {area} | asked for by {who} ({login})"
        f" | agreed by {agreed} | purpose: {purpose} | made {now} | destroy after use"
        if english
        else f"gridmap 导出 {asked['id']} | 范围 {area} | 申请：{who}（{login}） | 同意：{agreed}"
        f" | 用途：{purpose} | 制作 {now} | 用后销毁，不得转交"
    )
    return str(plain(words))


def _lines(database: Database, viewer: Viewer, asked: Row, *, english: bool) -> Iterator[list[Any]]:
    """Give the rows of the file, page by page, each masked for the person who asked."""
    after = 0
    while True:
        with database.transaction(viewer.scope(Permission.EXPORT_REQUEST)) as tx:
            rows = export_request.ROWS[asked["kind"]](tx, asked["area_code"], after, _PAGE)
        for row in rows:
            seen = masking.sight(viewer, row["area_code"], Place.FILE, Purpose(asked["purpose"]))
            yield [
                cell(name, row, seen, database.zone, english=english) for name in asked["fields"]
            ]
        if len(rows) < _PAGE:
            return
        after = rows[-1]["id"]


def cell(name: str, row: Mapping[str, Any], seen: Sight, zone: ZoneInfo, *, english: bool) -> Any:
    """Give one cell: masked, in words, and never a formula."""
    if name == "grid":
        return row["area_code"] if len(row["area_code"]) < 15 else f"'{row['area_code']}"
    # volunteers gave their numbers to be called: whoever may have this file calls them
    facts = {} if "skills" in row else masking.shown(row, seen)
    value = facts.get(name, row[name])
    if name in ("needs", "note") and not seen.needs:
        value = None
    if value is None:
        return ""
    if name in _TEXTS:
        return f"'{value}"
    spell = _SPELT.get(name)
    return plain(spell(value, english) if spell else _dated(value, zone))


def _dated(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return value if isinstance(value, int | str) else str(value)


def _needs(value: str, english: bool) -> str:
    found = []
    for each in value.split():
        kind, _, people = each.partition(":")
        words = word(care_words.NEEDS, kind, english=english)
        found.append(f"{words} {people}".strip())
    return ("; " if english else "；").join(found)


def _skills(value: str, english: bool) -> str:
    found = [word(care_words.SKILLS, each, english=english) for each in value.split()]
    return ("; " if english else "、").join(found)


def _yes(value: bool, english: bool) -> str:
    return ("yes" if value else "no") if english else ("是" if value else "否")


_SPELT: dict[str, Callable[[Any, bool], str]] = {
    "needs": _needs,
    "needs_help": _yes,
    "active": _yes,
    "skills": _skills,
    "kind": lambda value, english: word(care_words.VOLUNTEERS, value, english=english),
    "residence": lambda value, english: word(care_words.CHOICES, value, english=english),
    "state": lambda value, english: word(care_words.STATES, value, english=english),
}
