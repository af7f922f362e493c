"""`gridmap coverage run|export|certify|verify|sites|critical`."""

from pathlib import Path

import click

from gridmap.cli.coverage_checks import certify, verify
from gridmap.cli.coverage_desk import critical, sites
from gridmap.cli.coverage_standards import standards
from gridmap.cli.outcome import as_json, database, finished, give, say
from gridmap.cli.where import AREA, named
from gridmap.model.access import system_scope


@click.group()
def coverage() -> None:
    """Who is reached, by whom, how fast, and why not."""


@coverage.command()
@click.argument("standard")
@click.option("--area", type=AREA, default=None, help="Area code; the county unless named.")
@as_json
def run(standard: str, area: str | None, as_json: bool) -> None:
    """Compute coverage by STANDARD (fire, medical, shelter, member, ...), in a worker."""
    from gridmap.services import coverage as service

    with database() as db:
        job_id = service.request(db, system_scope(), standard, named(db, area))
        say(f"job {job_id}")
        result = finished(db, job_id)
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


coverage.add_command(standards)
coverage.add_command(sites)
coverage.add_command(critical)
coverage.add_command(certify)
coverage.add_command(verify)

COMMANDS = (coverage,)
