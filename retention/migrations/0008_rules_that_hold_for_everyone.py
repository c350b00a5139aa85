"""What a clock was started with stays, also what came with the actions of rules; a version of the rules keeps its word."""

from django.db import migrations

RULES = """
CREATE OR REPLACE FUNCTION retention_clock_keeps_its_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.subject_id, NEW.trigger, NEW.rule, NEW.purpose, NEW.purposes, NEW.action, NEW.anonymisation, NEW.part,
            NEW.started_at, NEW.block_at, NEW.due_at, NEW.late_at)
        IS DISTINCT FROM (OLD.subject_id, OLD.trigger, OLD.rule, OLD.purpose, OLD.purposes, OLD.action,
            OLD.anonymisation, OLD.part, OLD.started_at, OLD.block_at, OLD.due_at, OLD.late_at)
        OR (OLD.carried_at IS NOT NULL AND NEW.carried_at IS DISTINCT FROM OLD.carried_at)
        OR (OLD.blocked_at IS NOT NULL AND NEW.blocked_at IS DISTINCT FROM OLD.blocked_at)
        OR OLD.cancelled_at IS NOT NULL THEN
        RAISE EXCEPTION 'a clock keeps its term: it runs or is cancelled' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- of a part the person's key stays; of the whole person it is gone
CREATE OR REPLACE FUNCTION retention_destruction_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows n WHERE n.part IS NULL AND (
        SELECT s.destroyed_at IS NOT NULL AND s.wrapped_key IS NULL FROM vault.personal_data_subject s
        WHERE s.id = n.subject) IS NOT TRUE) THEN
        RAISE EXCEPTION 'the record of a destruction that did not happen' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION retention_version_keeps_its_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.in_force_at IS NOT NULL
        OR (NEW.number, NEW.sha256, NEW.rules, NEW.preview, NEW.previewed_at, NEW.previewed_by)
            IS DISTINCT FROM (OLD.number, OLD.sha256, OLD.rules, OLD.preview, OLD.previewed_at, OLD.previewed_by)
        OR (OLD.confirmed_at IS NOT NULL AND
            (NEW.confirmed_at, NEW.confirmed_by) IS DISTINCT FROM (OLD.confirmed_at, OLD.confirmed_by)) THEN
        RAISE EXCEPTION 'a version of the rules is confirmed and carried out, never changed'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER version_keeps_its_word BEFORE UPDATE OR DELETE ON retention_ruleversion
    FOR EACH ROW EXECUTE FUNCTION retention_version_keeps_its_word();
ALTER TABLE retention_ruleversion ENABLE ALWAYS TRIGGER version_keeps_its_word;

CREATE FUNCTION retention_order_keeps_its_word() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.subject_id, NEW.norm, NEW.categories, NEW.place, NEW."row", NEW.rule, NEW.found, NEW.needs_second,
            NEW.started_at, NEW.due_at, NEW.late_at, NEW.ordered_at, NEW.ordered_by)
            IS DISTINCT FROM (OLD.id, OLD.subject_id, OLD.norm, OLD.categories, OLD.place, OLD."row", OLD.rule,
            OLD.found, OLD.needs_second, OLD.started_at, OLD.due_at, OLD.late_at, OLD.ordered_at, OLD.ordered_by)
        OR OLD.done_at IS NOT NULL OR OLD.cancelled_at IS NOT NULL THEN
        RAISE EXCEPTION 'an order is agreed to and carried out, never changed' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER order_keeps_its_word BEFORE UPDATE ON retention_partorder
    FOR EACH ROW EXECUTE FUNCTION retention_order_keeps_its_word();
ALTER TABLE retention_partorder ENABLE ALWAYS TRIGGER order_keeps_its_word;
"""
UNDO = """
DROP TRIGGER order_keeps_its_word ON retention_partorder;
DROP FUNCTION retention_order_keeps_its_word();
DROP TRIGGER version_keeps_its_word ON retention_ruleversion;
DROP FUNCTION retention_version_keeps_its_word();
CREATE OR REPLACE FUNCTION retention_destruction_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows n WHERE (
        SELECT s.destroyed_at IS NOT NULL AND s.wrapped_key IS NULL FROM vault.personal_data_subject s
        WHERE s.id = n.subject) IS NOT TRUE) THEN
        RAISE EXCEPTION 'the record of a destruction that did not happen' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION retention_clock_keeps_its_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.subject_id, NEW.trigger, NEW.rule, NEW.purpose, NEW.started_at, NEW.due_at, NEW.late_at)
        IS DISTINCT FROM (OLD.subject_id, OLD.trigger, OLD.rule, OLD.purpose, OLD.started_at, OLD.due_at, OLD.late_at)
        OR OLD.cancelled_at IS NOT NULL THEN
        RAISE EXCEPTION 'a clock keeps its term: it runs or is cancelled' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0007_parts_actions_and_versions_of_rules")]
    operations = [migrations.RunSQL(RULES, UNDO)]
