"""`gridmap office set|phone`: whom the papers of a grid tell people to call."""

import click

from gridmap.cli.outcome import as_json, database, give
from gridmap.cli.where import AREA
from gridmap.model.access import system_scope


@click.group()
def office() -> None:
    """Offices and telephones on the papers of grids."""


@office.command("set")
@click.argument("area", type=AREA)
@click.option("--name", required=True, help="What people know it as.")
@click.option("--phone", help="To call about the grids of the area.")
@click.option("--supervision-phone", help="To complain to.")
@click.option("--mail", help="Where the duty office gets its messages.")
@as_json
def set_(  # noqa: PLR0913, PLR0917 - the options of the command
    area: str,
    name: str,
    phone: str | None,
    supervision_phone: str | None,
    mail: str | None,
    as_json: bool,
) -> None:
    """Store the office of AREA; grids show that of the nearest area."""
    from gridmap.services import offices

    with database() as db:
        offices.put(
            db,
            system_scope(),
            area,
            name=name,
            phone=phone,
            supervision_phone=supervision_phone,
            mail=mail,
        )
    give({"area": area, "office": name}, as_json)


@office.command()
@click.argument("grid")
@click.argument("member")
@click.option("--phone", help="Left out, there is none.")
@click.option("--public", is_flag=True, help="The posting says that it is for everybody.")
@as_json
def phone(grid: str, member: str, phone: str | None, public: bool, as_json: bool) -> None:
    """Store the telephone of MEMBER of GRID (15 digits); papers give it only when --public."""
    from gridmap.services import offices

    with database() as db:
        offices.set_phone(db, system_scope(), grid, member, phone, public=public)
    give({"grid": grid, "member": member, "public": public}, as_json)


COMMANDS = (office,)
