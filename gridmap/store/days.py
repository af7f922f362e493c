"""Days as the site counts them: SQL for the day of a moment in the zone of the site.

Moments are stored and compared in UTC; what is due "today", or ends "on a day", follows the
calendar on the wall. `Database` tells each transaction the zone.
"""

SETTING = "gridmap.time_zone"


def day(moment: str) -> str:
    """Give SQL for the day of a moment.

    Parameters
    ----------
    moment
        SQL of type timestamptz.

    Returns
    -------
    str
        SQL of type date.
    """
    return f"(({moment}) AT TIME ZONE current_setting('{SETTING}'))::date"


def after(date: str) -> str:
    """Give SQL for the moment in which a day is over.

    Parameters
    ----------
    date
        SQL of type date.

    Returns
    -------
    str
        SQL of type timestamptz.
    """
    return f"((({date}) + 1)::timestamp AT TIME ZONE current_setting('{SETTING}'))"


TODAY = day("now()")
