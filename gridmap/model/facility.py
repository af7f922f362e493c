"""Facilities: which kinds there are, beside those that a county's own files bring."""

# as rosters and OpenStreetMap name them; aed: a defibrillator anybody may take
KINDS = frozenset(
    {
        "aed",
        "ambulance_station",
        "assembly_point",
        "clinic",
        "community_centre",
        "fire_station",
        "grid_station",
        "hospital",
        "kindergarten",
        "marketplace",
        "micro_fire_station",
        "nursing_home",
        "park",
        "pharmacy",
        "police",
        "school",
        "shelter",
        "supply_point",
        "townhall",
    }
)
