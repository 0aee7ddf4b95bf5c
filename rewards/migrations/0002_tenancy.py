"""What Django can't say of these tables: keys that stay inside an environment, and triggers."""

from django.db import migrations

from glu_admin.tenancy import append_only, tenant_key


class Migration(migrations.Migration):
    dependencies = [("rewards", "0001_initial"), ("workspaces", "0002_tenancy")]

    operations = [
        tenant_key("rewards_coupon", "pool_id", "rewards_couponpool", "CASCADE"),
        tenant_key("rewards_couponcursor", "pool_id", "rewards_couponpool", "CASCADE"),
        tenant_key("rewards_couponclaim", "pool_id", "rewards_couponpool", "CASCADE"),
        tenant_key("rewards_variant", "table_id", "rewards_rewardtable", "CASCADE"),
        tenant_key("rewards_variant", "pool_id", "rewards_couponpool", "RESTRICT"),
        tenant_key("rewards_variant", "stock_id", "rewards_stock", "RESTRICT"),
        tenant_key("rewards_reward", "user_id", "users_enduser", "CASCADE"),
        tenant_key("rewards_reward", "variant_id", "rewards_variant", "RESTRICT"),
        tenant_key("rewards_reward", "pool_id", "rewards_couponpool", "RESTRICT"),
        tenant_key("rewards_ledgerentry", "reward_id", "rewards_reward", "RESTRICT"),
        tenant_key("rewards_ledgerentry", "user_id", "users_enduser", "RESTRICT"),
        append_only("rewards_ledgerentry"),
        append_only("rewards_coupon"),
    ]
