"""What a table must hold: fields, their kinds and limits, and the headings they go by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["text", "int", "float", "date", "bool", "choice"]


@dataclass(frozen=True)
class Field:
    """One field of a table.

    Attributes
    ----------
    name
        Column of the resulting frame.
    kind
        How a cell is read.
    required
        The column must be there and no cell of it empty.
    aliases
        Headings it goes by besides its name; case, spaces, brackets and width do not matter.
    choices
        For ``choice``: key -> the words that mean it.
    many
        For ``choice``: several may stand in one cell; the value is then a tuple of keys.
    minimum, maximum
        Limits of numbers, inclusive.
    max_length
        Limit of text in characters.
    pattern
        Regular expression that a whole text must match.
    unique
        No two rows may have the same value.
    private
        The value is about a person and is never repeated in an error message.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    many: bool = False
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 200
    pattern: str | None = None
    unique: bool = False
    private: bool = False


@dataclass(frozen=True)
class Schema:
    """The fields of one kind of table.

    Attributes
    ----------
    name
        What the table lists, for messages.
    fields
        In the order of the resulting columns.
    either
        Groups of fields: every row must fill at least one group completely.
    together
        Groups of fields that are filled all or none.
    """

    name: str
    fields: tuple[Field, ...]
    either: tuple[tuple[str, ...], ...] = ()
    together: tuple[tuple[str, ...], ...] = ()

    def __getitem__(self, name: str) -> Field:
        """Give the field called *name*."""
        return next(one for one in self.fields if one.name == name)
