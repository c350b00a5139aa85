"""The rules of the suppression list that PostgreSQL itself holds, whoever connects."""

from typing import Final

INSTALL: Final = """
CREATE FUNCTION consent_suppression_turns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    turns int;
    last_kind text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(NEW.address_digest, 'hex'), 0));
    SELECT count(*) INTO turns FROM consent_suppression WHERE address_digest = NEW.address_digest;
    IF NEW.turn <> turns + 1 THEN
        RAISE EXCEPTION 'turn % of a suppressed address is not the next one', NEW.turn
            USING ERRCODE = 'check_violation', CONSTRAINT = 'suppression_turns_have_no_gaps';
    END IF;
    SELECT kind INTO last_kind FROM consent_suppression
        WHERE address_digest = NEW.address_digest AND scope IN ('*', NEW.scope) ORDER BY turn DESC LIMIT 1;
    IF NEW.kind = 'lifted' AND last_kind IS DISTINCT FROM 'suppressed' THEN
        RAISE EXCEPTION 'nothing is suppressed that could be lifted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'suppression_lifts_what_is_suppressed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER take_turns BEFORE INSERT ON consent_suppression
    FOR EACH ROW EXECUTE FUNCTION consent_suppression_turns();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON consent_suppression
    FOR EACH ROW EXECUTE FUNCTION consent_refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON consent_suppression
    FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse();
ALTER TABLE consent_suppression ENABLE ALWAYS TRIGGER take_turns;
ALTER TABLE consent_suppression ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE consent_suppression ENABLE ALWAYS TRIGGER no_truncate;
"""

REMOVE: Final = """
DROP TRIGGER take_turns ON consent_suppression;
DROP TRIGGER append_only ON consent_suppression;
DROP TRIGGER no_truncate ON consent_suppression;
DROP FUNCTION consent_suppression_turns();
"""
