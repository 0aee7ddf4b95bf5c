"""The API is called here as in tests/api."""

from tests.api.conftest import post, register  # noqa: F401  # fixtures by import
