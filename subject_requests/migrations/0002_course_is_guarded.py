"""What no constraint of one row can say: how a request may change, that its history stays, whose words it holds."""

from typing import ClassVar

from django.db import migrations

GUARD = """
CREATE SEQUENCE subject_requests_number;

CREATE FUNCTION subject_requests_guard_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'new' THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.number, NEW.subject_id, NEW.kind, NEW.channel, NEW.received_at)
            IS DISTINCT FROM (OLD.id, OLD.number, OLD.subject_id, OLD.kind, OLD.channel, OLD.received_at) THEN
            RAISE EXCEPTION 'what was received does not change'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'request_keeps_what_was_received';
        END IF;
        IF (OLD.state, NEW.state) IN (('new', 'new'), ('new', 'taken'), ('taken', 'taken'), ('taken', 'new'),
                                      ('taken', 'answered'), ('taken', 'refused')) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a request is received, taken, then answered or refused, and stays so'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'request_follows_its_course';
END $$;
CREATE TRIGGER request_course BEFORE INSERT OR UPDATE OR DELETE ON subject_requests_request
    FOR EACH ROW EXECUTE FUNCTION subject_requests_guard_course();

CREATE FUNCTION subject_requests_guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the history of a request is append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'request_history_is_append_only';
END $$;
CREATE TRIGGER request_history BEFORE UPDATE OR DELETE ON subject_requests_requeststep
    FOR EACH ROW EXECUTE FUNCTION subject_requests_guard_history();

ALTER TABLE subject_requests_requeststep ADD CONSTRAINT request_step_is_of_the_requests_subject
    FOREIGN KEY (request_id, subject_id) REFERENCES subject_requests_request (id, subject_id);
ALTER TABLE subject_requests_message ADD CONSTRAINT message_is_of_the_requests_subject
    FOREIGN KEY (request_id, subject_id) REFERENCES subject_requests_request (id, subject_id);
"""

UNGUARD = """
ALTER TABLE subject_requests_message DROP CONSTRAINT message_is_of_the_requests_subject;
ALTER TABLE subject_requests_requeststep DROP CONSTRAINT request_step_is_of_the_requests_subject;
DROP TRIGGER request_history ON subject_requests_requeststep;
DROP FUNCTION subject_requests_guard_history();
DROP TRIGGER request_course ON subject_requests_request;
DROP FUNCTION subject_requests_guard_course();
DROP SEQUENCE subject_requests_number;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("subject_requests", "0001_initial")]
    operations: ClassVar[list[migrations.RunSQL]] = [migrations.RunSQL(GUARD, UNGUARD)]
