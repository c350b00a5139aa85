"""The rules of versions and drafts that PostgreSQL itself holds, whoever connects."""

from typing import Final

_NUMBERS: Final = """
CREATE FUNCTION consent_number_policies() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest consent_policyversion;
BEGIN
    SELECT * INTO newest FROM consent_policyversion ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(newest.number, 0) + 1 THEN
        RAISE EXCEPTION 'version % of the policy is not the next one', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_versions_have_no_gaps';
    END IF;
    IF NEW.effective_on < newest.effective_on THEN
        RAISE EXCEPTION 'a version of the policy cannot be in force before the one it follows'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policy_versions_follow_each_other';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER numbered BEFORE INSERT ON consent_policyversion FOR EACH ROW EXECUTE FUNCTION consent_number_policies();
ALTER TABLE consent_policyversion ENABLE ALWAYS TRIGGER numbered;
"""

_APPROVED: Final = """
CREATE FUNCTION consent_only_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.draft_id IS NOT NULL AND NOT EXISTS (SELECT FROM consent_draft d WHERE d.id = NEW.draft_id
        AND d.state = 'published' AND d.approver IS NOT NULL AND d.approver <> d.author) THEN
        RAISE EXCEPTION 'a draft that nobody else has approved cannot be published'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_is_of_an_approved_draft';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approved BEFORE INSERT ON consent_policyversion FOR EACH ROW EXECUTE FUNCTION consent_only_approved();
CREATE TRIGGER approved BEFORE INSERT ON consent_consenttextversion
    FOR EACH ROW EXECUTE FUNCTION consent_only_approved();
ALTER TABLE consent_policyversion ENABLE ALWAYS TRIGGER approved;
ALTER TABLE consent_consenttextversion ENABLE ALWAYS TRIGGER approved;
"""

_DRAFTS: Final = """
CREATE FUNCTION consent_hold_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state IN ('published', 'dropped') THEN
        RAISE EXCEPTION 'a draft is kept, and a closed one stays as it is: % refused', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.id, NEW.author, NEW.document, NEW.number, NEW.begun_at)
        IS DISTINCT FROM (OLD.id, OLD.author, OLD.document, OLD.number, OLD.begun_at) THEN
        RAISE EXCEPTION 'a draft keeps its author, document and number'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_keeps_its_author';
    END IF;
    IF (NEW.text_ru, NEW.text_en, NEW.effective_on) IS DISTINCT FROM (OLD.text_ru, OLD.text_en, OLD.effective_on)
        AND (OLD.state, NEW.state) <> ('written', 'written') THEN
        RAISE EXCEPTION 'a draft that was handed over is not changed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_handed_over_stays';
    END IF;
    IF NEW.state = 'published' AND OLD.state <> 'submitted' THEN
        RAISE EXCEPTION 'only a draft that was handed over can be published'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_is_handed_over_first';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION consent_begin_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'written' THEN
        RAISE EXCEPTION 'a draft begins by being written'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'draft_begins_by_being_written';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER held BEFORE UPDATE OR DELETE ON consent_draft FOR EACH ROW EXECUTE FUNCTION consent_hold_draft();
CREATE TRIGGER begun BEFORE INSERT ON consent_draft FOR EACH ROW EXECUTE FUNCTION consent_begin_draft();
ALTER TABLE consent_draft ENABLE ALWAYS TRIGGER held;
ALTER TABLE consent_draft ENABLE ALWAYS TRIGGER begun;
"""

INSTALL: Final = _NUMBERS + _APPROVED + _DRAFTS

REMOVE: Final = """
DROP TRIGGER begun ON consent_draft; DROP TRIGGER held ON consent_draft;
DROP TRIGGER approved ON consent_consenttextversion; DROP TRIGGER approved ON consent_policyversion;
DROP TRIGGER numbered ON consent_policyversion;
DROP FUNCTION consent_begin_draft(); DROP FUNCTION consent_hold_draft();
DROP FUNCTION consent_only_approved(); DROP FUNCTION consent_number_policies();
"""
