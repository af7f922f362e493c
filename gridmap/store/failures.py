"""What the database refuses or cannot do, as problems that a caller can act on."""

from psycopg2 import errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from gridmap.model.problem import Problem
from gridmap.problems import unavailable

# (driver's class, status, title). The database's own sentence repeats the row: it is never shown.
_KNOWN: tuple[tuple[type[Exception], int, str], ...] = (
    (errors.UniqueViolation, 409, "This exists already"),
    (errors.ForeignKeyViolation, 409, "Something this refers to is not there"),
    (errors.ExclusionViolation, 409, "This overlaps with what is stored"),
    (errors.CheckViolation, 400, "A value is outside what can be stored"),
    (errors.NotNullViolation, 400, "A value is missing"),
    (errors.DataError, 400, "A value cannot be stored"),
    (errors.InsufficientPrivilege, 403, "This is outside your areas"),
)
_BUSY = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.TooManyConnections,
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
)


def problem_of(error: BaseException) -> Problem | None:
    """Translate an error of the database; None for anything else or unexpected."""
    if isinstance(error, PoolTimeoutError):
        return unavailable("The database is busy")
    # COPY and what goes with it use the driver itself, whose errors come unwrapped
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, errors.Error):
        return None
    if isinstance(cause, _BUSY):
        return unavailable("The database is busy", retry_after=1)
    for kind, status, title in _KNOWN:
        if isinstance(cause, kind):
            return Problem(status, title, _constraint(cause))
    if isinstance(cause, errors.OperationalError | errors.InterfaceError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return unavailable("The database cannot be reached")
    return None


def _constraint(cause: BaseException) -> str:
    name = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return f"({name})" if name else ""
