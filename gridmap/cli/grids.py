"""`gridmap grids draw|check|publish|export|papers`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from gridmap.cli.outcome import Bar, as_json, database, finished, give, say, settings
from gridmap.cli.where import AREA, named
from gridmap.model.access import Permission, system_scope

_ROOT = Path(__file__).resolve().parents[2]
_KINDS = ("notice", "filing", "pocket", "wall")


@click.group()
def grids() -> None:
    """Unified comprehensive grids."""


@grids.command()
@click.argument("area", type=AREA)
@click.option(
    "--min", "minimum", type=int, help="Households; those of the area's rule unless given."
)
@click.option(
    "--max", "maximum", type=int, help="Households; those of the area's rule unless given."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@as_json
def draw(area: str, minimum: int | None, maximum: int | None, seed: int, as_json: bool) -> None:
    """Draw the grids of AREA (6, 9 or 12 digits) where there are none, in a worker."""
    from gridmap.services import grids as service

    today = datetime.now(ZoneInfo(settings().time_zone)).date()
    with database() as db:
        job_id = service.request(db, system_scope(), area, minimum, maximum, seed, today)
        say(f"job {job_id}")
        give({"job": job_id, **finished(db, job_id)}, as_json)


@grids.command()
@click.argument("area", type=AREA)
@click.option("--kind", default="comprehensive", show_default=True, help="Or special, micro.")
@click.option(
    "--type",
    "area_type",
    default="any",
    show_default=True,
    help="Or urban, village, mountain, island.",
)
@click.option("--min", "minimum", type=int, help="Least households of a grid; not for islands.")
@click.option("--max", "maximum", type=int, help="Most households of a grid; not for islands.")
@click.option(
    "--smallest",
    type=int,
    help="Households of a mountain settlement, or people of an island, of its own.",
)
@click.option("--source", help="Law, article or decision that says so.")
@click.option(
    "--from", "day", type=click.DateTime(["%Y-%m-%d"]), help="First day; today unless given."
)
@as_json
def rules(  # noqa: PLR0913, PLR0917 - one parameter for each option
    area: str,
    kind: str,
    area_type: str,
    minimum: int | None,
    maximum: int | None,
    smallest: int | None,
    source: str | None,
    day: datetime | None,
    as_json: bool,
) -> None:
    """Show the rules of size for AREA; with --source and figures, store one first."""
    from gridmap.model.grid_rules import Entry
    from gridmap.services import grid_rules

    figures = (minimum, maximum, smallest)
    first = datetime.now(ZoneInfo(settings().time_zone)) if day is None else day
    with database() as db:
        if source is not None:
            entry = Entry(area, kind, area_type, source, first.date(), *figures)
            grid_rules.put(db, system_scope(), entry)
        elif any(value is not None for value in figures):
            raise click.UsageError("a rule needs --source: law, article or decision")
        found = grid_rules.listing(db, system_scope(), area)
    give(found, as_json)


@grids.command()
@click.argument("area", type=AREA, required=False)
@as_json
def check(area: str | None, as_json: bool) -> int:
    """Check the grids in force of AREA: gaps, overlaps, contiguity, sizes, shapes."""
    from gridmap.services import grid_checks

    with database() as db:
        found = grid_checks.check(db, system_scope(), named(db, area), progress=Bar())
    give(found, as_json)
    return 1 if found["faults"] else 0


@grids.command()
@click.argument("area", type=AREA, required=False)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write them to as well.",
)
@click.option("--format", "kind", type=click.Choice(["geojson", "gpkg", "shp"]), default="geojson")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@as_json
def micro(area: str | None, out: Path | None, kind: str, seed: int, as_json: bool) -> None:
    """Divide the grids in force of AREA (6, 9 or 12 digits) into micro-grids, in a worker."""
    from gridmap.services import grid_exports, micro_grids
    from gridmap.services.grid_exports import Wanted

    with database() as db:
        code = named(db, area)
        job_id = micro_grids.request(db, system_scope(), code, seed)
        say(f"job {job_id}")
        found: dict[str, Any] = {"job": job_id, **finished(db, job_id)}
        if out is not None:
            wanted = Wanted(code, kind=kind, layer="micro_grids")
            frame = grid_exports.grids(db, system_scope(), wanted)
            grid_exports.write(frame, kind, out, wanted.layer)
            grid_exports.note(db, system_scope(), wanted, len(frame))
            found["file"] = str(out)
    give(found, as_json)


@grids.command()
@click.argument("scenario", type=click.IntRange(1, 2**31 - 1))
@click.option(
    "--from",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day of the new grids; today unless given.",
)
@click.option("--as", "name", required=True, help="Account that answers for it, not an editor's.")
@as_json
def publish(scenario: int, day: datetime | None, name: str, as_json: bool) -> None:
    """Publish SCENARIO, approved before, on behalf of a second person."""
    from gridmap.services import publishing, tokens

    today = datetime.now(ZoneInfo(settings().time_zone)).date()
    wanted = today if day is None else day.date()
    with database() as db:
        scope = tokens.person(db, name).scope(Permission.GRID_PUBLISH, "command line")
        found = publishing.publish(db, scope, scenario, wanted, today)
    give({"scenario": scenario, "effective_from": wanted.isoformat(), **found}, as_json)


@grids.command()
@click.argument("area", type=AREA, required=False)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--format", "kind", type=click.Choice(["geojson", "gpkg", "shp"]), default="geojson")
@click.option(
    "--crs",
    "system",
    type=click.Choice(["wgs84", "cgcs2000", "gauss_kruger"]),
    default="wgs84",
    show_default=True,
    help="Coordinates of the file.",
)
@click.option("--as-of", "day", type=click.DateTime(["%Y-%m-%d"]), help="As they were on a day.")
@click.option("--scenario", type=click.IntRange(1, 2**31 - 1), help="Those of a scenario instead.")
@as_json
def export(  # noqa: PLR0913 - one parameter for each option
    area: str | None,
    out: Path,
    kind: str,
    system: str,
    day: datetime | None,
    scenario: int | None,
    as_json: bool,
) -> None:
    """Write the grids of AREA to a file; a Shapefile is a zip file with all of its parts."""
    from gridmap.services import grid_exports
    from gridmap.services.grid_exports import Wanted

    with database() as db:
        wanted = Wanted(named(db, area), day and day.date(), scenario, kind, system)
        frame = grid_exports.grids(db, system_scope(), wanted)
        grid_exports.write(frame, kind, out)
        grid_exports.note(db, system_scope(), wanted, len(frame))
    give({"grids": len(frame), "file": str(out)}, as_json)


@grids.command()
@click.argument("area", type=AREA)
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(_KINDS),
    multiple=True,
    required=True,
    help="Which papers; may be given several times.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--as-of", "day", type=click.DateTime(["%Y-%m-%d"]), help="Today unless given.")
@click.option("--scenario", type=click.IntRange(1, 2**31 - 1), help="Of a draft, marked as one.")
@click.option(
    "--language", type=click.Choice(["zh_CN", "en"]), help="That of the deployment unless given."
)
@as_json
def papers(  # noqa: PLR0913 - the options of the command
    area: str,
    kinds: tuple[str, ...],
    out: Path,
    day: datetime | None,
    scenario: int | None,
    language: str | None,
    as_json: bool,
) -> None:
    """Write notices, filing tables, pocket or wall maps of AREA (6 to 12 digits).

    One PDF; a file that ends in .zip holds one for each grid.
    """
    from gridmap.maps import papers as press
    from gridmap.maps.sheet_words import Look
    from gridmap.model.paper import PaperKind
    from gridmap.services import grid_days, paper_jobs
    from gridmap.services import papers as service
    from gridmap.services.exports import whole

    found = settings()
    today = datetime.now(ZoneInfo(found.time_zone)).date()
    wanted = service.Wanted(
        area=area,
        day=today if day is None else day.date(),
        printed_at=datetime.now(UTC).replace(second=0, microsecond=0),
        language=language or found.language,
        scenario=scenario,
    )
    grid_days.check_past(wanted.day, today)
    chosen = tuple(kind for kind in PaperKind if kind.value in kinds)
    order = paper_jobs.Order(wanted, chosen, "zip" if out.suffix.lower() == ".zip" else "pdf")
    make = press.bundle if order.form == "zip" else press.pdf
    with database() as db:
        folder = service.folder(db, system_scope(), wanted)
        look = Look(wanted.language, found.time_zone, _ROOT / "static")
        content, pages = make(folder, chosen, look, Bar().step)
        with whole(out) as path:
            path.write_bytes(content)
            with db.transaction(system_scope()) as tx:
                paper_jobs.note(tx, order, folder, pages)
    give({"pages": pages, "grids": len(folder.grids), "file": str(out)}, as_json)


COMMANDS = (grids,)
