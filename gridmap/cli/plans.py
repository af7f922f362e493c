"""`gridmap plan draft|export`."""

from pathlib import Path

import click

from gridmap.cli.outcome import as_json, database, finished, give, say
from gridmap.model.access import system_scope


@click.group()
def plan() -> None:
    """Evacuation plans."""


@plan.command()
@click.argument("hazard")
@as_json
def draft(hazard: str, as_json: bool) -> None:
    """Draft the evacuation of HAZARD (id, name or kind), in a worker."""
    from gridmap.services import hazards, plans

    with database() as db:
        found = hazards.find(db, system_scope(), hazard)
        plan_id, job_id = plans.request(db, system_scope(), found)
        say(f"plan {plan_id}, job {job_id}")
        finished(db, job_id)
        give(plans.show(db, system_scope(), plan_id), as_json)


@plan.command()
@click.argument("plan_id", metavar="PLAN", type=int)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--format", "kind", type=click.Choice(["geojson", "json"]), default="geojson")
@as_json
def export(plan_id: int, out: Path, kind: str, as_json: bool) -> None:
    """Write PLAN to a file: routes as GeoJSON, or everything as JSON."""
    from gridmap.services import exports

    with database() as db:
        count = exports.plan(db, system_scope(), plan_id, out, kind)
    give({"rows": count, "file": str(out)}, as_json)


COMMANDS = (plan,)
