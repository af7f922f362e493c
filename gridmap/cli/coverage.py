"""`gridmap coverage run|export`."""

from pathlib import Path

import click

from gridmap.cli.outcome import Bar, as_json, database, give, say
from gridmap.cli.where import county
from gridmap.model.access import system_scope


@click.group()
def coverage() -> None:
    """Who is reached, by whom, how fast, and why not."""


@coverage.command()
@click.argument("standard")
@click.option("--area", default=None, help="Area code; the county unless named.")
@as_json
def run(standard: str, area: str | None, as_json: bool) -> None:
    """Compute coverage by STANDARD (fire, medical, shelter, member, ...), in a worker."""
    from gridmap.services import coverage as service
    from gridmap.services.jobs import wait

    with database() as db:
        job_id = service.request(db, system_scope(), standard, area or county(db))
        say(f"job {job_id}")
        result = wait(db, system_scope(), job_id, progress=Bar())
        give({"job": job_id, **service.show(db, system_scope(), result["run"])}, as_json)


@coverage.command()
@click.argument("run_id", metavar="RUN", type=int)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@as_json
def export(run_id: int, out: Path, as_json: bool) -> None:
    """Write every row of RUN to a CSV file: household, covered, facility, seconds, reason."""
    from gridmap.services import exports

    with database() as db:
        count = exports.coverage(db, system_scope(), run_id, out)
    give({"rows": count, "file": str(out)}, as_json)


COMMANDS = (coverage,)
