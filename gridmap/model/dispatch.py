"""What incidents ask for, and on which streets and by which standards teams are judged."""

from typing import NamedTuple


class Wanted(NamedTuple):
    """Kinds of teams, any of them, and skills, all of them."""

    kinds: tuple[str, ...]
    skills: tuple[str, ...]


KINDS = ("fire", "medical", "police", "grid", "volunteer")

_FIRE = Wanted(("fire",), ("fire",))
_RESCUE = Wanted(("fire",), ("rescue",))
_WATER = Wanted(("fire", "grid"), ("water_rescue",))
_TRAFFIC = Wanted(("police",), ("traffic",))
_CROWD = Wanted(("police",), ("crowd",))
_WANTED = {
    "fire": _FIRE,
    "gas": _RESCUE,
    "gas_smell": _RESCUE,
    "landslide": _RESCUE,
    "slope": _RESCUE,
    "wall": _RESCUE,
    "fallen_tree": _RESCUE,
    "flood": _WATER,
    "waterlogging": _WATER,
    "medical": Wanted(("medical",), ("first_aid", "transport")),
    "traffic": _TRAFFIC,
    "road_blocked": _TRAFFIC,
    "road_damage": _TRAFFIC,
    "fire_lane": _TRAFFIC,
    "dispute": _CROWD,
    "noise": _CROWD,
    "welfare_check": Wanted(("grid",), ("door_to_door",)),
}

# The standard on whose streets a kind of team travels; the first that is in force counts.
STREETS = {
    "fire": ("fire", "police"),
    "medical": ("fire", "police"),
    "police": ("police", "fire"),
    "grid": ("member",),
    "volunteer": ("member",),
}
# The standards a kind of team stands for while it waits.
COVERS = {
    "fire": ("fire", "micro_fire"),
    "medical": ("medical", "medical_rural"),
    "police": ("police",),
    "grid": ("member",),
}


def wanted(category: str) -> Wanted:
    """Give what a category of incidents asks for; a grid team looks after all others."""
    return _WANTED.get(category, Wanted(("grid",), ()))
