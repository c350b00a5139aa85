"""Rules of this room that a constraint can't say: they hold for every writer, whoever connects."""

from django.db import migrations

RULES = """
CREATE FUNCTION retention_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a record of destruction is never changed: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER destruction_append_only BEFORE UPDATE OR DELETE ON retention_destruction
    FOR EACH ROW EXECUTE FUNCTION retention_refuse();
CREATE TRIGGER destruction_no_truncate BEFORE TRUNCATE ON retention_destruction
    FOR EACH STATEMENT EXECUTE FUNCTION retention_refuse();

-- a record is true: the person's key is gone when it is written
CREATE FUNCTION retention_destruction_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- one look-up a record: a join might be planned as a scan of all subjects
    IF EXISTS (SELECT FROM new_rows n WHERE (
        SELECT s.destroyed_at IS NOT NULL AND s.wrapped_key IS NULL FROM vault.personal_data_subject s
        WHERE s.id = n.subject) IS NOT TRUE) THEN
        RAISE EXCEPTION 'the record of a destruction that did not happen' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER destruction_is_true AFTER INSERT ON retention_destruction
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION retention_destruction_is_true();

-- a term is counted once: it can be cancelled, not moved
CREATE FUNCTION retention_clock_keeps_its_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.subject_id, NEW.trigger, NEW.rule, NEW.purpose, NEW.started_at, NEW.due_at, NEW.late_at)
        IS DISTINCT FROM (OLD.subject_id, OLD.trigger, OLD.rule, OLD.purpose, OLD.started_at, OLD.due_at, OLD.late_at)
        OR OLD.cancelled_at IS NOT NULL THEN
        RAISE EXCEPTION 'a clock keeps its term: it runs or is cancelled' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER clock_keeps_its_term BEFORE UPDATE ON retention_clock
    FOR EACH ROW EXECUTE FUNCTION retention_clock_keeps_its_term();

-- nothing new about somebody who is gone, or going in this moment: waits for a destruction that runs, and makes one wait
-- that would begin. Installed on every table that goes with its person, see living.py.
CREATE FUNCTION retention_of_the_living() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM vault.personal_data_subject s WHERE s.id IN (SELECT n.subject_id FROM new_rows n) FOR KEY SHARE;
    IF EXISTS (SELECT FROM new_rows n JOIN vault.personal_data_subject s ON s.id = n.subject_id
               WHERE s.destroyed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the subject is destroyed' USING ERRCODE = 'PDGON';
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE retention_destruction ENABLE ALWAYS TRIGGER destruction_append_only;
ALTER TABLE retention_destruction ENABLE ALWAYS TRIGGER destruction_no_truncate;
ALTER TABLE retention_destruction ENABLE ALWAYS TRIGGER destruction_is_true;
ALTER TABLE retention_clock ENABLE ALWAYS TRIGGER clock_keeps_its_term;
REVOKE UPDATE, DELETE, TRUNCATE ON retention_destruction FROM portal_app;
"""

UNDO = """
DROP TRIGGER clock_keeps_its_term ON retention_clock;
DROP TRIGGER destruction_is_true ON retention_destruction;
DROP TRIGGER destruction_no_truncate ON retention_destruction;
DROP TRIGGER destruction_append_only ON retention_destruction;
DROP FUNCTION retention_of_the_living() CASCADE;
DROP FUNCTION retention_clock_keeps_its_term();
DROP FUNCTION retention_destruction_is_true();
DROP FUNCTION retention_refuse();
GRANT UPDATE, DELETE ON retention_destruction TO portal_app;
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_clocks_and_records")]
    operations = [migrations.RunSQL(RULES, UNDO)]
