"""What is kept in versions, as it is asked for: whose history, until when it is to hold."""

from typing import Annotated

from pydantic import Field

from gridmap.web import inputs
from gridmap.web.grids import Day

Words = Annotated[inputs.Text, Field(min_length=1, max_length=80)]
Source = Annotated[inputs.Text, Field(min_length=1, max_length=1000)]


class History(inputs.Query):
    """Parameters of a history: whose."""

    area: inputs.AreaCode | None = None


class End(inputs.Input):
    """Body that lets an area's own end on a day."""

    area: inputs.AreaCode
    valid_from: Day
