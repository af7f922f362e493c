"""Deny by default: a route says who may call it, or the application does not start."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Flask

from gridmap.model.access import Permission

View = TypeVar("View", bound=Callable[..., Any])
_DECLARED = "__gridmap_permission__"
_PUBLIC = "public"


class UndeclaredRouteError(RuntimeError):
    """A route that says neither who may call it nor that everybody may."""


def permits(permission: Permission) -> Callable[[View], View]:
    """Let only people call the view who hold `permission` in at least one area.

    The transactions of the request then see the areas in which they hold it, and no others.
    """

    def declare(view: View) -> View:
        setattr(view, _DECLARED, permission)
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
