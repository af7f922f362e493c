"""`gridmap import KIND FILE`."""

from pathlib import Path

import click

from geodata.errors import GeodataError
from gridmap.cli.outcome import Bar, as_json, database, give, say_faults, settings
from gridmap.cli.where import AREA, named, served
from gridmap.model.access import system_scope
from gridmap.model.problem import bad_input

KINDS = ("roads", "areas", "buildings", "households", "facilities", "hazards", "volunteers")


@click.command(name="import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--crs", default=None, help="wgs84, cgcs2000, gcj02, bd09 or an EPSG number.")
@click.option(
    "--map",
    "mapping",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="Which column of the file is which field; repeat for more.",
)
@click.option(
    "--area", type=AREA, default=None, help="County the rows belong to; the only one unless named."
)
@click.option("--exercise", is_flag=True, help="Hazards of a drill: never mixed with real ones.")
@click.option(
    "--hazard-kind", default="flood", help="Of a raster: what its hazards are; flood unless named."
)
@click.option(
    "--categories", is_flag=True, help="Of a raster: its values are categories (--map 3=orange)."
)
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
@as_json
def import_(  # noqa: PLR0913, PLR0917 - options of a command
    kind: str,
    file: Path,
    crs: str | None,
    mapping: tuple[str, ...],
    area: str | None,
    exercise: bool,
    hazard_kind: str,
    categories: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Bring FILE in: all of it or nothing; the same file twice changes nothing."""
    from gridmap.services import imports
    from gridmap.services.import_depths import Classes
    from gridmap.services.import_files import Caged

    if kind == "areas" and area is not None:
        raise bad_input("--area is not taken: areas carry codes of their own")
    if kind != "hazards" and (exercise or categories):
        raise bad_input("--exercise and --categories go with hazards")
    bounds = served(settings()).bounds
    pairs = _mapping(mapping)
    # a file that was sent by mail is no safer than one that was uploaded
    told = imports.Told(
        kind,
        file,
        crs,
        pairs,
        dry_run,
        bounds,
        Caged(),
        exercise=exercise,
        classes=Classes(pairs, hazard_kind, categories),
    )
    with database() as db:
        where = None if kind == "areas" else named(db, area)
        try:
            give(imports.bring_in(db, system_scope(), told, where, Bar()), as_json)
        except GeodataError as error:
            return say_faults(file.name, error.faults)
    return 0


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    made = {}
    for pair in pairs:
        column, found, field = pair.partition("=")
        if not (column and found and field):
            raise bad_input(f"--map {pair!r} is not COLUMN=FIELD")
        if column in made:
            raise bad_input(f"--map names {column!r} twice")
        made[column] = field
    return made


COMMANDS = (import_,)
