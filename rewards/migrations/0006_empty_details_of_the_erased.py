"""An erasure may empty the details of a reward; nothing else of it may change, as before."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION glu_reward_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {maintenance}
    IF to_jsonb(NEW) - '{{state,seen_at}}'::text[] <> to_jsonb(OLD) - '{{state,seen_at}}'::text[] THEN
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
END $$
"""
EMPTIES = """
    IF current_setting('glu.maintenance', true) = 'on' AND NEW.details = '{}'::jsonb
        AND to_jsonb(NEW) - 'details' = to_jsonb(OLD) - 'details' THEN
        RETURN NEW;
    END IF;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0005_upload_of_a_member")]

    operations = [migrations.RunSQL(GUARD.format(maintenance=EMPTIES), GUARD.format(maintenance=""))]
