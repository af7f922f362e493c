"""Body of an operation on a scenario: what each kind needs, and nothing else."""

from typing import Annotated, Any, Literal

from pydantic import Field
from shapely.geometry.base import BaseGeometry

from gridmap.problems import bad_value
from gridmap.services.scenario_edits import Edit
from gridmap.web import inputs

Version = Annotated[int, Field(ge=0, le=2**31 - 1)]
GridKey = Annotated[str, Field(pattern=r"^([0-9]{15}|n[0-9]{1,6})$")]
BlockId = Annotated[int, Field(ge=1, le=2**31 - 1)]
BuildingId = Annotated[int, Field(ge=1, le=inputs.INT64)]
SpecialUse = Literal["administration", "park", "enterprise", "office", "market", "campus"]
Place = Annotated[list[inputs.Number], Field(min_length=2, max_length=2)]


class Operation(inputs.Input):
    """Body of an operation; which fields it needs depends on its kind."""

    base: Version
    kind: Literal[
        "move_edge",
        "move_vertex",
        "split",
        "merge",
        "hand_over",
        "rename",
        "appoint",
        "draw_special",
        "move_special",
        "erase_special",
        "name_community",
        "undo",
        "redo",
    ]
    arc: Annotated[str, Field(max_length=80)] | None = None
    line: dict[str, Any] | None = None
    at: Place | None = None
    place: Place | None = None
    grid: GridKey | None = None
    parts: Annotated[int, Field(ge=2, le=50)] | None = None
    grids: Annotated[list[GridKey], Field(max_length=50)] | None = None
    blocks: Annotated[list[BlockId], Field(max_length=2000)] | None = None
    buildings: Annotated[list[BuildingId], Field(max_length=1000)] | None = None
    to: GridKey | None = None
    name: Annotated[inputs.Text, Field(max_length=80)] | None = None
    outline: dict[str, Any] | None = None
    special_use: SpecialUse | None = None
    member: Annotated[int, Field(ge=0, le=inputs.INT64)] | None = None
    community: inputs.AreaCode | None = None


# what each kind needs; of the two that are a choice exactly one
_NEEDS: dict[str, tuple[str, ...]] = {
    "move_edge": ("arc", "line"),
    "move_vertex": ("at", "place"),
    "split": ("grid",),
    "merge": ("grids",),
    "hand_over": ("to",),
    "rename": ("grid", "name"),
    "appoint": ("grid", "member"),
    "draw_special": ("name", "special_use"),
    "move_special": ("grid",),
    "erase_special": ("grid",),
    "name_community": ("community", "name"),
    "undo": (),
    "redo": (),
}
_OUTLINE = "either an outline or buildings are needed"
_CHOICE = {
    "split": ("line", "parts", "either a line or a number of parts is needed"),
    "hand_over": ("blocks", "buildings", "either blocks or buildings are needed"),
    "draw_special": ("outline", "buildings", _OUTLINE),
    "move_special": ("outline", "buildings", _OUTLINE),
}
# what a kind may have besides
_MAY = {"rename": {"special_use"}}
_FIELDS = tuple(name for name in Operation.model_fields if name not in ("base", "kind"))


def read(asked: Operation) -> Edit:
    """Check that an operation has what its kind needs, and nothing else.

    Raises
    ------
    Problem
        400 naming the field that is missing or too many, or the place of the geometry.
    """
    given = {name for name in _FIELDS if getattr(asked, name) is not None}
    needed = set(_NEEDS[asked.kind])
    one, other, words = _CHOICE.get(asked.kind, ("", "", ""))
    for name in sorted(needed - given):
        raise bad_value(name, f"needed to {asked.kind}")
    for name in sorted(given - needed - {one, other} - _MAY.get(asked.kind, set())):
        raise bad_value(name, f"not taken to {asked.kind}")
    if one and len({one, other} & given) != 1:
        raise bad_value(one, words)
    line = None
    if asked.line is not None:
        line = inputs.geometry(asked.line, "line", ("LineString",))
    return Edit(
        kind=asked.kind,
        base=asked.base,
        arc=asked.arc,
        line=line,
        vertex=_vertex(asked),
        grid=asked.grid,
        parts=asked.parts,
        grids=tuple(asked.grids or ()),
        blocks=tuple(asked.blocks or ()),
        buildings=tuple(asked.buildings or ()),
        to=asked.to,
        name=asked.name,
        outline=_outline(asked),
        special_use=asked.special_use,
        member=asked.member,
        community=asked.community,
        arguments=asked.model_dump(exclude_none=True, exclude={"base", "kind"}),
    )


def _outline(asked: Operation) -> BaseGeometry | None:
    if asked.outline is None:
        return None
    # one that crosses itself is refused with the place, by what lays it over the grids
    return inputs.geometry(asked.outline, "outline", ("Polygon", "MultiPolygon"), valid=False)


def _vertex(asked: Operation) -> tuple[tuple[float, float], tuple[float, float]] | None:
    if asked.at is None or asked.place is None:
        return None
    for name, place in (("at", asked.at), ("place", asked.place)):
        inputs.geometry({"type": "Point", "coordinates": list(place)}, name, ("Point",))
    return (asked.at[0], asked.at[1]), (asked.place[0], asked.place[1])
