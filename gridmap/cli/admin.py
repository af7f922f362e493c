"""`gridmap user add` and `gridmap check`."""

import click

from gridmap.cli.outcome import as_json, database, give
from gridmap.model.access import Role, system_scope
from gridmap.model.problem import bad_input


@click.group()
def user() -> None:
    """Accounts."""


@user.command()
@click.argument("name")
@click.option("--display-name", required=True)
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    metavar="ROLE:AREA",
    help="Such as duty_officer:990101; repeat for more.",
)
@click.password_option(help="Asked for when not given.")
@as_json
def add(name: str, display_name: str, roles: tuple[str, ...], password: str, as_json: bool) -> None:
    """Add an account NAME."""
    from gridmap.services import accounts

    held = [_role(text) for text in roles]
    with database() as db, db.transaction(system_scope()) as tx:
        user_id = accounts.create_user(tx, name, password, display_name, held)
    give({"user": user_id, "name": name}, as_json)


def _role(text: str) -> tuple[Role, str]:
    role, _, area = text.partition(":")
    try:
        return Role(role), area
    except ValueError:
        known = ", ".join(Role)
        raise bad_input(f"{text!r} is not ROLE:AREA with a role of {known}") from None


@click.command()
@as_json
def check(as_json: bool) -> int:
    """Check configuration and data: rights of the role, row security, settings that must be."""
    from gridmap.services import checks

    with database() as db:
        findings = checks.findings(db)
    give({"sound": not findings, "findings": findings}, as_json)
    return 1 if findings else 0


COMMANDS = (user, check)
