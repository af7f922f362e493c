"""Volunteers and organisations: what they may be able to do, and what they answer."""

SKILLS = (
    *("carry", "door_to_door", "first_aid", "transport", "translate", "cook", "childcare"),
    *("boat", "water_rescue", "rescue", "machinery", "power", "radio", "care", "crowd", "traffic"),
)
ANSWERS = ("come", "cannot")
