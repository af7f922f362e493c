"""`gridmap demo load TOWN`."""

import click

from gridmap.cli.outcome import Bar, as_json, database, give, settings
from gridmap.model.problem import forbidden


@click.group()
def demo() -> None:
    """Demo towns."""


@demo.command()
@click.argument("town")
@click.option("--seed", type=click.IntRange(0), default=None, help="Seed of the simulation.")
@as_json
def load(town: str, seed: int | None, as_json: bool) -> None:
    """Load TOWN (guanggu, monaco), draw its grids, compute its coverage and draft its plans."""
    from gridmap.services import demo as service
    from gridmap.services.accounts import DEMO_PASSWORD

    found = settings()
    if not found.own_database and found.demo is None:
        raise forbidden(
            "demo data and demo accounts do not belong in a production database;"
            " set GRIDMAP_DEMO if this one is for a demo"
        )
    with database() as db:
        done = service.load(db, town, Bar(), seed)
    give({**done, "password": DEMO_PASSWORD}, as_json)


COMMANDS = (demo,)
