"""Lists of volunteers of a file into rows, every fault with its line; nobody without consent."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from geodata.errors import Fault, GeodataError
from gridmap.store import area, volunteer
from gridmap.store.database import Row, Transaction
from gridmap.store.importing import Counts

_MOST = 5_000


def rows(frame: pd.DataFrame, where: str) -> dict[Any, dict[str, Any]]:
    """Give rows of volunteers by the line of the file they stand in.

    Parameters
    ----------
    frame
        As `readers.tables.read` gives it for `volunteer_fields.VOLUNTEERS`, on lines.
    where
        The area of those that name none; all others lie inside it.

    Raises
    ------
    GeodataError
        A row without consent, of an area elsewhere, with a number of people or an organisation
        that its kind has not, or the same as one above; more rows than are taken at once.
    """
    if len(frame) > _MOST:
        raise GeodataError(f"{len(frame):,} rows: at most {_MOST:,} are taken at once")
    names = frame.attrs.get("headings", {})
    faults: list[Fault] = []
    found: dict[Any, dict[str, Any]] = {}
    seen: dict[tuple[Any, ...], Any] = {}
    for line, told in frame.iterrows():
        row = _row(told, where)
        faults += [
            Fault(words, line, names.get(column, column))
            for column, words in _wrong(told, row, where)
        ]
        key = (row["area"], row["name"], row["phone"])
        if key in seen:
            faults.append(
                Fault(f"the same stands in row {seen[key]}", line, names.get("name", "name"))
            )
        seen.setdefault(key, line)
        found[line] = row
    if faults:
        raise GeodataError(faults)
    return found


def _row(told: "pd.Series[Any]", where: str) -> dict[str, Any]:
    given = {name: None if _empty(told[name]) else told[name] for name in told.index}
    kind = given["kind"] or "person"
    agreed = given["consented_on"]
    return {
        "area": str(given["area"] or where),
        "kind": kind,
        "name": str(given["name"]),
        "phone": None if given["phone"] is None else str(given["phone"]),
        "organisation": given["organisation"],
        "skills": sorted(set(told["skills"])),
        "people": int(given["people"] or 1),
        "consented_on": None if agreed is None else pd.Timestamp(agreed).date(),
    }


def _empty(value: Any) -> bool:
    return not isinstance(value, list | tuple) and bool(pd.isna(value))


def _wrong(told: "pd.Series[Any]", row: dict[str, Any], where: str) -> list[tuple[str, str]]:
    found = []
    if not bool(told["consent"]):
        found.append(("consent", "nobody is written down without their consent"))
    if not row["area"].startswith(where):
        found.append(("area", f"lies outside {where}"))
    if row["kind"] == "person" and row["people"] != 1:
        found.append(("people", "a person is one"))
    if row["kind"] == "organisation" and row["organisation"]:
        found.append(("organisation", "an organisation is of no other"))
    agreed = row["consented_on"]
    if agreed is not None and not date(1949, 10, 1) <= agreed <= date.today() + timedelta(days=1):
        found.append(("consented_on", "a day that has been is needed"))
    return found


def save(tx: Transaction, found: dict[Any, dict[str, Any]]) -> Counts:
    """Write rows down; who stands there is brought up to date, who has left stays away.

    Raises
    ------
    GeodataError
        Rows of an area that is not there, or of somebody who has left: by line.
    """
    known = area.existing(tx, sorted({row["area"][:12] for row in found.values()}))
    faults = []
    inserted = updated = 0
    for line, row in found.items():
        if row["area"][:12] not in known:
            faults.append(Fault(f"there is no area {row['area']}", line, "area"))
            continue
        done: Row = volunteer.bring_in(tx, row)
        if done["left"]:
            faults.append(Fault("has left: is written down again by hand only", line, "name"))
        inserted += done["inserted"]
        updated += done["updated"]
    if faults:
        raise GeodataError(faults)
    return Counts(inserted, updated, len(found) - inserted - updated)
