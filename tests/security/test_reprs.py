"""What a debugger, an assertion or an error report prints of a value: never a secret or a code."""

import pytest
from django.utils import timezone

from glu_admin.webhooks.delivery import Parcel
from glu_admin.webhooks.destination import parse
from glu_admin.webhooks.endpoints import SigningKeys
from glu_admin.webhooks.receiver import Shown
from glu_admin.webhooks.sending import Answer
from rewards.coupon_files import Reason, Rejected, Row

SECRET = "CANARY-4711"
SEALED = SECRET.encode()


@pytest.mark.parametrize(
    "value",
    [
        SigningKeys([SECRET], SEALED),
        Parcel(parse("https://example.com/", https_only=True), (), {}, SEALED),
        Answer(200, "", SEALED, 5),
        Shown(timezone.now(), "200", "valid", "valid", {}, SECRET),
        Row(1, SECRET, SECRET, None, {"pin": SECRET}),
        Rejected(1, SECRET, Reason.FORMULA),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_value_prints_its_secret(value):
    assert SECRET not in repr(value)
