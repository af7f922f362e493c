"""What planners and programs may send that no operation on a scenario can do, and what is said."""

from scenario_steps import EAST, WEST, line

HILL = "990101002001001"
SOUTH_END, NORTH_END = (114.41, 30.50), (114.41, 30.52)
MIDDLE = (114.41, 30.51)
BEND = line(SOUTH_END, (114.412, 30.51), NORTH_END)
SCRIBBLE = [(114.405 + 0.004 * (n % 2), 30.5001 + n * 1.9e-6) for n in range(10_001)]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": [[list(at) for at in ring] for ring in rings]}


def box(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def move(*points):
    return lambda desk: {"arc": desk[2][frozenset((WEST, EAST))], "line": line(*points)}


def draw(*rings):
    return lambda _desk: {"name": "园区", "special_use": "park", "outline": polygon(*rings)}


def swapped(at):
    return (at[1], at[0])


# operation, what it is given, the field that is named, kind of the fault, where (None: nowhere)
CASES = {
    "border crosses itself": (
        "move_edge",
        move(SOUTH_END, (114.412, 30.512), (114.412, 30.508), (114.408, 30.512), NORTH_END),
        ("line", "crosses_itself", (114.411, 30.509)),
    ),
    "border leaves the two grids": (
        "move_edge",
        move(SOUTH_END, (114.425, 30.51), NORTH_END),
        ("line", "leaves", (114.4225, 30.51)),
    ),
    "border ends elsewhere": (
        "move_edge",
        move(SOUTH_END, (114.411, 30.515)),
        ("line", "ends_elsewhere", NORTH_END),
    ),
    "border on top of the next": (
        "move_edge",
        move(SOUTH_END, (114.40000001, 30.5000001), (114.40000001, 30.5199999), NORTH_END),
        ("line", "sliver", (114.40, 30.51)),
    ),
    "border touches the outside": (
        "move_edge",
        move(SOUTH_END, (114.42, 30.51), NORTH_END),
        ("line", "touches_outside", (114.42, 30.51)),
    ),
    "border scribbled": ("move_edge", move(*SCRIBBLE), ("line", None, None)),
    "border of one point": ("move_edge", move(MIDDLE, MIDDLE), ("line", None, None)),
    "border in the sea": ("move_edge", move((0, 0), (1, 1)), ("line", None, None)),
    "latitude before longitude": (
        "move_edge",
        move(*map(swapped, (SOUTH_END, (114.412, 30.51), NORTH_END))),
        ("line", None, None),
    ),
    "border of two communities": (
        "move_edge",
        lambda desk: {
            "arc": desk[2][frozenset((EAST, HILL))],
            "line": line((114.42, 30.50), (114.421, 30.51), (114.42, 30.52)),
        },
        ("line", "other_community", (114.42, 30.51)),
    ),
    "border of the community": (
        "move_edge",
        lambda desk: {"arc": desk[2][frozenset((WEST, None))], "line": BEND},
        ("line", "not_movable", (114.40, 30.51)),
    ),
    "border of another scenario": (
        "move_edge",
        lambda _desk: {"arc": f"{WEST}~{EAST}~000000000000", "line": BEND},
        ("arc", None, None),
    ),
    "split that misses": (
        "split",
        lambda _desk: {"grid": WEST, "line": line((114.43, 30.50), (114.43, 30.51))},
        ("line", "misses", (114.43, 30.50)),
    ),
    "split that ends inside": (
        "split",
        lambda _desk: {"grid": WEST, "line": line((114.399, 30.51), (114.405, 30.51))},
        ("line", "ends_elsewhere", (114.405, 30.51)),
    ),
    "split that crosses itself": (
        "split",
        lambda _desk: {
            "grid": WEST,
            "line": line((114.399, 30.51), (114.407, 30.51), (114.405, 30.512), (114.405, 30.499)),
        },
        ("line", "crosses_itself", (114.405, 30.51)),
    ),
    "split that leaves and comes back": (
        "split",
        lambda _desk: {
            "grid": WEST,
            "line": line((114.399, 30.505), (114.411, 30.505), (114.411, 30.51), (114.399, 30.51)),
        },
        ("line", "leaves", (114.41, 30.505)),
    ),
    "split along the border": (
        "split",
        lambda _desk: {"grid": WEST, "line": line(SOUTH_END, NORTH_END)},
        ("line", "misses", SOUTH_END),
    ),
    "split that cuts off a strip": (
        "split",
        lambda _desk: {"grid": WEST, "line": line((114.399, 30.500001), (114.411, 30.500001))},
        ("line", "sliver", (114.405, 30.50)),
    ),
    "split scribbled": (
        "split",
        lambda _desk: {"grid": WEST, "line": line(*SCRIBBLE)},
        ("line", None, None),
    ),
    "split of a grid of another county": (
        "split",
        lambda _desk: {"grid": "990102001001001", "parts": 2},
        ("grid", None, None),
    ),
    "split in more parts than households": (
        "split",
        lambda _desk: {"grid": WEST, "parts": 7},
        ("parts", "wrong_number", (114.405, 30.51)),
    ),
    "merger over a community": (
        "merge",
        lambda _desk: {"grids": [EAST, HILL]},
        ("grids", "other_community", (114.43, 30.51)),
    ),
    "merger of nothing": ("merge", lambda _desk: {"grids": []}, ("grids", None, None)),
    "blocks of another community": (
        "hand_over",
        lambda desk: {"blocks": desk[1][HILL], "to": EAST},
        ("blocks", None, None),
    ),
    "all blocks of a grid": (
        "hand_over",
        lambda desk: {"blocks": desk[1][WEST], "to": EAST},
        ("blocks", "empty", (114.405, 30.51)),
    ),
    "blocks to whom they belong": (
        "hand_over",
        lambda desk: {"blocks": desk[1][WEST][:1], "to": WEST},
        ("blocks", "nothing_to_do", (114.405, 30.51)),
    ),
    "no blocks": ("hand_over", lambda _desk: {"blocks": [], "to": WEST}, ("blocks", None, None)),
    "vertex that is none": (
        "move_vertex",
        lambda _desk: {"at": [114.405, 30.505], "place": [114.405, 30.506]},
        ("place", "no_such_vertex", (114.40, 30.50)),
    ),
    "vertex of the outline": (
        "move_vertex",
        lambda _desk: {"at": list(SOUTH_END), "place": [114.411, 30.505]},
        ("place", "not_movable", SOUTH_END),
    ),
    "vertex where communities meet": (
        "move_vertex",
        lambda _desk: {"at": [114.42, 30.50], "place": [114.421, 30.505]},
        ("place", "other_community", (114.42, 30.50)),
    ),
    "vertex to another country": (
        "move_vertex",
        lambda _desk: {"at": list(SOUTH_END), "place": [14.41, 30.505]},
        ("place", None, None),
    ),
    "name of nothing": ("rename", lambda _desk: {"grid": "n99", "name": "x"}, ("grid", None, None)),
    "member who is none": (
        "appoint",
        lambda _desk: {"grid": WEST, "member": 10**12},
        ("member", None, None),
    ),
    "special grid crosses itself": (
        "draw_special",
        draw(
            [(114.402, 30.502), (114.404, 30.504), (114.404, 30.502), (114.402, 30.504)] * 1
            + [(114.402, 30.502)]
        ),
        ("outline", "crosses_itself", (114.403, 30.503)),
    ),
    "special grid without width": (
        "draw_special",
        draw([(114.402, 30.502), (114.404, 30.502), (114.404, 30.5020001), (114.402, 30.502)]),
        ("outline", "sliver", (114.403, 30.502)),
    ),
    "special grid over two communities": (
        "draw_special",
        draw(box(114.415, 30.505, 114.425, 30.51)),
        ("outline", "outside", (114.4225, 30.507)),
    ),
    "special grid outside the county": (
        "draw_special",
        draw(box(114.45, 30.505, 114.46, 30.51)),
        ("outline", "outside", (114.455, 30.507)),
    ),
}
