"""`gridmap plan-templates`: list, show, import, export."""

import json
from pathlib import Path
from typing import Any

import click

from gridmap.cli.outcome import as_json, database, give
from gridmap.cli.where import AREA, named
from gridmap.model.access import Scope

_MOST = 2_000_000  # bytes of a file
_area = click.option("--area", type=AREA, default=None, help="Area code; the county unless named.")


@click.group(name="plan-templates")
def group() -> None:
    """Emergency plans as data: what holds today, as JSON out and in."""


@group.command(name="list")
@_area
@as_json
def listing(area: str | None, as_json: bool) -> None:
    """List the plan templates that hold today in an area, from above it and in parts of it."""
    code, found = _found(area)
    if as_json:
        give({"area": code, "templates": found}, as_json)
        return
    for one in found:
        actions = len(one["content"]["actions"])
        version = f"version {one['version']} of {one['area']} from {one['valid_from']}"
        give({one["key"]: f"{one['name']} ({actions} actions); {version}"}, as_json)


@group.command()
@click.argument("key")
@_area
@as_json
def show(key: str, area: str | None, as_json: bool) -> None:
    """Show one template; KEY is the kind and whose it is, such as flood_township."""
    one = _one(key, area)
    if as_json:
        give(one, as_json)
        return
    give({"name": one["name"], "version": one["version"], "source": one["source"]}, as_json)
    for action in one["content"]["actions"]:
        levels = ",".join(map(str, action["levels"])) or "every"
        click.echo(
            f"  {action['tier']:9} {action['minutes']:>5} min  level {levels:7}"
            f"  {action['role']:13} {action['en'] or action['zh']}"
        )


@group.command(name="export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@_area
@as_json
def export(file: Path, area: str | None, as_json: bool) -> None:
    """Write the templates that hold in an area into FILE, as `import` takes them."""
    code, found = _found(area)
    text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True)
    file.write_text(text + "\n", encoding="utf-8")
    give({"area": code, "templates": len(found), "file": str(file)}, as_json)


@group.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_area
@as_json
def bring(file: Path, area: str | None, as_json: bool) -> None:
    """Store the templates of FILE as next versions; those that say the same stay."""
    from gridmap.services import plan_template_edits
    from gridmap.store.versioned import today

    documents = _documents(file)
    made: dict[str, int] = {}
    with database() as db:
        code = named(db, area)
        scope = Scope((code[:6],))
        with db.transaction(scope) as tx:
            day = today(tx)
        versions = [plan_template_edits.read(document, day) for document in documents]
        for version in versions:
            plan_template_edits.check(version)
        for version in versions:
            number = plan_template_edits.bring(db, scope, code, version)
            if number is not None:
                made[version.key] = number
    give({"area": code, "read": len(documents), "new_versions": made}, as_json)


def _documents(file: Path) -> list[Any]:
    from geodata import json_gate

    with file.open("rb") as opened:
        found = json_gate.loads(opened.read(_MOST + 1), max_bytes=_MOST)
    return found if isinstance(found, list) else [found]


def _found(area: str | None) -> tuple[str, list[dict[str, Any]]]:
    from gridmap.services import plan_templates

    with database() as db:
        code = named(db, area)
        return code, plan_templates.listing(db, Scope((code,)), "en", within=code)


def _one(key: str, area: str | None) -> dict[str, Any]:
    _code, found = _found(area)
    chosen = next((one for one in found if one["key"] == key), None)
    if chosen is None:
        known = ", ".join(sorted({one["key"] for one in found})) or "none"
        raise click.BadParameter(f"no template {key!r} holds there; there are: {known}")
    return chosen


COMMANDS = (group,)
