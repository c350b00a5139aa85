"""What no constraint of one row can say: how a request and its clocks may change, that the history stays, whose words
it holds. The pairs of states are those of kinds.TRANSITIONS, as they were when this was written."""

from typing import ClassVar

from django.db import migrations

COURSE = """
CREATE SEQUENCE subject_requests_number;

CREATE FUNCTION subject_requests_guard_course() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'new' THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF (NEW.id, NEW.number, NEW.subject_id, NEW.channel, NEW.received_at, NEW.entered_at, NEW.by_representative)
            IS DISTINCT FROM
           (OLD.id, OLD.number, OLD.subject_id, OLD.channel, OLD.received_at, OLD.entered_at, OLD.by_representative)
           OR NOT NEW.kinds || ARRAY(SELECT d.kind FROM subject_requests_droppedkind d WHERE d.request_id = NEW.id)
                  @> OLD.kinds
           OR (OLD.about_id IS NOT NULL AND NEW.about_id IS DISTINCT FROM OLD.about_id)
           OR (OLD.identity <> 'none' AND NEW.identity = 'none')
           OR (OLD.authority_checked_at IS NOT NULL AND NEW.authority_checked_at IS NULL) THEN
            RAISE EXCEPTION 'what was received does not change'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'request_keeps_what_was_received';
        END IF;
        IF OLD.state = NEW.state THEN
            IF OLD.state IN ('new', 'taken', 'waiting', 'proposed')
               OR to_jsonb(NEW) - ARRAY['due_on', 'due_at', 'target_on', 'provisional']
                = to_jsonb(OLD) - ARRAY['due_on', 'due_at', 'target_on', 'provisional'] THEN
                RETURN NEW;
            END IF;
        ELSIF (OLD.state, NEW.state) IN (
            ('new', 'taken'), ('new', 'answered'), ('new', 'withdrawn'),
            ('taken', 'new'), ('taken', 'waiting'), ('taken', 'proposed'), ('taken', 'answered'), ('taken', 'withdrawn'),
            ('waiting', 'new'), ('waiting', 'taken'), ('waiting', 'proposed'), ('waiting', 'answered'),
            ('waiting', 'withdrawn'),
            ('proposed', 'taken'), ('proposed', 'refused'), ('proposed', 'withdrawn')) THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a request goes from state to state as it is written, and stays where it ends'
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
ALTER TABLE subject_requests_requestclock ADD CONSTRAINT request_clock_is_of_the_requests_subject
    FOREIGN KEY (request_id, subject_id) REFERENCES subject_requests_request (id, subject_id);
ALTER TABLE subject_requests_correction ADD CONSTRAINT correction_is_of_the_requests_subject
    FOREIGN KEY (request_id, subject_id) REFERENCES subject_requests_request (id, subject_id);
"""

CLOCKS = """
CREATE FUNCTION subject_requests_guard_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.extended_at IS NULL AND EXISTS (
            SELECT FROM subject_requests_request r
            WHERE r.id = NEW.request_id AND r.state IN ('new', 'taken', 'waiting', 'proposed')) THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND (OLD.met_at IS NULL OR (OLD.how = 'dropped' AND NEW.met_at IS NULL))
          AND (NEW.id, NEW.request_id, NEW.subject_id, NEW.kind, NEW.rule, NEW.rule_since, NEW.article, NEW.started_at,
               NEW.extension)
            IS NOT DISTINCT FROM
              (OLD.id, OLD.request_id, OLD.subject_id, OLD.kind, OLD.rule, OLD.rule_since, OLD.article, OLD.started_at,
               OLD.extension)
    THEN
        IF NEW.extended_at IS NOT DISTINCT FROM OLD.extended_at THEN
            IF (NEW.extended_by, NEW.notice) IS NOT DISTINCT FROM (OLD.extended_by, OLD.notice)
               AND (OLD.provisional
                    OR (NEW.due_on, NEW.due_at, NEW.target_on) IS NOT DISTINCT FROM
                       (OLD.due_on, OLD.due_at, OLD.target_on)) THEN
                RETURN NEW;
            END IF;
        ELSIF OLD.extended_at IS NULL THEN
            IF OLD.extension > 0 AND NEW.extended_at <= OLD.due_at AND NEW.due_at > OLD.due_at AND EXISTS (
                SELECT FROM subject_requests_message m
                WHERE m.id = NEW.notice AND m.request_id = NEW.request_id AND m.kind = 'extension'
                  AND m.shown_at = NEW.extended_at) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a term is made longer once, before it ends, with a notice to the person'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'request_clock_extended_once_in_time';
        END IF;
    END IF;
    RAISE EXCEPTION 'a clock keeps the term it was started with'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'request_clock_keeps_its_term';
END $$;
CREATE TRIGGER request_clock_term BEFORE INSERT OR UPDATE OR DELETE ON subject_requests_requestclock
    FOR EACH ROW EXECUTE FUNCTION subject_requests_guard_clock();

-- What is due next: of the clocks that run, the one that ends first; when none does, the one that ended last.
CREATE FUNCTION subject_requests_keep_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE subject_requests_request r
    SET due_on = next.due_on, due_at = next.due_at, target_on = next.target_on, provisional = next.provisional
    FROM (
        SELECT c.due_on, c.due_at, c.target_on, c.provisional
        FROM subject_requests_requestclock c WHERE c.request_id = NEW.request_id
        ORDER BY (c.met_at IS NOT NULL), c.how = 'dropped', CASE WHEN c.met_at IS NULL THEN c.due_at END, c.due_at DESC, c.id LIMIT 1
    ) next
    WHERE r.id = NEW.request_id
      AND (r.due_on, r.due_at, r.target_on, r.provisional)
          IS DISTINCT FROM (next.due_on, next.due_at, next.target_on, next.provisional);
    RETURN NULL;
END $$;
CREATE TRIGGER request_clock_due AFTER INSERT OR UPDATE ON subject_requests_requestclock
    FOR EACH ROW EXECUTE FUNCTION subject_requests_keep_due();
"""

UNDO = """
DROP TRIGGER request_clock_due ON subject_requests_requestclock;
DROP FUNCTION subject_requests_keep_due();
DROP TRIGGER request_clock_term ON subject_requests_requestclock;
DROP FUNCTION subject_requests_guard_clock();
ALTER TABLE subject_requests_correction DROP CONSTRAINT correction_is_of_the_requests_subject;
ALTER TABLE subject_requests_requestclock DROP CONSTRAINT request_clock_is_of_the_requests_subject;
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
    operations: ClassVar[list[migrations.RunSQL]] = [migrations.RunSQL(COURSE + CLOCKS, UNDO)]
