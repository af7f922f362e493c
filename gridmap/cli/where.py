"""Which place a command means: the area it names, or the only county there is."""

import re
from typing import TYPE_CHECKING, Any

import click

from gridmap.model.access import system_scope
from gridmap.model.problem import bad_input
from gridmap.settings import Settings

if TYPE_CHECKING:
    from gridmap.store.database import Database


class AreaCode(click.ParamType):  # type: ignore[type-arg]
    """A code of 6, 9 or 12 digits; an empty one is a variable that was not set, not a county."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the code or refuse it."""
        if not re.fullmatch(r"[0-9]{6}(?:[0-9]{3}){0,2}", value, re.ASCII):
            self.fail(f"{value!r} is no area code of 6, 9 or 12 digits", param, ctx)
        return str(value)


AREA = AreaCode()


def county(database: "Database") -> str:
    """Give the one county there is.

    Raises
    ------
    Problem
        400 if there are none or several, naming them.
    """
    from gridmap.services import places

    found = places.counties(database, system_scope())
    if len(found) == 1:
        return found[0]
    if not found:
        raise bad_input("there is no area yet: `gridmap import areas FILE` or `gridmap demo load`")
    raise bad_input(f"name the area, one of {', '.join(found)} or an area inside")


def named(database: "Database", code: str | None) -> str:
    """Give the area a person named, if there is such a one, else the only county.

    Raises
    ------
    Problem
        404 if nothing has this code.
    """
    from gridmap.services import places

    return county(database) if code is None else places.known(database, system_scope(), code)


def served(settings: Settings) -> Settings:
    """Give the settings with the demo town that runs here, as its web server has them."""
    from gridmap.local import layout, runfile

    if settings.demo is not None or not settings.own_database:
        return settings
    note = runfile.read_note(layout.Layout.of(settings.state))
    return settings.for_demo(None if note is None else note.demo)
