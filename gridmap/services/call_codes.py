"""The codes on the sheets of households: signed, the same through all plans of a hazard."""

import base64
import hashlib
import hmac

from gridmap.store import call_out
from gridmap.store.database import Transaction

_CODE_LENGTH = 10
# the letters of RFC 4648 as Crockford's, which nobody mixes up with digits
_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_MISREAD = str.maketrans("OIL", "011")


def codes(tx: Transaction, plan_id: int) -> dict[int, str]:
    """Give the code of each household of a plan, as its sheet shows it.

    Signed with a key of the hazard's own: nobody can make one up, and the sheets of an older plan
    of the same hazard stay good.
    """
    key = call_out.plan_key(tx, plan_id)
    return {each: code(key, each) for each in call_out.households(tx, plan_id)}


def code(key: bytes, household_id: int) -> str:
    """Give the code of one household: ten letters and digits that cannot be mixed up."""
    digest = hmac.new(key, str(household_id).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().translate(_LETTERS)[:_CODE_LENGTH]


def plain_code(text: str) -> str | None:
    """Read a code as scanned or typed; None if it is none."""
    found = text.strip().upper().rpartition(":")[2]
    found = "".join(each for each in found if each not in "- ").translate(_MISREAD)
    known = len(found) == _CODE_LENGTH and found.isascii() and found.isalnum() and "U" not in found
    return found if known else None
