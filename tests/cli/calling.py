"""How one call of the command line ended."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ended:
    """How one call ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output; a second one, or anything else, fails."""
        assert self.out.strip(), self.err
        return json.loads(self.out)


Call = Callable[..., Ended]
