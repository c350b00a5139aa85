"""The record of a destruction is refused while a hold stands, whoever writes it."""

from django.db import migrations

RULES = """
CREATE FUNCTION retention_destruction_is_not_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows n WHERE EXISTS (
        SELECT FROM retention_hold h WHERE h.subject_id = n.subject AND h.released_at IS NULL
            AND h.placed_at <= n.destroyed_at AND h.until > n.destroyed_at
            AND (h.confirmed_at IS NOT NULL OR h.placed_at > n.destroyed_at - interval '3 days'))) THEN
        RAISE EXCEPTION 'a hold stands against the destruction' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER destruction_is_not_held AFTER INSERT ON retention_destruction
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION retention_destruction_is_not_held();
ALTER TABLE retention_destruction ENABLE ALWAYS TRIGGER destruction_is_not_held;

-- a hold keeps what it was placed with; it is confirmed once and released once, and never deleted
CREATE FUNCTION retention_hold_keeps_its_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.released_at IS NOT NULL
        OR (NEW.subject_id, NEW.ground, NEW.obstacle, NEW.until, NEW.limit_at, NEW.may_tell, NEW.placed_at, NEW.placed_by)
        IS DISTINCT FROM
        (OLD.subject_id, OLD.ground, OLD.obstacle, OLD.until, OLD.limit_at, OLD.may_tell, OLD.placed_at, OLD.placed_by)
        OR (OLD.confirmed_at IS NOT NULL AND
            (NEW.confirmed_at, NEW.confirmed_by) IS DISTINCT FROM (OLD.confirmed_at, OLD.confirmed_by)) THEN
        RAISE EXCEPTION 'a hold is confirmed and released, never changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_keeps_its_word BEFORE UPDATE OR DELETE ON retention_hold
    FOR EACH ROW EXECUTE FUNCTION retention_hold_keeps_its_word();
ALTER TABLE retention_hold ENABLE ALWAYS TRIGGER hold_keeps_its_word;
"""
UNDO = """
DROP TRIGGER hold_keeps_its_word ON retention_hold;
DROP FUNCTION retention_hold_keeps_its_word();
DROP TRIGGER destruction_is_not_held ON retention_destruction;
DROP FUNCTION retention_destruction_is_not_held();
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0004_holds_warnings_and_large_runs")]
    operations = [migrations.RunSQL(RULES, UNDO)]
