"""Reports on coverage: everything they say, read in one snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from shapely import from_wkb
from shapely.geometry.base import BaseGeometry

from gridmap.model.access import Scope
from gridmap.model.coverage_report import (
    Chapter,
    Layer,
    Line,
    Missing,
    Moment,
    Outline,
    Report,
    Site,
    Sums,
)
from gridmap.model.problem import conflict
from gridmap.model.sheet import Ground, Street
from gridmap.services import coverage_report_runs
from gridmap.store import (
    area,
    coverage_certificate,
    coverage_hours,
    coverage_standards,
    paper,
    sheet,
)
from gridmap.store import coverage_report as rows
from gridmap.store.database import Database, Row, Transaction
from gridmap.store.view import coverage as by_run
from gridmap.store.view import coverage_readings

_MARGIN = 0.004  # degrees of base map around the area
_NEAR = 0.04  # degrees across up to which houses and small streets can be told on paper
_LARGE = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})
_MOST_RUNS = 200
_GRID, _COMMUNITY, _TOWNSHIP, _COUNTY = 15, 12, 9, 6
_ENGLISH = "en"


@dataclass(frozen=True)
class Wanted:
    """Of which area, by which standards, in which language.

    Attributes
    ----------
    area
        6, 9 or 12 digits.
    standards
        None for every standard of which there is a run.
    needs
        Whether the reader may know needs of people in the whole area.
    printed_at
        The same moment gives the same bytes.
    """

    area: str
    standards: tuple[str, ...] | None
    language: str
    needs: bool
    printed_at: datetime


def report(database: Database, scope: Scope, wanted: Wanted, zone: str) -> Report:
    """Read a report.

    Raises
    ------
    Problem
        404 for an area that is not there or not this person's; 409 where nothing was computed.
    """
    english = wanted.language == _ENGLISH
    with database.transaction(scope, snapshot=True) as tx:
        area.read(tx, wanted.area)
        found = coverage_report_runs.chosen(tx, wanted.area, wanted.standards)
        if not found:
            raise conflict(f"area {wanted.area} has no coverage run")
        printed = wanted.printed_at.astimezone(ZoneInfo(zone))
        day = printed.date()
        communities = _communities(tx, wanted.area, english)
        grids = tuple(
            Outline(row["code"], _label(row["code"]), _shape(row))
            for row in paper.grids(tx, day, wanted.area)
            if row["kind"] != "special"
        )
        own = rows.outline(tx, wanted.area)
        drawn = [each.shape for each in (*communities, *grids)]
        box = _box([from_wkb(own)] if own else drawn)
        names = {each.code: each.label for each in communities}
        return Report(
            area=wanted.area,
            place=sheet.place(tx, wanted.area, english),
            printed_at=printed,
            attribution=sheet.attribution(tx, wanted.area),
            needs=wanted.needs,
            chapters=tuple(_chapter(tx, row, wanted, box, names) for row in found),
            missing=_missing(tx, wanted, {row["standard_key"] for row in found}),
            grids=grids,
            communities=communities,
            ground=_ground(tx, box),
        )


def _shape(row: Row) -> BaseGeometry:
    return from_wkb(bytes(row["wkb"]))


def _label(code: str) -> str:
    return f"{code[9:12]}-{code[12:]}" if len(code) == _GRID else code


def _box(shapes: Sequence[BaseGeometry]) -> rows.Box:
    if not shapes:
        return (0.0, 0.0, 0.0, 0.0)
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return (west - _MARGIN, south - _MARGIN, east + _MARGIN, north + _MARGIN)


def _communities(tx: Transaction, code: str, english: bool) -> tuple[Outline, ...]:
    return tuple(
        Outline(row["code"], str(row["name"]), _shape(row))
        for row in paper.communities(tx, code, english)
        if row["wkb"] is not None
    )


def _ground(tx: Transaction, box: rows.Box) -> Ground:
    west, _south, east, _north = box
    near = east - west <= _NEAR

    def shapes(table: str) -> Iterable[tuple[Row, BaseGeometry]]:
        return ((row, _shape(row)) for row in sheet.ground(tx, table, box))

    return Ground(
        hazard=shapely.Polygon(),
        blocked=None,
        streets=tuple(
            Street(row["highway"], row["name"], line)
            for row, line in shapes("road")
            if near or row["highway"] in _LARGE
        ),
        water=tuple((row["name"], each) for row, each in shapes("water")),
    )


def _missing(tx: Transaction, wanted: Wanted, known: set[str]) -> tuple[Missing, ...]:
    """Give the standards that hold in the area and have no run; the nearest area's name counts."""
    english = wanted.language == _ENGLISH
    held: dict[str, str] = {}
    for row in coverage_standards.listing(tx):
        asked = wanted.standards is None or row["key"] in wanted.standards
        if asked and wanted.area.startswith(row["area_code"]) and row["key"] not in known:
            held[row["key"]] = (row["name_en"] if english else None) or row["name_zh"]
    return tuple(Missing(key, held[key]) for key in sorted(held))


def _chapter(
    tx: Transaction, row: Row, wanted: Wanted, box: rows.Box, names: Mapping[str, str]
) -> Chapter:
    totals: Mapping[str, Any] = row["totals"]
    own = row["area_code"] == wanted.area
    kept = rows.sums(tx, row["id"], wanted.area)
    whole = kept["parts"] > 0 or not totals.get("households")
    if own and totals.get("households") and not whole:
        sums = _of_totals(totals, wanted.needs)
    else:
        sums = _sums(kept, wanted.needs, rows.reasons(tx, row["id"], wanted.area))
    definition: Mapping[str, Any] = row["standard"]
    proof = coverage_certificate.about(tx, row["id"])
    kinds = list(definition.get("facility_kinds", ()))
    return Chapter(
        key=row["standard_key"],
        definition=definition,
        run=row["id"],
        run_area=row["area_code"],
        computed_at=row["created_at"],
        input_version=row["input_version"],
        sums=sums,
        unplaced=totals.get("unplaced") if own else None,
        facilities=definition.get("facilities"),
        whole=whole,
        layers=_layers(tx, row["input_version"]),
        stale=tuple(coverage_hours.changed(tx, row)),
        townships=_areas(tx, row["id"], wanted, _TOWNSHIP) if len(wanted.area) == _COUNTY else (),
        communities=_areas(tx, row["id"], wanted, _COMMUNITY),
        grids=_grids(tx, row["id"], wanted.area, names),
        history=_history(tx, row, wanted.area),
        sites=tuple(
            Site(each["kind"], each["name"], each["open"], each["lon"], each["lat"])
            for each in (rows.sites(tx, kinds, box, wanted.language == _ENGLISH) if kinds else ())
        ),
        certificate=proof["sha256"] if proof else None,
        certificate_state=proof["state"] if proof else None,
    )


def _sums(row: Row, needs: bool, by_reason: Mapping[str, int] | None = None) -> Sums:
    bands = ("always", "sometimes", "never")
    return Sums(
        households=row["households"],
        uncovered=row["uncovered"],
        people=row["people"],
        people_uncovered=row["people_uncovered"],
        with_needs=row["with_needs"] if needs else None,
        with_needs_uncovered=row["with_needs_uncovered"] if needs else None,
        by_reason=by_reason or {},
        bands=None if row.get("always") is None else {name: row[name] for name in bands},
    )


def _of_totals(totals: Mapping[str, Any], needs: bool) -> Sums:
    """Give the sums of a run of which nothing else is kept."""
    return Sums(
        households=totals["households"],
        uncovered=totals["uncovered"],
        people=totals.get("people", 0),
        people_uncovered=totals.get("people_uncovered", 0),
        with_needs=totals.get("with_needs") if needs else None,
        with_needs_uncovered=totals.get("with_needs_uncovered") if needs else None,
        by_reason=totals.get("by_reason", {}),
        bands=totals.get("bands"),
    )


def _areas(tx: Transaction, run: int, wanted: Wanted, digits: int) -> tuple[Line, ...]:
    english = wanted.language == _ENGLISH
    return tuple(
        Line(
            code=row["code"],
            label=(row["name_en"] if english else None) or row["label"],
            sums=_sums(row, wanted.needs),
            worst_seconds=row["worst_seconds"],
            worst_metres=row["worst_metres"],
        )
        for row in coverage_readings.by_area(tx, run, digits)
        if row["code"].startswith(wanted.area)
    )


def _grids(tx: Transaction, run: int, code: str, names: Mapping[str, str]) -> tuple[Line, ...]:
    """Give the grids, the worst first; of few doors nobody is told who has needs."""
    found = [
        Line(
            code=row["code"],
            label=row["label"] if len(row["code"]) == _GRID else names.get(row["code"], ""),
            sums=_sums({**row, "with_needs": None, "with_needs_uncovered": None}, needs=False),
            worst_seconds=row["worst_seconds"],
            worst_metres=row["worst_metres"],
            reason=row["main_reason"],
        )
        for row in by_run.by_grid(tx, run)
        if row["code"].startswith(code)
    ]
    return tuple(sorted(found, key=lambda line: (-line.sums.uncovered, line.code)))


def _history(tx: Transaction, row: Row, code: str) -> tuple[Moment, ...]:
    found = rows.history(tx, row, code, _MOST_RUNS)
    return tuple(
        Moment(
            run=each["id"],
            at=each["created_at"],
            version=each["version"],
            limit=each["limit"],
            sums=Sums(
                households=each["households"],
                uncovered=each["uncovered"] or 0,
                people=each["people"] or 0,
                people_uncovered=each["people_uncovered"] or 0,
            ),
        )
        for each in reversed(found)
    )


def _layers(tx: Transaction, version: str) -> tuple[Layer, ...]:
    """Give the layers a run has read, with the time of their last change."""
    read = dict(part.rpartition(".")[::2] for part in version.split())
    now = rows.layers(tx, read)
    return tuple(
        Layer(
            name=name,
            version=int(number) if number.isdecimal() else 0,
            changed_at=now[name]["changed_at"] if name in now else None,
            now=now[name]["version"] if name in now else None,
        )
        for name, number in sorted(read.items())
    )
