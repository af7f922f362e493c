"""`gridmap coverage sites|critical`: where to add a facility, and what cover hangs on."""

from typing import Any

import click

from gridmap.cli.outcome import as_json, database, finished, give, say
from gridmap.cli.where import AREA, named
from gridmap.model.access import system_scope

METHODS = ("next", "p_median", "p_center", "cover_all", "cover_most", "least_missed")
_LISTED = 20  # streets in words; --json has all


@click.command()
@click.argument("standard")
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default="next",
    show_default=True,
    help="next: the best one and the runner-up; p_median: least way for all; p_center: the"
    " farthest as near as possible; cover_all: the fewest that reach everybody; cover_most: the"
    " most reached; least_missed: of those there are.",
)
@click.option(
    "--count",
    type=click.IntRange(1, 50),
    default=None,
    help="How many new sites, for p_median, p_center and cover_most.",
)
@click.option("--area", type=AREA, default=None, help="Area code; the county unless named.")
@click.option(
    "--candidates",
    type=click.Choice(["crossings", "buildings", "parcels"]),
    default="crossings",
    show_default=True,
    help="Out of which places.",
)
@click.option(
    "--weight",
    type=click.Choice(["people", "households", "needs"]),
    default="people",
    show_default=True,
    help="Whom it counts; needs: households with needs.",
)
@click.option(
    "--capacity",
    type=click.IntRange(0, 1_000_000),
    default=None,
    help="People a new site takes in, for standards with capacity.",
)
@click.option(
    "--limit", type=float, default=None, help="Seconds or metres; the standard's unless given."
)
@as_json
def sites(as_json: bool, standard: str, area: str | None, **question: Any) -> None:
    """Find where facilities of STANDARD would do most; nothing is changed."""
    from gridmap.model.coverage_sites import Question
    from gridmap.services import coverage_sites as service

    with database() as db:
        code = named(db, area)
        job_id = service.request(db, system_scope(), standard, code, Question(**question))
        say(f"job {job_id}")
        result = finished(db, job_id)
    if as_json:
        give({"job": job_id, **result}, as_json)
        return
    for line in _of_sites(result):
        click.echo(line)


def _of_sites(result: dict[str, Any]) -> list[str]:
    lines = [
        f"{result['state']}: {result['candidates']['kept']} of {result['candidates']['found']}"
        f" {result['candidates']['kind']}, limit {result['limit']:g} {result['unit']}"
    ]
    for site in result["sites"]:
        lon, lat = site["at"]
        lines.append(
            f"{site['number']}  {lon:.6f},{lat:.6f}  {site['near'] or '-'}"
            f"  +{site['households']} households, +{site['people']} people"
            f"  {site['share_before']:.1%} -> {site['share_after']:.1%}"
        )
    lines += [_loss(each) for each in result.get("facilities", ())]
    if result.get("objective") is not None:
        proof = "proven" if result["proven"] else f"bound {result['bound']:g}"
        lines.append(f"objective {result['objective']:g} ({proof})")
    return lines


def _near(each: dict[str, Any]) -> str:
    return f"(near {each['near']})" if each.get("near") else "-"


def _loss(each: dict[str, Any]) -> str:
    return (
        f"{each.get('id', ''):>6}  {each['name'] or _near(each)}"
        f"  {each['households']} households, {each['people']} people,"
        f" {each['with_needs']} with needs"
    )


@click.command()
@click.argument("standard")
@click.option("--area", type=AREA, default=None, help="Area code; the county unless named.")
@click.option(
    "--limit", type=float, default=None, help="Seconds or metres; the standard's unless given."
)
@as_json
def critical(standard: str, area: str | None, limit: float | None, as_json: bool) -> None:
    """Rank streets, bridges and facilities by who loses cover by STANDARD if one of them closes."""
    from gridmap.services import coverage_critical as service

    with database() as db:
        job_id = service.request(db, system_scope(), standard, named(db, area), limit)
        say(f"job {job_id}")
        result = finished(db, job_id)
    if as_json:
        give({"job": job_id, **result}, as_json)
        return
    click.echo(f"{result['streets_found']} streets, {result['bridges_found']} of them bridges")
    for each in result["streets"][:_LISTED]:
        click.echo(_loss({**each, "id": "bridge" if each["bridge"] else "street"}))
    click.echo(f"{len(result['facilities'])} facilities")
    for each in result["facilities"]:
        click.echo(_loss(each))
