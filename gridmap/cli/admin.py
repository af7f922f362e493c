"""`gridmap user add`, `gridmap token ...` and `gridmap check`."""

import sys

import click

from gridmap.cli.outcome import as_json, database, give, settings
from gridmap.cli.where import AREA, served
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


@click.group()
def token() -> None:
    """Tokens with which programs act for a person."""


@token.command("add")
@click.argument("user_name", metavar="USER")
@click.option("--name", "title", required=True, help="What the program is called.")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    help="Such as incident.report; repeat for more. To look, at nothing personal, when not given.",
)
@click.option("--area", type=AREA, default=None, help="Confine the token to an area.")
@click.option(
    "--days", type=click.IntRange(1, 365), default=90, show_default=True, help="When it ends."
)
@as_json
def add_token(  # noqa: PLR0913, PLR0917 - what a token is made of
    user_name: str,
    title: str,
    permissions: tuple[str, ...],
    area: str | None,
    days: int,
    as_json: bool,
) -> None:
    """Make a token for a program of USER; it is written here and kept nowhere."""
    from gridmap.services import tokens

    chosen = [tokens.permission_of(text) for text in permissions] or None
    new = tokens.NewToken(title, chosen, area, days)
    with database() as db:
        made = tokens.make(db, tokens.person(db, user_name), None, new)
    give(made, as_json)


@token.command("list")
@as_json
def list_tokens(as_json: bool) -> None:
    """List the tokens of everybody that are not revoked."""
    from gridmap.services import tokens

    with database() as db:
        found = tokens.everybodys(db)
    if as_json:
        give({"tokens": found}, as_json)
        return
    for row in found:
        give({str(row["id"]): f"{row['user_name']} {row['name']} until {row['expires_at']}"}, False)


@token.command()
@click.argument("token_id", type=click.IntRange(min=1), metavar="NUMBER")
@as_json
def revoke(token_id: int, as_json: bool) -> None:
    """Revoke the token of this NUMBER; it ends at once."""
    from gridmap.services import tokens

    with database() as db:
        user_id = tokens.owner(db, token_id)
        tokens.revoke_for(db, user_id, token_id)
    give({"token": token_id, "revoked": True}, as_json)


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


COMMANDS = (user, token, check)
