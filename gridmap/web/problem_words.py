"""What a problem says, in the language of the reader: details that carry a number or a state.

A detail that is fixed is in the catalogue as it stands. These are put together where they arise,
from a noun and its number or from a state, and are taken apart again here.
"""

import re
from collections.abc import Callable

from flask_babel import gettext

Words = Callable[[], str]

_NOUNS: dict[str, Words] = {
    "account": lambda: gettext("account {id}"),
    "alarm": lambda: gettext("alarm {id}"),
    "area": lambda: gettext("area {id}"),
    "area or grid": lambda: gettext("area or grid {id}"),
    "building": lambda: gettext("building {id}"),
    "coverage run": lambda: gettext("coverage run {id}"),
    "coverage standard": lambda: gettext("coverage standard {id}"),
    "declared hazard": lambda: gettext("declared hazard {id}"),
    "export": lambda: gettext("export {id}"),
    "grid": lambda: gettext("grid {id}"),
    "hazard": lambda: gettext("hazard {id}"),
    "household": lambda: gettext("household {id}"),
    "incident": lambda: gettext("incident {id}"),
    "job": lambda: gettext("job {id}"),
    "plan": lambda: gettext("plan {id}"),
    "scenario": lambda: gettext("scenario {id}"),
    "upload": lambda: gettext("upload {id}"),
    "visit": lambda: gettext("visit {id}"),
}
_NOUN = re.compile(
    rf"({'|'.join(sorted(_NOUNS, key=len, reverse=True))}) ([\w-]{{1,40}})", re.ASCII
)

_STATES: dict[str, Words] = {
    "drafting": lambda: gettext("drafting"),
    "drafted": lambda: gettext("drafted"),
    "approved": lambda: gettext("approved"),
    "active": lambda: gettext("active"),
    "closed": lambda: gettext("closed"),
    "failed": lambda: gettext("failed"),
    "superseded": lambda: gettext("superseded"),
    "rejected": lambda: gettext("rejected"),
    "lifted": lambda: gettext("lifted"),
    "queued": lambda: gettext("queued"),
    "running": lambda: gettext("running"),
    "done": lambda: gettext("done"),
    "cancelled": lambda: gettext("cancelled"),
    "merged": lambda: gettext("merged"),
    "dismissed": lambda: gettext("dismissed"),
}
_SENTENCES: tuple[tuple[str, Words], ...] = (
    (
        r"plan (?P<id>\d+) is (?P<state>\w+): there is nothing to print",
        lambda: gettext("plan {id} is {state}: there is nothing to print"),
    ),
    (
        r"plan (?P<id>\d+) has no sheets: draft it again",
        lambda: gettext("plan {id} has no sheets: draft it again"),
    ),
    (
        r"The plan has gone on: it is (?P<state>\w+) now",
        lambda: gettext("The plan has gone on: it is {state} now"),
    ),
    (r"hazard (?P<id>\d+) is (?P<state>\w+)", lambda: gettext("hazard {id} is {state}")),
    (r"job (?P<id>\d+) is (?P<state>\w+) already", lambda: gettext("job {id} is {state} already")),
    (r"grid (?P<id>\d+) in plan (?P<plan>\d+)", lambda: gettext("grid {id} in plan {plan}")),
    (r"(?P<id>\d+) is beyond your areas", lambda: gettext("{id} is beyond your areas")),
    (
        r"a hazard in (?P<id>\d+) is beyond your areas",
        lambda: gettext("a hazard in {id} is beyond your areas"),
    ),
    (r"(?P<who>.{1,80}) was first", lambda: gettext("{who} was first")),
    (
        r"area (?P<id>\d+) has no communities; import their outlines first",
        lambda: gettext("area {id} has no communities; import their outlines first"),
    ),
    (
        r"area (?P<id>\d+) has no grids in force",
        lambda: gettext("area {id} has no grids in force"),
    ),
    (
        r"into: that incident is (?P<state>\w+)",
        lambda: gettext("that incident is {state}"),
    ),
    (r"assignee: no such team", lambda: gettext("no such team")),
    (r"assignee: that team is off duty", lambda: gettext("that team is off duty")),
    (r"team: no such team", lambda: gettext("no such team")),
    (
        r"Outside this county\. Tap the map to move the pin, then send again",
        lambda: gettext("Outside this county. Tap the map to move the pin, then send again"),
    ),
    (
        r"reason: say why: whoever reported it reads this",
        lambda: gettext("say why: whoever reported it reads this"),
    ),
)


def said(detail: str) -> str:
    """Give a detail in the language of the reader; one that is not known stays as it is."""
    whole = gettext(detail)
    if whole != detail:
        return str(whole)
    noun = _NOUN.fullmatch(detail)
    if noun is not None:
        return str(_NOUNS[noun[1]]().format(id=noun[2]))
    for pattern, words in _SENTENCES:
        found = re.fullmatch(pattern, detail)
        if found is not None:
            values = found.groupdict()
            if values.get("state") in _STATES:
                values["state"] = _STATES[values["state"]]()
            return words().format(**values)
    return detail
