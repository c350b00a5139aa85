"""What a request was found to be about stays said, is of the person whose request it was, and is what is granted."""

from typing import ClassVar

from django.db import migrations

DO = """
CREATE FUNCTION subject_requests_guard_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM subject_requests_request r
               WHERE r.id = coalesce(NEW.request_id, OLD.request_id)
                 AND r.state IN ('new', 'taken', 'waiting', 'proposed')) THEN
        IF TG_OP = 'INSERT' THEN
            IF NOT EXISTS (SELECT FROM subject_requests_contestedpart p
                           WHERE p.request_id = NEW.request_id AND p.ground = NEW.ground
                             AND (p.category = '' AND p.place = '' OR NEW.category = '' AND NEW.place = '')) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'everything stands alone'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'contested_part_everything_stands_alone';
        ELSIF TG_OP = 'DELETE' AND OLD."order" IS NULL THEN
            RETURN OLD;
        ELSIF TG_OP = 'UPDATE' AND OLD."order" IS NULL
              AND to_jsonb(NEW) - 'order' = to_jsonb(OLD) - 'order' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'what was ordered, and what a closed request was about, does not change'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'contested_part_stays_said';
END $$;
CREATE TRIGGER contested_part_stays BEFORE INSERT OR UPDATE OR DELETE ON subject_requests_contestedpart
    FOR EACH ROW EXECUTE FUNCTION subject_requests_guard_part();
ALTER TABLE subject_requests_contestedpart ADD CONSTRAINT contested_part_is_of_the_requests_subject
    FOREIGN KEY (request_id, subject_id) REFERENCES subject_requests_request (id, subject_id);

CREATE FUNCTION subject_requests_guard_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whole boolean;
    ordered boolean;
BEGIN
    SELECT bool_or(p.category = '' AND p.place = ''), bool_and(p."order" IS NOT NULL) INTO whole, ordered
    FROM subject_requests_contestedpart p WHERE p.request_id = NEW.id AND p.ground = 'unneeded_proved';
    IF ('unneeded_ends' = ANY(NEW.outcomes)) IS DISTINCT FROM coalesce(whole, false)
       OR ('part_ends' = ANY(NEW.outcomes)) IS DISTINCT FROM coalesce(ordered AND NOT whole, false)
       OR whole IS NULL THEN
        RAISE EXCEPTION 'what is granted is what was chosen'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'request_grants_what_was_chosen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_grants_what_was_chosen BEFORE UPDATE ON subject_requests_request FOR EACH ROW
    WHEN (NEW.state = 'answered' AND OLD.state <> 'answered' AND 'unneeded' = ANY(NEW.kinds))
    EXECUTE FUNCTION subject_requests_guard_grant();
"""
UNDO = """
DROP TRIGGER request_grants_what_was_chosen ON subject_requests_request;
DROP FUNCTION subject_requests_guard_grant();
ALTER TABLE subject_requests_contestedpart DROP CONSTRAINT contested_part_is_of_the_requests_subject;
DROP TRIGGER contested_part_stays ON subject_requests_contestedpart;
DROP FUNCTION subject_requests_guard_part();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("subject_requests", "0009_parts_that_requests_are_about")]
    operations: ClassVar[list[migrations.RunSQL]] = [migrations.RunSQL(DO, UNDO)]
