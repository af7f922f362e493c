"""Messages: what a person was written, what has gone out or has not, and what to do about it."""

from typing import Annotated, Literal

from flask import Blueprint, Response, g, jsonify
from pydantic import Field

from gridmap.model.access import Permission
from gridmap.services import message_composing, message_lists, message_steps
from gridmap.store.message_list import Part
from gridmap.web import inputs
from gridmap.web.context import parts, viewer
from gridmap.web.edits import if_match
from gridmap.web.language import locale
from gridmap.web.pages import page
from gridmap.web.permissions import permits

blueprint = Blueprint("messages", __name__)

About = Annotated[str, Field(pattern=r"^[a-z_]{2,40}(:[0-9A-Za-z-]{1,64})?$")]
Kind = Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
Channel = Literal["inbox", "sms", "loudspeaker", "mail"]
_STATES = {
    "waiting": ("queued", "not_configured"),
    "failed": ("failed",),
    "sent": ("sent", "delivered"),
    "cancelled": ("cancelled",),
}


class Mine(inputs.Query):
    """Parameters of the inbox."""

    cursor: inputs.Sequence64 | None = None
    limit: Annotated[inputs.Limit, Field(le=200)] = 50


class Sent(inputs.Query):
    """Parameters of the list of what went out."""

    about: About | None = None
    kind: Kind | None = None
    channel: Channel | None = None
    state: Literal["waiting", "failed", "sent", "cancelled"] | None = None
    unsent: Literal["yes", "no"] = "no"
    cursor: inputs.Sequence64 | None = None
    limit: Annotated[inputs.Limit, Field(le=500)] = 100


class Summary(inputs.Query):
    """Parameters of a summary: of which plan."""

    about: Annotated[str, Field(pattern=r"^plan:[0-9]{1,18}$")]


class Opened(inputs.Input):
    """Body of a step that says nothing more: read, again, held back."""


class FreeInput(inputs.Input):
    """Body of a message in one's own words: to whom, by which ways, about what."""

    id: inputs.ClientId
    group: Literal["grids", "communities", "roles", "shelters"]
    of: Annotated[
        list[Annotated[str, Field(pattern=r"^[0-9a-z_]{1,40}$")]],
        Field(min_length=1, max_length=200),
    ]
    area: inputs.AreaCode | None = None
    channels: Annotated[list[Channel], Field(min_length=1, max_length=4)]
    text: Annotated[inputs.Text, Field(min_length=1, max_length=message_composing.LONGEST)]
    about: About | None = None
    exercise: bool = False


@blueprint.get("/messages")
@permits(Permission.MAP_VIEW)
def messages_page() -> Response:
    """Show what the person was written, and what has gone out."""
    return page("messages.html")


@blueprint.get("/api/messages")
@permits(Permission.INCIDENT_DISPATCH)
def outbox() -> Response:
    """List what has gone out and what has not, with why; sums by kind, way and state."""
    asked = inputs.query(Sent)
    states = message_lists.UNSENT if asked.unsent == "yes" else _STATES.get(asked.state or "", ())
    return jsonify(
        message_lists.outbox(
            parts().database,
            viewer(),
            Part(asked.about, asked.kind, asked.channel, states),
            after=asked.cursor,
            limit=asked.limit,
            english=locale() == "en",
        )
    )


@blueprint.get("/api/messages/summary")
@permits(Permission.INCIDENT_DISPATCH)
def summary() -> Response:
    """Sum up what has gone out about a plan and what has not, by way and kind."""
    asked = inputs.query(Summary)
    number = int(asked.about.partition(":")[2])
    return jsonify(message_lists.of_plan(parts().database, viewer(), number))


@blueprint.get("/api/messages/matters")
@permits(Permission.INCIDENT_DISPATCH)
def matters() -> Response:
    """List what a message may be about: hazards in force, plans and responses under way."""
    inputs.no_query()
    found = message_composing.matters(parts().database, viewer(), locale() == "en")
    return jsonify({"items": found})


@blueprint.post("/api/messages/preview")
@permits(Permission.INCIDENT_DISPATCH)
def preview() -> Response:
    """Count who a message in one's own words would reach, and who has no address for it."""
    inputs.no_query()
    asked = _free(inputs.body(FreeInput))
    return jsonify(message_composing.preview(parts().database, viewer(), asked))


@blueprint.post("/api/messages")
@permits(Permission.INCIDENT_DISPATCH)
def send() -> tuple[Response, int]:
    """Send a message in one's own words; the same id sent again is the same message."""
    inputs.no_query()
    asked = _free(inputs.body(FreeInput))
    found = message_composing.send(parts().database, viewer(), g.request_id, asked)
    return jsonify(found), 201 if found["messages"] else 200


def _free(given: FreeInput) -> message_composing.Free:
    return message_composing.Free(
        id=given.id,
        group=given.group,
        of=tuple(dict.fromkeys(given.of)),
        channels=tuple(dict.fromkeys(given.channels)),
        text=given.text.strip(),
        area=given.area,
        about=given.about,
        exercise=given.exercise,
    )


@blueprint.get("/api/messages/inbox")
@permits(Permission.MAP_VIEW)
def inbox() -> Response:
    """List what the person was written, the newest first."""
    asked = inputs.query(Mine)
    found = message_lists.inbox(
        parts().database, viewer(), asked.cursor, asked.limit, english=locale() == "en"
    )
    return jsonify(found)


@blueprint.get("/api/messages/<message_id>")
@permits(Permission.INCIDENT_DISPATCH)
def one(message_id: str) -> Response:
    """Give one message with each try of it, and who sent it again or held it back."""
    inputs.no_query()
    number = inputs.path_number(message_id, "id")
    return jsonify(message_lists.show(parts().database, viewer(), number))


@blueprint.post("/api/messages/<message_id>/again")
@permits(Permission.INCIDENT_DISPATCH)
def again(message_id: str) -> Response:
    """Try a message at once; what went out or was given up goes out once more."""
    inputs.no_query()
    number = inputs.path_number(message_id, "id")
    inputs.body(Opened)
    seen = if_match() or 0
    return jsonify(message_steps.again(parts().database, viewer(), g.request_id, number, seen))


@blueprint.post("/api/messages/<message_id>/hold")
@permits(Permission.INCIDENT_DISPATCH)
def hold(message_id: str) -> Response:
    """Hold back a message that waits."""
    inputs.no_query()
    number = inputs.path_number(message_id, "id")
    inputs.body(Opened)
    seen = if_match() or 0
    return jsonify(message_steps.hold_back(parts().database, viewer(), g.request_id, number, seen))


@blueprint.post("/api/messages/<message_id>/read")
@permits(Permission.MAP_VIEW)
def read(message_id: str) -> Response:
    """Note that the person has opened a message of theirs."""
    inputs.no_query()
    number = inputs.path_number(message_id, "id")
    inputs.body(Opened)
    message_lists.read(parts().database, viewer(), number)
    return Response(status=204)
