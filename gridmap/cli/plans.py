"""`gridmap plan draft|export`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.outcome import Bar, as_json, database, finished, give, say, settings
from gridmap.model.access import Permission, system_scope

if TYPE_CHECKING:
    from gridmap.store.database import Database

_ROOT = Path(__file__).resolve().parents[2]


@click.group()
def plan() -> None:
    """Evacuation plans."""


@plan.command()
@click.argument("hazard")
@click.option("--as", "name", help="Account that asks for it; without one nobody can approve it.")
@click.option(
    "--tolerance", type=float, help="At most so many times as far as the nearest shelter."
)
@click.option("--m2-per-person", type=float, help="Room for each person in shelters of known area.")
@click.option("--walk-limit-minutes", type=int, help="Nobody walks longer.")
@click.option(
    "--bridges", type=click.Choice(["kept", "closed"]), default="kept", help="Over water."
)
@click.option("--slide-bearing", type=float, help="Degrees the ground moves to: not that way.")
@click.option(
    "--robust",
    type=click.Choice(["none", "shelter", "road", "any"]),
    default="none",
    help="Any one of these may fail: everybody still has a way and a bed.",
)
@click.option("--deadline-minutes", type=int, help="Until when everybody is to be out.")
@click.option("--wave-people", type=int, help="People who set out at once.")
@click.option("--wave-minutes", type=int, help="Time between two waves.")
@click.option("--vehicles/--no-vehicles", default=True, help="Fetch those who cannot walk.")
@click.option("--together/--apart", default=True, help="Keep carers with those they look after.")
@click.option(
    "--assembly-minutes", type=int, default=15, help="Longest walk to a meeting point; 0: none."
)
@click.option("--assembly-people", type=int, default=500, help="People who meet at one point.")
@click.option("--walk-first/--ride", default=True, help="Those who can walk do where it is faster.")
@click.option(
    "--staging",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Call people in waves that the streets can take.",
)
@click.option("--without", type=int, multiple=True, help="Shelter (id) that is left out.")
@as_json
def draft(hazard: str, name: str | None, as_json: bool, **options: Any) -> None:
    """Draft the evacuation of HAZARD (id, name or kind), in a worker."""
    from gridmap.model.plan_options import PlanOptions
    from gridmap.services import hazards, plans, tokens

    options["assembly_minutes"] = options["assembly_minutes"] or None
    with database() as db:
        scope = system_scope()
        if name is not None:
            person = tokens.person(db, name)
            person.require(Permission.PLAN_DRAFT)
            scope = person.scope(Permission.PLAN_DRAFT, "command line")
        found = hazards.find(db, scope, hazard)
        plan_id, job_id = plans.request(db, scope, found, PlanOptions(**options))
        if name is None:
            say("nobody asked for this draft: it can be printed, not approved; --as NAME asks")
        say(f"plan {plan_id}, job {job_id}")
        finished(db, job_id)
        give(plans.show(db, system_scope(), plan_id), as_json)


@plan.command()
@click.argument("plan_id", metavar="PLAN", type=int)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--format", "kind", type=click.Choice(["geojson", "json", "pdf"]), default="geojson")
@click.option("--grid", help="Only the sheets of this grid (PDF).")
@click.option("--language", type=click.Choice(["zh_CN", "en"]), help="Of the sheets (PDF).")
@as_json
def export(  # noqa: PLR0913 - the options of the command
    plan_id: int, out: Path, kind: str, grid: str | None, language: str | None, as_json: bool
) -> None:
    """Write PLAN to a file: routes as GeoJSON, everything as JSON, or its sheets as PDF."""
    from gridmap.services import exports

    if kind != "pdf" and (grid or language):
        raise click.UsageError("--grid and --language go with --format pdf")
    with database() as db:
        if kind == "pdf":
            count = _sheets(db, plan_id, out, grid, language)
            give({"pages": count, "file": str(out)}, as_json)
            return
        count = exports.plan(db, system_scope(), plan_id, out, kind)
    give({"rows": count, "file": str(out)}, as_json)


def _sheets(db: "Database", plan_id: int, out: Path, grid: str | None, language: str | None) -> int:
    """Write the sheets with everything on them: who may run this may read the database."""
    from gridmap.maps.sheet_words import Look
    from gridmap.maps.sheets import pdf
    from gridmap.services import sheets
    from gridmap.services.exports import whole

    found = settings()
    every = system_scope().areas
    asked = sheets.Asked(
        plan_id=plan_id,
        language=language or found.language,
        names_in=every,
        needs_in=every,
        address=f"{found.address}/plans/{plan_id}",
        printed_at=datetime.now(UTC).replace(second=0, microsecond=0),
        grid=grid,
    )
    code, _households = sheets.area_of(db, system_scope(), plan_id)
    booklet = sheets.booklet(db, system_scope(), asked)
    bar = Bar()
    look = Look(asked.language, found.time_zone, _ROOT / "static")
    content, pages = pdf(booklet, look, bar.step)
    with whole(out) as path:
        sheets.note_printed(db, system_scope(), code, booklet, grid)
        path.write_bytes(content)
    return pages


COMMANDS = (plan,)
