"""`gridmap coverage run|export|certify|verify|sites|critical|report`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from gridmap.cli.coverage_checks import certify, verify
from gridmap.cli.coverage_desk import critical, sites
from gridmap.cli.coverage_report import report
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
        found = service.show(db, system_scope(), result["run"])
    if as_json:
        give({"job": job_id, **found}, as_json)
        return
    measured = found["totals"].pop("grounds", [])
    give({"job": job_id, **found}, as_json)
    for row in measured:
        click.echo(f"ground: {_ground(row)}")


def _ground(row: Mapping[str, Any]) -> str:
    """Say how much ground a facility serves, and whether its rule allows that."""
    name = row["name"] or f"facility {row['facility']}"
    words = f"{name}: {row['km2']:.2f} km2 (+-{row['margin_km2']:.2f})"
    if row["most_km2"] is None:
        return f"{words}, no rule for its level"
    return f"{words}, {'over' if row['over'] else 'within'} {row['most_km2']:g} km2"


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
coverage.add_command(report)

COMMANDS = (coverage,)
