"""The drill calendar: on which day an exercise is due, and how that stands today."""

from calendar import monthrange
from datetime import date, timedelta

# So long before its day the office is reminded of an exercise.
REMIND = timedelta(days=14)
# Response states of an exercise that is under way.
RUNNING, REVIEW = "running", "review"


def due_on(since: date, months: int) -> date:
    """Give the day so many months after another one, the last of the month where it is shorter."""
    year, month = divmod(since.year * 12 + since.month - 1 + months, 12)
    return date(year, month + 1, min(since.day, monthrange(year, month + 1)[1]))


def stage(day: date, today: date) -> str:
    """Say how an exercise stands that nobody has begun: overdue, coming or later."""
    if day < today:
        return "overdue"
    return "coming" if day <= today + REMIND else "later"
