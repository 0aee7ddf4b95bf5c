"""How a receiver knows that a webhook is ours: two signatures over the exact bytes of the body.

X-CG-SIGNATURE is the original's hex HMAC-SHA1; webhook-id, -timestamp and -signature follow
Standard Webhooks. Pure: secrets and the moment are arguments.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

CG_HEADER = "X-CG-SIGNATURE"
OLD_CG_HEADER = "X-GLU-SIGNATURE"

Verdict = Literal["valid", "wrong", "missing"]


def compact(body: dict[str, object]) -> bytes:
    """The JSON that is signed and sent: no spaces, keys in order, letters of any script as they are.

    The contract's receivers verify over the body that they parsed and wrote again, so this is
    what the standard writers make of it.
    """
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def cg_signature(token: bytes | str, body: bytes) -> str:
    """Lower-case hex HMAC-SHA1 of the body, with the endpoint's token as the key."""
    key = token.encode() if isinstance(token, str) else token
    return hmac.new(key, body, hashlib.sha1).hexdigest()


def new_secret() -> str:
    """A Standard Webhooks secret: whsec_ and 32 random bytes in base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def standard_headers(
    signing_secrets: Sequence[str], message_id: str, at: datetime, body: bytes
) -> dict[str, str]:
    """The three headers; while a secret is being replaced, both of them sign."""
    signed = [Webhook(secret).sign(message_id, at, body.decode()) for secret in signing_secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def check_cg(tokens: Sequence[bytes], headers: Mapping[str, str], body: bytes) -> Verdict:
    """What X-CG-SIGNATURE proves, with any of the tokens. Header names are in lower case."""
    given = headers.get(CG_HEADER.lower())
    if not given:
        return "missing"
    fits = [hmac.compare_digest(cg_signature(token, body).encode(), given.encode()) for token in tokens]
    return "valid" if any(fits) else "wrong"


def check_standard(signing_secrets: Sequence[str], headers: Mapping[str, str], body: bytes) -> Verdict:
    """What webhook-signature proves, with any of the secrets, not older than five minutes."""
    if "webhook-signature" not in headers:
        return "missing"
    return "valid" if any(_fits(secret, headers, body) for secret in signing_secrets) else "wrong"


def _fits(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):  # the library splits and decodes without a check
        return False
    return True
