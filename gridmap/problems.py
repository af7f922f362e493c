"""The problems of the door, beside those of the model, and how foreign errors become problems.

`gridmap.model.problem.Problem` is what everybody raises; one handler (`gridmap.web.failures`)
turns it into problem details (RFC 9457) or a page.
"""

from collections.abc import Iterable

from geodata.errors import GeodataError
from gridmap.model.problem import Problem

_SHOWN = 5  # faults repeated in the sentence; the list has all of them


class TryLater(Problem):
    """A problem that goes away by itself.

    Attributes
    ----------
    retry_after
        Seconds after which it makes sense to try again.
    """

    retry_after: int = 5

    @classmethod
    def after(cls, seconds: int, status: int, title: str, detail: str = "") -> "TryLater":
        """Make the problem with its waiting time."""
        problem = cls(status, title, detail)
        problem.retry_after = max(1, seconds)
        return problem


def fault(place: str, message: str) -> dict[str, str]:
    """Describe one fault of an input: where, and what is wrong, without a full stop."""
    return {"place": place, "message": message}


def bad_value(place: str, message: str) -> Problem:
    """Return the problem of one parameter or field that cannot be used (400)."""
    return bad_values([fault(place, message)])


def bad_values(faults: Iterable[dict[str, str]]) -> Problem:
    """Return the problem of an input with these faults (400)."""
    found = list(faults)
    shown = (f"{each['place']}: {each['message']}" for each in found[:_SHOWN])
    detail = "; ".join(line.removeprefix(": ") for line in shown)
    return Problem(400, "Bad input", detail, found)


def from_geodata(error: GeodataError, place: str = "") -> Problem:
    """Return the problem of an input that geodata refused (400), every fault with its place."""
    faults = []
    for each in error.faults:
        parts = [place] if place else []
        if each.row is not None:
            parts.append(f"row {each.row}")
        if each.column is not None:
            parts.append(str(each.column))
        faults.append(fault(", ".join(parts), each.message))
    return bad_values(faults)


def not_signed_in() -> Problem:
    """Return the problem of a request that needs an account (401)."""
    return Problem(401, "Not signed in", "Sign in first")


def refused_sign_in() -> Problem:
    """Return the one answer to every failed sign-in, so that nobody learns which names exist."""
    return Problem(401, "Wrong name or password", "The name or the password is wrong")


def too_large(limit: int) -> Problem:
    """Return the problem of a body over the limit in bytes (413)."""
    return Problem(413, "Too large", f"At most {limit:,} bytes are taken")


def too_many(detail: str, retry_after: int) -> Problem:
    """Return the problem of asking too often (429)."""
    return TryLater.after(retry_after, 429, "Too many attempts", detail)


def unavailable(detail: str = "", retry_after: int = 5) -> Problem:
    """Return the problem of a part that is not reachable now (503)."""
    return TryLater.after(retry_after, 503, "Not available now", detail)
