"""Transactions under row-level security: the only place that opens one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg2
import psycopg2.extensions
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from gridmap.model.access import Scope

Row = Mapping[str, Any]
# What a database that is away, restarting or busy raises, for loops that must outlive it.
OUTAGES: tuple[type[Exception], ...] = (SQLAlchemyError, psycopg2.Error)


class Transaction:
    """One open transaction; commits when its block ends, rolls back when it raises."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self.connection = connection
        self.scope = scope

    def execute(self, sql: str, **values: object) -> int:
        """Run a statement and give the number of rows it touched."""
        return self.connection.execute(text(sql), values).rowcount

    def execute_many(self, sql: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement once for each row of values."""
        if rows:
            self.connection.execute(text(sql), [dict(row) for row in rows])

    def all(self, sql: str, **values: object) -> list[Row]:
        """Give every row, as mappings by column name."""
        return [dict(row) for row in self.connection.execute(text(sql), values).mappings()]

    def maybe(self, sql: str, **values: object) -> Row | None:
        """Give the one row, or None."""
        row = self.connection.execute(text(sql), values).mappings().one_or_none()
        return None if row is None else dict(row)

    def one(self, sql: str, **values: object) -> Row:
        """Give the one row that must be there."""
        return dict(self.connection.execute(text(sql), values).mappings().one())

    def value(self, sql: str, **values: object) -> Any:
        """Give the first column of the first row, or None."""
        return self.connection.execute(text(sql), values).scalar()

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
    """

    def __init__(
        self, url: str, *, size: int = 5, rush: int | None = None, wait: float = 5.0
    ) -> None:
        self.url = url
        self._engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg2"),
            pool_size=size,
            max_overflow=size if rush is None else rush,
            pool_timeout=wait,
            # a restarted server must cost nobody an error once it is back
            pool_pre_ping=True,
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
        with self._engine.begin() as connection:
            if snapshot:
                connection.execute(
                    text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                )
            connection.execute(
                text(
                    "SELECT set_config('gridmap.areas', :areas, true),"
                    " set_config('gridmap.user', :user, true),"
                    " set_config('gridmap.request', :request, true)"
                ),
                {
                    "areas": ",".join(scope.areas),
                    "user": "" if scope.user_id is None else str(scope.user_id),
                    "request": scope.request_id or "",
                },
            )
            yield Transaction(connection, scope)

    @contextmanager
    def listen(self, channel: str) -> Iterator[psycopg2.extensions.connection]:
        """Hold one connection of its own that listens to a notification channel."""
        raw = self._engine.raw_connection()
        connection = cast(psycopg2.extensions.connection, raw.driver_connection)
        raw.detach()  # knows nothing of the connection from here on
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
