"""What shelters need, in the words of `supply_rule`."""

from collections.abc import Mapping

# kind of a thing, with the unit it is counted in; "" is counted in pieces
SUPPLY_KINDS: Mapping[str, str] = {
    "drinking_water": "L",
    "water": "L",
    "food": "kcal",
    "beds": "",
    "blankets": "",
    "toilets": "",
    "space": "m²",
    "medicine_kits": "",
    "infant_milk": "g",
    "diapers": "",
    "lamps": "",
}
PER = ("person_day", "person", "people")
