"""`gridmap coverage standards`."""

import click

from gridmap.cli.outcome import as_json, database, give
from gridmap.cli.where import AREA, named
from gridmap.model.access import Scope


@click.command()
@click.option("--area", type=AREA, default=None, help="Area code; the county unless named.")
@as_json
def standards(area: str | None, as_json: bool) -> None:
    """List the coverage standards that hold today in an area, from above it and in parts of it."""
    from gridmap.services import coverage_standards

    with database() as db:
        code = named(db, area)
        found = coverage_standards.listing(db, Scope((code,)), "en", within=code)
    if as_json:
        give({"area": code, "standards": found}, as_json)
        return
    for one in found:
        said = f"{one['profile']}, {one['limit']:g} {one['by']}, {one['direction']}"
        version = f"version {one['version']} of {one['area']} from {one['valid_from']}"
        give({one["key"]: f"{one['name']} ({said}); {version}"}, as_json)
