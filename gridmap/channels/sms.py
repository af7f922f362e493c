"""Text messages, by whatever gateway the county has, behind one HTTP address."""

from dataclasses import dataclass

from gridmap.channels import gateway
from gridmap.channels.base import Outgoing, Receipt, not_configured


@dataclass(frozen=True)
class Sms:
    """The gateway's address and secret; without an address nothing goes out."""

    address: str | None
    secret: str | None = None

    name = "sms"

    def send(self, message: Outgoing) -> Receipt:
        """Hand it to the gateway."""
        if self.address is None:
            return not_configured()
        return gateway.post(self.address, self.secret, message)
