"""Mail by SMTP; the message's number makes a repeat recognisable."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from gridmap.channels.base import Outcome, Outgoing, Receipt, not_configured

_SECONDS = 15.0
_PERMANENT = 500


@dataclass(frozen=True)
class Mail:
    """`smtp://` or `smtps://` with name and password in the address, and who it comes from."""

    address: str | None
    sender: str | None = None

    name = "mail"

    def send(self, message: Outgoing) -> Receipt:
        """Hand it to the mail server."""
        if self.address is None or self.sender is None:
            return not_configured()
        try:
            self._send(self.address, self._written(self.sender, message))
        except smtplib.SMTPResponseException as error:
            again = error.smtp_code < _PERMANENT
            return Receipt(Outcome.FAILED, why="mail_server_refused", again=again)
        except smtplib.SMTPRecipientsRefused as error:
            again = any(code < _PERMANENT for code, _text in error.recipients.values())
            return Receipt(Outcome.FAILED, why="mail_server_refused", again=again)
        except (OSError, smtplib.SMTPException):
            return Receipt(Outcome.FAILED, why="mail_server_away", again=True)
        except ValueError:  # an address no mail can have
            return Receipt(Outcome.FAILED, why="bad_address")
        return Receipt(Outcome.SENT)

    @staticmethod
    def _written(sender: str, message: Outgoing) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = message.to
        first = message.text.strip().splitlines()[0][:80]
        mail["Subject"] = (message.subject or first).replace("\n", " ").replace("\r", " ")
        domain = sender.rpartition("@")[2].strip("<> ") or "gridmap"
        mail["Message-ID"] = f"<{message.token}@{domain}>"
        mail.set_content(message.text)
        return mail

    @staticmethod
    def _send(address: str, mail: EmailMessage) -> None:
        parts = urlsplit(address)
        host = parts.hostname or ""
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=_SECONDS)
        try:
            server.ehlo_or_helo_if_needed()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)
        finally:
            # taken is taken: a goodbye that goes wrong must not send the mail a second time
            server.close()
