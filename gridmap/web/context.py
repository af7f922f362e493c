"""What a view needs of the running application and of the person who asks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, cast

from flask import current_app, g
from flask_login import current_user

from gridmap.model.access import Permission, Scope
from gridmap.model.problem import Problem
from gridmap.problems import not_signed_in
from gridmap.services.access import Viewer
from gridmap.services.account_policy import Policy
from gridmap.services.live import Feed
from gridmap.services.refusals import Refusals
from gridmap.services.tiles import TileCache
from gridmap.settings import Settings
from gridmap.store.database import Database, Transaction
from gridmap.web.seats import Seats

Result = TypeVar("Result")
_NAME = "gridmap"
_BODY_SECONDS = 30.0  # a report and its words are a few kilobytes, over the worst of networks too


@dataclass(frozen=True)
class Parts:
    """Everything long-lived that one application holds."""

    settings: Settings
    database: Database
    feed: Feed
    tiles: TileCache
    seats: Seats
    policy: Policy
    refusals: Refusals


def keep(app: "object", parts: Parts) -> None:
    """Give the application its parts."""
    app.extensions[_NAME] = parts  # type: ignore[attr-defined]


def parts() -> Parts:
    """Give the parts of the application that answers."""
    return cast(Parts, current_app.extensions[_NAME])


def settings() -> Settings:
    """Give the settings in force."""
    return parts().settings


def policy() -> Policy:
    """Give what accounts and sessions are held to."""
    return parts().policy


def viewer() -> Viewer:
    """Give the person who asks.

    Raises
    ------
    Problem
        401 when nobody is signed in.
    """
    if not current_user.is_authenticated:
        raise not_signed_in()
    return cast(Viewer, current_user._get_current_object())


def scope(permission: Permission | None = None) -> Scope:
    """Give the scope of the person: the areas in which they hold the route's permission."""
    wanted = permission or g.permission
    return viewer().scope(wanted, g.request_id)


@contextmanager
def transaction(permission: Permission | None = None) -> Iterator[Transaction]:
    """Open a transaction that sees what the person may see under the route's permission."""
    with parts().database.transaction(scope(permission)) as tx:
        yield tx


@contextmanager
def in_time(seconds: float = _BODY_SECONDS) -> Iterator[None]:
    """Wait for the rest of a request's body, but not for ever.

    Raises
    ------
    Problem
        408 when it has not come after so many seconds; without gevent the server itself watches.
    """
    from gevent import Timeout, monkey

    if not monkey.is_module_patched("socket"):
        yield
        return
    with Timeout(seconds, Problem(408, "Request Timeout", "The rest of it did not come")):
        yield


def aside(work: Callable[[], Result]) -> Result:
    """Run CPU-bound work off the event loop, so that open streams and /healthz go on.

    Without gevent (tests, the command line) it runs where it is.
    """
    from gevent import get_hub, monkey

    if not monkey.is_module_patched("socket"):
        return work()

    def caught() -> tuple[Result | None, BaseException | None]:
        # what a thread of the pool lets through is printed with its words, which may be a person's
        try:
            return work(), None
        except Exception as error:
            return None, error

    result, error = get_hub().threadpool.apply(caught)
    if error is not None:
        raise error
    return cast(Result, result)
