"""A plan template: the sections of an emergency plan of a township or village, as data.

The sections are those of the national reference for plans of townships and of villages
(应急厅函〔2023〕231号): general, organisation, reporting and warning, first response and actions,
aftermath, support, annexes.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

AREA_TYPES = ("township", "village")
TIERS = ("village", "township", "county")
# Where no template is for a kind of hazard.
GENERAL = "general"
# Kinds whose plan is that of another one, unless they have their own.
STANDS_FOR = {
    "waterlogging": "flood",
    "rainstorm": "flood",
    "dam": "flood",
    "debris_flow": "landslide",
    "forest_fire": "fire",
    "explosion": "chemical",
    "wind": "typhoon",
    "epidemic": "public_health",
    "food": "public_health",
    "water_supply": "public_health",
    "animal_disease": "public_health",
    "crowd": "security",
    "violence": "security",
}


def _plain(value: str) -> str:
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in value):
        raise ValueError("control characters are not taken")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("half of a surrogate pair") from None
    return value.strip()


_Key = Annotated[str, Field(pattern=r"^[a-z_]{2,40}$")]
_Short = Annotated[str, AfterValidator(_plain), Field(min_length=1, max_length=120)]
_Maybe = Annotated[str, AfterValidator(_plain), Field(max_length=120)]
_Long = Annotated[str, AfterValidator(_plain), Field(min_length=1, max_length=4000)]
_MaybeLong = Annotated[str, AfterValidator(_plain), Field(max_length=4000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Words(_Part):
    """A text, and its English where there is one."""

    zh: _Long
    en: _MaybeLong = ""


class Duty(_Part):
    """A role of the plan: who it is, and what it is there for.

    Attributes
    ----------
    held_by
        Role of an account whose people see the tasks of this one; None where no account has it.
    team
        Kind of the team that gets the tasks, if there is one in the area.
    """

    key: _Key
    zh: _Short
    en: _Maybe = ""
    duty: Words
    held_by: Literal["grid_member", "unit", "duty_officer", "commander", "planner"] | None = None
    team: Literal["fire", "medical", "police", "grid", "volunteer"] | None = None


class Action(_Part):
    """One line of the action list.

    Attributes
    ----------
    role
        Key of a role of this plan.
    levels
        Response levels at which it is done; none means at every one.
    minutes
        Until when, from the start of the response.
    approval
        True where another person has to agree that it is done.
    """

    key: _Key
    zh: _Short
    en: _Maybe = ""
    role: _Key
    tier: Literal["village", "township", "county"]
    levels: Annotated[list[Annotated[int, Field(ge=1, le=4)]], Field(max_length=4)] = []
    minutes: Annotated[int, Field(ge=1, le=100_000)]
    approval: bool = False


class Resource(_Part):
    """Something kept ready, how much of it, and where."""

    zh: _Short
    en: _Maybe = ""
    amount: _Short
    place: _Maybe = ""


class Call(_Part):
    """A rung of the call tree: who is called, and who if nobody answers."""

    role: _Key
    fallback: _Key | None = None


class Drill(_Part):
    """An exercise that comes round every so many months."""

    zh: _Short
    en: _Maybe = ""
    months: Annotated[int, Field(ge=1, le=60)]


class Annex(_Part):
    """A text at the end of the plan."""

    zh: _Short
    en: _Maybe = ""
    text: Words


class Content(_Part):
    """Everything a plan template says."""

    general: Words
    organisation: Annotated[list[Duty], Field(min_length=1, max_length=30)]
    reporting: Words
    first_response: Annotated[list[Words], Field(min_length=1, max_length=30)]
    actions: Annotated[list[Action], Field(min_length=1, max_length=80)]
    aftermath: Words
    resources: Annotated[list[Resource], Field(max_length=60)] = []
    call_tree: Annotated[list[Call], Field(max_length=30)] = []
    drills: Annotated[list[Drill], Field(max_length=12)] = []
    annexes: Annotated[list[Annex], Field(max_length=30)] = []

    def loose_ends(self) -> Iterator[tuple[str, str]]:
        """Give places whose keys are there twice, or name a role that is not there."""
        for name, keys in (
            ("organisation", [one.key for one in self.organisation]),
            ("actions", [one.key for one in self.actions]),
        ):
            if len(set(keys)) < len(keys):
                yield name, "given more than once"
        roles = {one.key for one in self.organisation}
        for number, action in enumerate(self.actions):
            if action.role not in roles:
                yield f"actions.{number}.role", "no such role in this plan"
            if len(set(action.levels)) < len(action.levels):
                yield f"actions.{number}.levels", "given more than once"
        for number, call in enumerate(self.call_tree):
            if {call.role, call.fallback} - {None} - roles:
                yield f"call_tree.{number}", "no such role in this plan"


def key_of(hazard_kind: str, area_type: str) -> str:
    """Give the key of the template of a kind of hazard and of area."""
    return f"{hazard_kind}_{area_type}"


def area_type_of(area_code: str) -> str:
    """Give whose plan an area works by: that of a village, or of a township and above."""
    return "village" if len(area_code) > 9 else "township"


def tier_of(area_code: str) -> str:
    """Give the tier of an area: its grids and communities are the village's."""
    return {6: "county", 9: "township"}.get(len(area_code), "village")
