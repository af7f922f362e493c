"""Village loudspeakers: the words go to the broadcasting server, which reads them out."""

from dataclasses import dataclass

from gridmap.channels import gateway
from gridmap.channels.base import Outgoing, Receipt, not_configured


@dataclass(frozen=True)
class Loudspeaker:
    """The broadcasting server's address and secret; `to` is a loudspeaker or an area's code."""

    address: str | None
    secret: str | None = None

    name = "loudspeaker"

    def send(self, message: Outgoing) -> Receipt:
        """Hand the words to the broadcasting server."""
        if self.address is None:
            return not_configured()
        return gateway.post(self.address, self.secret, message)
