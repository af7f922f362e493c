"""`gridmap user add` and `gridmap check`."""

import sys

import click

from gridmap.cli.outcome import as_json, database, give, settings
from gridmap.cli.where import served
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
@click.option(
    "--password",
    default=None,
    help="Asked for when not given; without a terminal, the first line of standard input.",
)
@as_json
def add(
    name: str, display_name: str, roles: tuple[str, ...], password: str | None, as_json: bool
) -> None:
    """Add an account NAME."""
    from gridmap.services import accounts, places

    held = [_role(text) for text in roles]
    with database() as db:
        for _, code in held:
            places.held_in(db, system_scope(), code)
        secret = _asked() if password is None else password
        with db.transaction(system_scope()) as tx:
            user_id = accounts.create_user(tx, name, secret, display_name, held)
    give({"user": user_id, "name": name}, as_json)


def _asked() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


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

    found = served(settings())
    with database() as db:
        findings = checks.findings(db, found)
    give({"sound": not findings, "findings": findings}, as_json)
    return 1 if findings else 0


COMMANDS = (user, check)
