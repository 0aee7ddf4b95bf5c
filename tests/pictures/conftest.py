"""Members who send pictures."""

from tests.console.conftest import as_role, member_of, owner, quick_passwords

__all__ = ["as_role", "member_of", "owner", "quick_passwords"]
