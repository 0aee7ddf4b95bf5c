"""What was launched stays as it was, and rewards move only along their graph."""

from django.db import migrations

from glu_admin.tenancy import tenant_key

FROZEN = """
CREATE FUNCTION glu_frozen_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NULL THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' AND current_setting('glu.maintenance', true) = 'on' THEN
        RETURN OLD;
    END IF;
    -- retiring is the one change left, and it happens once
    IF TG_OP = 'UPDATE' AND OLD.retired_at IS NULL
        AND to_jsonb(NEW) - 'retired_at' = to_jsonb(OLD) - 'retired_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Reward table % is frozen.', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER rewards_rewardtable_frozen BEFORE UPDATE OR DELETE ON rewards_rewardtable
    FOR EACH ROW EXECUTE FUNCTION glu_frozen_table();

CREATE FUNCTION glu_frozen_variant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner uuid;
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('glu.maintenance', true) = 'on' THEN
        RETURN OLD;
    END IF;
    FOREACH owner IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.table_id]
        WHEN 'DELETE' THEN ARRAY[OLD.table_id]
        ELSE ARRAY[OLD.table_id, NEW.table_id] END
    LOOP
        -- the lock makes this wait for a freeze in progress, and a freeze for this
        PERFORM FROM rewards_rewardtable WHERE id = owner FOR SHARE;
        PERFORM FROM rewards_rewardtable WHERE id = owner AND frozen_at IS NOT NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'Reward table % is frozen.', owner USING ERRCODE = 'restrict_violation';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER rewards_variant_frozen BEFORE INSERT OR UPDATE OR DELETE ON rewards_variant
    FOR EACH ROW EXECUTE FUNCTION glu_frozen_variant();
"""
THAWED = """
DROP TRIGGER rewards_variant_frozen ON rewards_variant;
DROP FUNCTION glu_frozen_variant();
DROP TRIGGER rewards_rewardtable_frozen ON rewards_rewardtable;
DROP FUNCTION glu_frozen_table();
"""

STATES = """
CREATE FUNCTION glu_reward_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - '{state,seen_at}'::text[] <> to_jsonb(OLD) - '{state,seen_at}'::text[] THEN
        RAISE EXCEPTION 'Of a reward only the state changes.' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = NEW.state OR (OLD.state, NEW.state) IN (
        ('won', 'seen'), ('won', 'expired'), ('won', 'revoked'),
        ('seen', 'redeemed'), ('seen', 'expired'), ('seen', 'revoked'),
        ('redeemed', 'revoked')
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A reward can''t go from % to %.', OLD.state, NEW.state
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER rewards_reward_state BEFORE UPDATE ON rewards_reward
    FOR EACH ROW EXECUTE FUNCTION glu_reward_state();
"""
NO_STATES = "DROP TRIGGER rewards_reward_state ON rewards_reward; DROP FUNCTION glu_reward_state();"

# every claim changes a cursor or a stock: room for the next version in the same page
ROOM = """
ALTER TABLE rewards_couponcursor SET (fillfactor = 50);
ALTER TABLE rewards_stock SET (fillfactor = 50);
"""
NO_ROOM = """
ALTER TABLE rewards_couponcursor RESET (fillfactor);
ALTER TABLE rewards_stock RESET (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0003_uploads_and_lean_indexes")]

    operations = [
        tenant_key("rewards_couponupload", "pool_id", "rewards_couponpool", "CASCADE"),
        migrations.RunSQL(FROZEN, THAWED),
        migrations.RunSQL(STATES, NO_STATES),
        migrations.RunSQL(ROOM, NO_ROOM),
    ]
