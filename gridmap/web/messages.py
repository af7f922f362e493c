"""Messages: what a person was written, and what has gone out or has not."""

from typing import Annotated

from flask import Blueprint, Response, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import messages
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("messages", __name__)

About = Annotated[str, Field(pattern=r"^[a-z_]{2,40}(:[0-9A-Za-z-]{1,64})?$")]


class Mine(inputs.Query):
    """Parameters of the inbox."""

    cursor: inputs.Sequence64 | None = None
    limit: Annotated[inputs.Limit, Field(le=200)] = 50


class Sent(inputs.Query):
    """Parameters of the list of what went out."""

    about: About | None = None
    unsent: Annotated[str, Field(pattern="^(yes|no)$")] = "no"
    cursor: inputs.Sequence64 | None = None
    limit: Annotated[inputs.Limit, Field(le=500)] = 100


class Opened(inputs.Input):
    """Body of a message that was opened: nothing."""


@blueprint.get("/messages")
@permits(Permission.MAP_VIEW)
def messages_page() -> Response:
    """Show what the person was written, and what has gone out."""
    return page("messages.html")


@blueprint.get("/api/messages")
@permits(Permission.INCIDENT_DISPATCH)
def outbox() -> Response:
    """List what has gone out and what has not, with why; sums by way and state."""
    asked = inputs.query(Sent)
    return jsonify(
        messages.outbox(
            parts().database,
            viewer(),
            about=asked.about,
            unsent=asked.unsent == "yes",
            after=asked.cursor,
            limit=asked.limit,
        )
    )


@blueprint.get("/api/messages/inbox")
@permits(Permission.MAP_VIEW)
def inbox() -> Response:
    """List what the person was written, the newest first."""
    asked = inputs.query(Mine)
    return jsonify(messages.inbox(parts().database, viewer(), asked.cursor, asked.limit))


@blueprint.post("/api/messages/<message_id>/read")
@permits(Permission.MAP_VIEW)
def read(message_id: str) -> Response:
    """Note that the person has opened a message of theirs."""
    inputs.no_query()
    number = inputs.path_number(message_id, "id")
    inputs.body(Opened)
    messages.read(parts().database, viewer(), number)
    return Response(status=204)
