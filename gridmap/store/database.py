"""Transactions under row-level security: the only place that opens one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

import psycopg2
import psycopg2.extensions
from sqlalchemy import Connection, CursorResult, create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gridmap.model.access import Scope
from gridmap.store import days

Row = Mapping[str, Any]
# What a database that is away, restarting or busy raises, for loops that must outlive it.
OUTAGES: tuple[type[Exception], ...] = (SQLAlchemyError, psycopg2.Error)


_CONTEXT = (
    "SELECT set_config('gridmap.areas', %(areas)s, true),"
    " set_config('gridmap.user', %(user)s, true),"
    " set_config('gridmap.request', %(request)s, true),"
    f" set_config('{days.SETTING}', %(zone)s, true)"
)
_BEGIN = f"BEGIN; {_CONTEXT}"
_BEGIN_SNAPSHOT = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {_CONTEXT}"


_NOTHING = {"nothing": None}  # the driver looks at placeholders only when it is given values


@lru_cache(maxsize=2000)
def _driver_sql(sql: str) -> str:
    """Turn `:name` into the driver's own placeholders, once for each statement."""
    return str(text(sql).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]


def _roll_back(connection: Connection) -> None:
    """Undo what is open; a connection that cannot even do that is thrown away."""
    try:
        connection.exec_driver_sql("ROLLBACK")
    except SQLAlchemyError:
        connection.invalidate()


def _commit(connection: Connection) -> None:
    """Commit, and make sure of it.

    A transaction in which a statement failed is rolled back by the word COMMIT, without an
    error: whoever swallowed that failure must not be told that all is stored.
    """
    done = connection.exec_driver_sql("COMMIT")
    if done.context.cursor.statusmessage != "COMMIT":
        raise NotCommitted("a statement of this transaction had failed: nothing is stored")


class NotCommitted(Exception):  # noqa: N818 - what has happened
    """The database rolled back what was to be committed."""


class Transaction:
    """One open transaction; commits when its block ends, rolls back when it raises."""

    def __init__(
        self,
        connection: Connection,
        scope: Scope,
        *,
        language: str = "zh_CN",
        address: str | None = None,
    ) -> None:
        self.connection = connection
        self.scope = scope
        self.language = language
        self.address = address

    def act_for(self, user_id: int) -> None:
        """Go on for a person who has only just been recognised, within the same areas."""
        self.scope = replace(self.scope, user_id=user_id)
        self.execute("SELECT set_config('gridmap.user', :user, true)", user=str(user_id))

    def execute(self, sql: str, **values: object) -> int:
        """Run a statement and give the number of rows it touched."""
        return self._run(sql, values).rowcount

    def _run(self, sql: str, values: Mapping[str, object]) -> CursorResult[Any]:
        # without values a % would be taken as it stands, with them it must be doubled
        return self.connection.exec_driver_sql(_driver_sql(sql), dict(values) or _NOTHING)

    def execute_many(self, sql: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement once for each row of values."""
        if rows:
            self.connection.execute(text(sql), [dict(row) for row in rows])

    def all(self, sql: str, **values: object) -> list[Row]:
        """Give every row, as mappings by column name."""
        return [dict(row) for row in self._run(sql, values).mappings()]

    def maybe(self, sql: str, **values: object) -> Row | None:
        """Give the one row, or None."""
        row = self._run(sql, values).mappings().one_or_none()
        return None if row is None else dict(row)

    def one(self, sql: str, **values: object) -> Row:
        """Give the one row that must be there."""
        return dict(self._run(sql, values).mappings().one())

    def value(self, sql: str, **values: object) -> Any:
        """Give the first column of the first row, or None."""
        return self._run(sql, values).scalar()

    @property
    def cursor_connection(self) -> psycopg2.extensions.connection:
        """Give the driver's own connection, for COPY inside this transaction."""
        return cast(
            psycopg2.extensions.connection,
            self.connection.connection.driver_connection,
        )


class Database:
    """A pool of connections to the county's database, as the app's own role.

    Parameters
    ----------
    url
        `postgresql://...`; the role may not be a superuser nor bypass row-level security.
    size
        Connections kept open.
    rush
        Connections opened beyond those in a rush, and closed again; as many as `size` when None.
        Opening one costs more than most queries, so a busy server rather keeps people waiting.
    wait
        Seconds to wait for a free connection before giving up.
    zone
        IANA name of the zone in which days begin and end (`gridmap.store.days`); the server's
        own stays UTC.
    language
        In which words are stored for people who have not chosen one, such as text messages.
    address
        How people reach the site from elsewhere, for links in what goes out; None: unknown.
    """

    def __init__(
        self,
        url: str,
        *,
        size: int = 5,
        rush: int | None = None,
        wait: float = 5.0,
        zone: str = "Asia/Shanghai",
        language: str = "zh_CN",
        address: str | None = None,
    ) -> None:
        self.url = url
        self.language, self.address = language, address
        self.zone = ZoneInfo(zone)
        self._engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg2"),
            pool_size=size,
            max_overflow=size if rush is None else rush,
            pool_timeout=wait,
            # BEGIN and COMMIT are said here: with the context in the same breath as BEGIN, and
            # without a question to the server before each transaction, one costs half as much
            isolation_level="AUTOCOMMIT",
            connect_args={"connect_timeout": 5, "application_name": "gridmap"},
        )

    @contextmanager
    def transaction(self, scope: Scope, *, snapshot: bool = False) -> Iterator[Transaction]:
        """Open a transaction whose rows are those of `scope`.

        The context is local to the transaction: a connection that goes back to the pool
        carries nothing over to the next person.

        Parameters
        ----------
        scope
            Areas and person.
        snapshot
            True to read everything as of one moment, and to write nothing.
        """
        connection = self._begin(scope, snapshot)
        try:
            yield Transaction(connection, scope, language=self.language, address=self.address)
        except BaseException:
            _roll_back(connection)
            raise
        else:
            _commit(connection)
        finally:
            connection.close()

    def _begin(self, scope: Scope, snapshot: bool) -> Connection:
        """Open a transaction with its context, on a fresh connection if the kept one is dead.

        A restarted server thus costs nobody an error once it is back.
        """
        try:
            return self._begin_on(self._engine.connect(), scope, snapshot)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return self._begin_on(self._engine.connect(), scope, snapshot)

    def _begin_on(self, connection: Connection, scope: Scope, snapshot: bool) -> Connection:
        values = {
            "areas": ",".join(scope.areas),
            "user": "" if scope.user_id is None else str(scope.user_id),
            "request": scope.request_id or "",
            "zone": self.zone.key,
        }
        try:
            connection.exec_driver_sql(_BEGIN_SNAPSHOT if snapshot else _BEGIN, values)
        except BaseException:
            _roll_back(connection)
            connection.close()
            raise
        return connection

    @contextmanager
    def listen(self, channel: str) -> Iterator[psycopg2.extensions.connection]:
        """Hold one connection of its own that listens to a notification channel."""
        connection = psycopg2.connect(self.url, connect_timeout=5, application_name="gridmap")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {psycopg2.extensions.quote_ident(channel, connection)}")
            yield connection
        finally:
            connection.close()

    def close(self) -> None:
        """Close every pooled connection."""
        self._engine.dispose()
