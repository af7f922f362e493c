"""The options of a plan, as the program that computes a draft takes them."""

from geodata.evacuation_options import Options
from gridmap.model.plan_options import PROFILE, PlanOptions


def engine(options: PlanOptions, profile: str = PROFILE) -> Options:
    """Give what a draft is computed with."""
    limit, wait = options.walk_limit_minutes, options.wave_minutes
    return Options(
        profile=profile,
        tolerance=options.tolerance,
        walk_limit_seconds=None if limit is None else limit * 60.0,
        per_wave=options.wave_people,
        wave_interval_seconds=(wait or 0) * 60.0,
        m2_per_person=options.m2_per_person,
        bridges=options.bridges,
        slide_bearing=options.slide_bearing,
        robust=options.robust,
        tolerance_price=options.tolerance is not None,
    )
