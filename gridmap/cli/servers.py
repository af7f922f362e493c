"""The embedded default: `up`, `down`, `status`, `logs`, `migrate`."""

import click

from gridmap.cli.outcome import as_json, give, say, settings
from gridmap.model.problem import bad_input


@click.command()
@click.option(
    "--demo",
    "town",
    is_flag=False,
    flag_value="guanggu",
    default=None,
    help="Load a demo town (guanggu unless named) with demo accounts.",
)
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port to serve on.")
def up(town: str | None, port: int | None) -> int:
    """Start database, Redis, web server, workers and scheduler, and watch over them."""
    from gridmap import local

    if town is not None:
        _refuse_unknown(town)
    return local.up(settings(), demo=town, port=port)


def _refuse_unknown(town: str) -> None:
    """Refuse a town at once, not after everything has started for it."""
    from geodata.demo import names

    if town not in names():
        raise bad_input(f"no demo town {town!r}; there are {', '.join(names())}")


@click.command()
def down() -> int:
    """Stop what `up` started here."""
    from gridmap import local

    return local.down(settings())


@click.command()
@as_json
def status(as_json: bool) -> int:
    """Tell what is up, since when, and how old the feed is."""
    from gridmap import local

    found = local.status(settings())
    if as_json:
        give(found, as_json)
    else:
        click.echo("\n".join(local.described(found)))
    return 0 if found.get("running") else 1


@click.command()
@click.option("--lines", type=click.IntRange(0), default=40, help="Begin with so many lines.")
@click.option("--no-follow", is_flag=True, help="Stop there.")
def logs(lines: int, no_follow: bool) -> int:
    """Follow the logs of all parts."""
    from gridmap import local

    local.follow_logs(settings(), lines, not no_follow)
    return 0


@click.command()
def migrate() -> int:
    """Bring somebody else's database to this release; `up` does it for its own."""
    from gridmap.local.errors import LocalError
    from gridmap.store import migrate as migrations

    url = settings().migrate_url
    if url is None:
        raise LocalError("set GRIDMAP_MIGRATE_URL to the address of the migration role")
    migrations.migrate(url)
    say("migrated")
    return 0


COMMANDS = (up, down, status, logs, migrate)
