"""PostgreSQL as Django knows it, whose pool lends to hot statements as well (spares.py)."""

from typing import Any

from django.db.backends.postgresql import base

from glu_admin.postgresql import spares


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        pool = self.pool
        if pool is None:
            return super().get_new_connection(conn_params)
        with spares.of(pool).given_back():
            return super().get_new_connection(conn_params)

    def close_pool(self) -> None:
        pool = self.pool
        super().close_pool()
        if pool is not None:
            spares.of(pool).give_back()
