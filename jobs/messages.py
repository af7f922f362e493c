"""Messages in a worker: the ways out as they are set up, and what waits for them."""

import os
from collections.abc import Mapping

from gridmap.channels.base import Channel
from gridmap.channels.inbox import Inbox
from gridmap.channels.loudspeaker import Loudspeaker
from gridmap.channels.mail import Mail
from gridmap.channels.sms import Sms
from gridmap.model.access import system_scope
from gridmap.services import message_sending
from gridmap.services.progress import Progress
from gridmap.settings import Settings
from gridmap.store import job
from gridmap.store.database import Database, Row


def channels(settings: Settings) -> Mapping[str, Channel]:
    """Give every way out; one that is not set up says so when it is tried."""
    ways: tuple[Channel, ...] = (
        Inbox(),
        Sms(settings.sms_url, settings.sms_secret),
        Loudspeaker(settings.loudspeaker_url, settings.loudspeaker_secret),
        Mail(settings.smtp_url, settings.mail_from),
    )
    return {way.name: way for way in ways}


def run(database: Database, row: Row, progress: Progress) -> None:
    """Send what waits, and end the job; what could not be sent waits for its next time."""
    progress.step(0, 1, "sending")
    sent = message_sending.send_due(database, channels(Settings.from_environment(os.environ)))
    with database.transaction(system_scope()) as tx:
        job.finish(tx, row["id"], row["token"], {"messages": sent}, None)
