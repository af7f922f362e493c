"""`gridmap grids draw|check|export`."""

from pathlib import Path

import click

from gridmap.cli.outcome import Bar, as_json, database, finished, give, say
from gridmap.cli.where import AREA, named
from gridmap.model.access import system_scope


@click.group()
def grids() -> None:
    """Unified comprehensive grids."""


@grids.command()
@click.argument("area", type=AREA)
@click.option("--min", "minimum", type=int, default=300, show_default=True)
@click.option("--max", "maximum", type=int, default=500, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@as_json
def draw(area: str, minimum: int, maximum: int, seed: int, as_json: bool) -> None:
    """Draw the grids of AREA (6, 9 or 12 digits) where there are none, in a worker."""
    from gridmap.services import grids as service

    with database() as db:
        job_id = service.request(db, system_scope(), area, minimum, maximum, seed)
        say(f"job {job_id}")
        give({"job": job_id, **finished(db, job_id)}, as_json)


@grids.command()
@click.argument("area", type=AREA, required=False)
@as_json
def check(area: str | None, as_json: bool) -> int:
    """Check the grids in force of AREA: gaps, overlaps, contiguity, sizes, shapes."""
    from gridmap.services import grids as service

    with database() as db:
        found = service.check(db, system_scope(), named(db, area), progress=Bar())
    give(found, as_json)
    return 1 if found["faults"] else 0


@grids.command()
@click.argument("area", type=AREA, required=False)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--format", "kind", type=click.Choice(["geojson", "gpkg"]), default="geojson")
@as_json
def export(area: str | None, out: Path, kind: str, as_json: bool) -> None:
    """Write the grids in force of AREA to a file."""
    from gridmap.services import exports

    with database() as db:
        count = exports.grids(db, system_scope(), named(db, area), out, kind)
    give({"grids": count, "file": str(out)}, as_json)


COMMANDS = (grids,)
