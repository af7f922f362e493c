"""An HTTP gateway: one POST for one message, signed, with a key that makes a repeat harmless."""

import hashlib
import hmac
import http.client
import json
import ssl
from urllib.parse import urlsplit

from gridmap.channels.base import Outcome, Outgoing, Receipt

_SECONDS = 10.0
_LONGEST_ANSWER = 10_000
_LONGEST_REFERENCE = 200
# What a gateway says when later may be better: it is busy, or broken for now.
_AGAIN = frozenset({408, 409, 423, 425, 429})


def post(address: str, secret: str | None, message: Outgoing) -> Receipt:
    """Hand one message to a gateway.

    The body is JSON: `id`, `to`, `text`, `exercise`. `Idempotency-Key` is the id;
    `X-Signature` is the HMAC-SHA256 of the body with the secret, in hexadecimal digits.
    200-299 is sent (202 as well); an `id` in a JSON answer is kept as the reference.
    """
    body = json.dumps(
        {
            "id": str(message.token),
            "to": message.to,
            "text": message.text,
            "exercise": message.exercise,
        },
        ensure_ascii=False,
    ).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": str(message.token),
    }
    if secret:
        headers["X-Signature"] = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers["Authorization"] = f"Bearer {secret}"
    try:
        status, answer = _asked(address, body, headers)
    except (OSError, http.client.HTTPException):
        return Receipt(Outcome.FAILED, why="gateway_away", again=True)
    if 200 <= status < 300:
        return Receipt(Outcome.SENT, reference=_reference(answer))
    again = status >= 500 or status in _AGAIN
    return Receipt(Outcome.FAILED, why="gateway_busy" if again else "gateway_refused", again=again)


def _asked(address: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Post without following anybody elsewhere: the secret goes to the gateway alone."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, parts.port, timeout=_SECONDS, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=_SECONDS)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(_LONGEST_ANSWER)
    finally:
        connection.close()


def _reference(answer: bytes) -> str | None:
    try:
        found = json.loads(answer)
    except ValueError:
        return None
    number = found.get("id") if isinstance(found, dict) else None
    if not isinstance(number, str | int):
        return None
    return str(number)[:_LONGEST_REFERENCE].replace("\0", "") or None
