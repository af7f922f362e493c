"""Deny by default: a route says who may call it, or the application does not start."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Flask

from gridmap.model.access import Permission

View = TypeVar("View", bound=Callable[..., Any])
_DECLARED = "__gridmap_permission__"
_OTHERS = "__gridmap_other_permissions__"
_BY_PERSON = "__gridmap_by_person__"
_EARLY = "__gridmap_early__"
_PUBLIC = "public"
_BODY = "__gridmap_body__"


class UndeclaredRouteError(RuntimeError):
    """A route that says neither who may call it nor that everybody may."""


def permits(permission: Permission, *others: Permission) -> Callable[[View], View]:
    """Let only people call the view who hold `permission`, or one of others, somewhere.

    The transactions of the request then see the areas in which they hold it, and no others.
    """

    def declare(view: View) -> View:
        setattr(view, _DECLARED, permission)
        setattr(view, _OTHERS, others)
        return view

    return declare


def public(view: View) -> View:
    """Let anybody call the view, signed in or not."""
    setattr(view, _DECLARED, _PUBLIC)
    return view


def signed_in(view: View) -> View:
    """Let everybody with an account call the view, whatever their role."""
    setattr(view, _DECLARED, None)
    return view


def by_person(view: View) -> View:
    """Let people call the view, but no program with a token of theirs."""
    setattr(view, _BY_PERSON, True)
    return view


def early(view: View) -> View:
    """Let somebody call the view who has yet to change a password or set up a second factor."""
    setattr(view, _EARLY, True)
    return view


def takes_program(view: Callable[..., Any]) -> bool:
    """Tell whether a program with a token may call a view."""
    return not getattr(view, _BY_PERSON, False)


def is_early(view: Callable[..., Any]) -> bool:
    """Tell whether a view is open before the duties of a new account are done."""
    return bool(getattr(view, _EARLY, False))


def needed(view: Callable[..., Any]) -> tuple[Permission, ...]:
    """Give the permissions of which one is enough to call a view; none where none is needed."""
    first = declared(view)
    return (first, *getattr(view, _OTHERS, ())) if isinstance(first, Permission) else ()


def takes(most_bytes: int) -> Callable[[View], View]:
    """Let a view read a larger body than others may: a photo, a file."""

    def declare(view: View) -> View:
        setattr(view, _BODY, most_bytes)
        return view

    return declare


def largest_body(view: Callable[..., Any]) -> int | None:
    """Give the most bytes of a body that a view reads; None for what all take."""
    found: int | None = getattr(view, _BODY, None)
    return found


def declared(view: Callable[..., Any]) -> Permission | str | None:
    """Give what a view declares: a permission, ``public``, or None for any account.

    Raises
    ------
    UndeclaredRouteError
        The view declares nothing.
    """
    try:
        found: Permission | str | None = getattr(view, _DECLARED)
    except AttributeError:
        raise UndeclaredRouteError(getattr(view, "__qualname__", repr(view))) from None
    return found


def is_public(view: Callable[..., Any]) -> bool:
    """Tell whether a view is open to everybody."""
    return declared(view) == _PUBLIC


def check_routes(app: Flask) -> None:
    """Refuse to start while a route has no declared permission.

    Raises
    ------
    UndeclaredRouteError
        Naming every such route.
    """
    missing = sorted(_undeclared(app))
    if missing:
        raise UndeclaredRouteError("routes without a permission: " + ", ".join(missing))


def _undeclared(app: Flask) -> Iterable[str]:
    for rule in app.url_map.iter_rules():
        if not hasattr(app.view_functions[rule.endpoint], _DECLARED):
            yield f"{rule.rule} ({rule.endpoint})"
