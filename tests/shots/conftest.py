"""A signed-in owner and a phone, as other tests have them."""

from tests.browser.conftest import chromium, phone  # noqa: F401
from tests.console.conftest import as_role, member_of, owner, quick_passwords  # noqa: F401
