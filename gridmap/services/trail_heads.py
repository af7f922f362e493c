"""The end of the trail, signed, to be kept elsewhere."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gridmap.model.access import system_scope
from gridmap.model.problem import bad_input
from gridmap.store import trail
from gridmap.store.database import Database

_SIGNED = ("position", "seq", "hash", "at", "key")


def signed_head(database: Database, secret_key: str) -> dict[str, Any]:
    """Sign where the chain ends now.

    Returns
    -------
    dict
        position, seq, hash (hex), at (server's time), key (public, base64), signature (base64).
        Kept elsewhere, it shows later whether the chain up to it was made anew.
    """
    with database.transaction(system_scope()) as tx:
        end = trail.head(tx)
        at = tx.value("SELECT clock_timestamp()")
    private = _key(secret_key)
    head = {
        "position": int(end["position"]),
        "seq": int(end["seq"]),
        "hash": bytes(end["hash"]).hex(),
        "at": at.isoformat(),
        "key": base64.b64encode(
            private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        ).decode(),
    }
    return head | {"signature": base64.b64encode(private.sign(_message(head))).decode()}


def read_head(text: str, place: str) -> dict[str, Any]:
    """Read a signed head and check its signature with the key inside.

    Whoever keeps heads compares `key` with the one they wrote down when the county began.

    Raises
    ------
    Problem
        400 for a text that is no signed head, or one whose signature is not right.
    """
    try:
        head = json.loads(text)
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(head["key"], validate=True))
        signature = base64.b64decode(head["signature"], validate=True)
        message = _message(head)
        shaped = isinstance(head["position"], int) and head["position"] >= 0
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise bad_input(f"{place} is no signed head of a trail") from None
    try:
        public.verify(signature, message)
    except InvalidSignature:
        raise bad_input(f"the signature in {place} is not right") from None
    if not shaped:
        raise bad_input(f"{place} is no signed head of a trail")
    return dict(head)


def _message(head: Mapping[str, Any]) -> bytes:
    return json.dumps({name: head[name] for name in _SIGNED}, sort_keys=True).encode()


def _key(secret_key: str) -> Ed25519PrivateKey:
    """Derive the signing key: the database alone cannot sign."""
    seed = HKDF(hashes.SHA256(), 32, salt=None, info=b"gridmap head of the trail").derive(
        secret_key.encode()
    )
    return Ed25519PrivateKey.from_private_bytes(seed)
