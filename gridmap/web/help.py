"""Help: a page for each role and each larger matter, with the words of its buttons."""

import re

from flask import Blueprint, Response
from flask_login import current_user
from markupsafe import Markup, escape

from gridmap.model.access import Role
from gridmap.model.problem import not_found
from gridmap.web.pages import page
from gridmap.web.permissions import signed_in

blueprint = Blueprint("help", __name__)
TOPICS = (
    "coverage",
    "standards",
    "facilities",
    "care",
    "closures",
    "hazards",
    "plans",
    "responses",
    "after",
    "volunteers",
    "emergency-rules",
)

# `[word]` is a button or heading of a page, `` `word` `` something to type.
_MARKS = re.compile(r"\[([^\]]+)\]|`([^`]+)`")


@blueprint.app_template_filter("marked")
def marked(words: str) -> Markup:
    """Set off the buttons and the things to type in a text of the help."""

    def mark(found: re.Match[str]) -> str:
        if found[1]:
            return f'<b class="told">{found[1]}</b>'
        return f"<code>{found[2]}</code>"

    return Markup(_MARKS.sub(mark, str(escape(words))))  # noqa: S704 - escaped before


@blueprint.get("/help")
@signed_in
def own() -> Response:
    """Show the help of one's first role; of a grid member to whoever has none."""
    held = {role for role, _area in current_user.roles}
    return _show(next((role for role in Role if role in held), Role.GRID_MEMBER))


@blueprint.get("/help/<role>")
@signed_in
def of_role(role: str) -> Response:
    """Show the help of a role."""
    if role not in set(Role):
        raise not_found("this page")
    return _show(Role(role))


@blueprint.get("/help/topics/<topic>")
@signed_in
def of_topic(topic: str) -> Response:
    """Show the help on one matter."""
    if topic not in TOPICS:
        raise not_found("this page")
    return page(f"help/topics/{topic}.html", topic=topic)


def _show(role: Role) -> Response:
    return page(f"help/{role.value}.html", role=role.value)
