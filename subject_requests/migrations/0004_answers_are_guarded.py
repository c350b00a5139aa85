"""Nothing is made before it is known who asks; what was made and given stays as it is."""

from django.db import migrations

GUARD = """
CREATE FUNCTION subject_requests_guard_answer_set() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked subject_requests_request;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'what was made as an answer is proof'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_set_is_proof';
    END IF;
    IF TG_OP = 'INSERT' THEN
        SELECT * INTO asked FROM subject_requests_request WHERE id = NEW.request_id;
        IF asked.identity = 'none' OR (asked.by_representative AND asked.authority_checked_at IS NULL)
           OR NEW.subject_id <> coalesce(asked.about_id, asked.subject_id) OR NEW.state <> 'waiting' THEN
            RAISE EXCEPTION 'an answer is made for somebody who is known, about themselves'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_set_is_for_somebody_known';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.request_id, NEW.subject_id, NEW.language, NEW.asked_by, NEW.asked_at, NEW.left_out) IS DISTINCT FROM
       (OLD.id, OLD.request_id, OLD.subject_id, OLD.language, OLD.asked_by, OLD.asked_at, OLD.left_out)
       OR (OLD.given_at IS NOT NULL AND NEW IS DISTINCT FROM OLD)
       OR (OLD.state = 'ready' AND to_jsonb(NEW) - ARRAY['attached_at', 'given_at']
                                <> to_jsonb(OLD) - ARRAY['attached_at', 'given_at'])
       OR (OLD.state IN ('stopped', 'failed') AND NEW IS DISTINCT FROM OLD)
       OR (OLD.state = 'waiting' AND NEW.state NOT IN ('waiting', 'making', 'stopped', 'failed')) THEN
        RAISE EXCEPTION 'what was made as an answer does not change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'answer_set_stays_as_made';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER answer_set_guard BEFORE INSERT OR UPDATE OR DELETE ON subject_requests_answerset
    FOR EACH ROW EXECUTE FUNCTION subject_requests_guard_answer_set();
"""
BACK = """
DROP TRIGGER answer_set_guard ON subject_requests_answerset;
DROP FUNCTION subject_requests_guard_answer_set();
"""


class Migration(migrations.Migration):
    dependencies = [("subject_requests", "0003_answers")]
    operations = [migrations.RunSQL(GUARD, BACK)]
