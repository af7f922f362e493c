"""Notifications of the database: what was committed, the moment it was."""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  a class in all but name
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from gridmap.store.database import Database

EVENTS = "gridmap_event"
SESSIONS = "gridmap_session"
# what waiting for or asking a database can end in when it is gone or busy
LOST: tuple[type[Exception], ...] = (psycopg2.Error, DBAPIError, PoolTimeoutError, OSError)


@dataclass(frozen=True)
class Notice:
    """One notification."""

    channel: str
    payload: str


class Listener:
    """One connection that hears of events and ended sessions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def wait(self, seconds: float) -> list[Notice]:
        """Wait for notifications, at most this long; none is a normal answer."""
        ready, _, _ = select.select([self._connection], [], [], seconds)
        if ready:
            self._connection.poll()
        heard = [Notice(each.channel, each.payload) for each in self._connection.notifies]
        self._connection.notifies.clear()
        return heard


@contextmanager
def listening(database: Database) -> Iterator[Listener]:
    """Hold a connection that listens to events and ended sessions."""
    with database.listen(EVENTS) as connection:
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {SESSIONS}")
        yield Listener(connection)
