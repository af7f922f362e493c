"""Which of a day's runs stands for the day."""

from gridmap.store.days import day

# Of a day the last run says how it ended; but by then clinics are shut for the night, and a year
# of evenings would tell that nobody ever reached one. Runs with fewer doors shut by the hour alone
# go first. The day is that of the wall, not of UTC.
_SHUT = "coalesce((standard ->> 'shut')::int, 0)"


def stands(*by: str) -> str:
    """Give SQL that tells whether a row of `coverage_run` stands for its day.

    Parameters
    ----------
    by
        Columns: there is one such run a day for each of their values.

    Returns
    -------
    str
        SQL of type boolean, with a window: for a list of columns only.
    """
    parts = ", ".join((*by, day("created_at")))
    return f"row_number() OVER (PARTITION BY {parts} ORDER BY {_SHUT}, id DESC) = 1"
