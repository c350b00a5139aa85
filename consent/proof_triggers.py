"""What PostgreSQL asks of the proof of a consent, whoever connects: shown before given, confirmed where that is
needed, looked at by two people where it came on paper, and of a kind whose text says all that it must."""

from typing import Final

from consent.triggers import ON_TABLE, PROOF
from profiles.consent_sections import ALWAYS, FOR_DISSEMINATION, IN_WRITING

_SCREENS: Final = """
ALTER TABLE consent_screen ADD CONSTRAINT screen_hash_is_of_its_words
    CHECK (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex'));
"""

_TEXTS: Final = """
CREATE FUNCTION consent_text_says_all() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    needed text[] := ARRAY[{always}];
    lacking text;
BEGIN
    IF NEW.form = 'written' THEN needed := needed || ARRAY[{in_writing}]; END IF;
    IF NEW.dissemination THEN needed := needed || ARRAY[{for_dissemination}]; END IF;
    SELECT l || ' ' || c INTO lacking FROM unnest(ARRAY['ru', 'en']) l, unnest(needed) c
        WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(NEW.content -> l -> 'sections') s WHERE s ->> 'code' = c)
        LIMIT 1;
    IF lacking IS NOT NULL THEN
        RAISE EXCEPTION 'the text of a consent lacks the section %', lacking
            USING ERRCODE = 'check_violation', CONSTRAINT = 'consent_text_says_all';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER says_all BEFORE INSERT ON consent_consenttextversion
    FOR EACH ROW EXECUTE FUNCTION consent_text_says_all();
ALTER TABLE consent_consenttextversion ENABLE ALWAYS TRIGGER says_all;
"""


def _codes(codes: tuple[str, ...]) -> str:
    return ", ".join(f"'{code}'" for code in codes)


_SHOWN: Final = """
CREATE FUNCTION consent_ensure_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM consent_consenttextversion t WHERE t.id = NEW.text_id
        AND NEW.sha256 = CASE NEW.language WHEN 'en' THEN t.sha256_en ELSE t.sha256 END) THEN
        RAISE EXCEPTION 'the text is not the one of its language and hash'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_has_the_text';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER has_the_text BEFORE INSERT ON consent_served FOR EACH ROW EXECUTE FUNCTION consent_ensure_text();
CREATE TRIGGER has_the_text BEFORE INSERT ON consent_paperconsent FOR EACH ROW EXECUTE FUNCTION consent_ensure_text();
ALTER TABLE consent_served ENABLE ALWAYS TRIGGER has_the_text;
ALTER TABLE consent_paperconsent ENABLE ALWAYS TRIGGER has_the_text;

CREATE FUNCTION consent_ensure_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM consent_served s JOIN consent_consenttextversion t ON t.id = s.text_id
        WHERE s.id = NEW.served_id AND s.subject_id = NEW.subject_id AND t.purpose = NEW.purpose
        AND t.confirmation = 'email' AND t.form = 'click' AND NEW.at >= s.at AND NEW.at < s.expires_at) THEN
        RAISE EXCEPTION 'nothing was shown to this person that a mail could confirm'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'awaited_was_shown';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER was_shown BEFORE INSERT ON consent_awaited FOR EACH ROW EXECUTE FUNCTION consent_ensure_asked();
ALTER TABLE consent_awaited ENABLE ALWAYS TRIGGER was_shown;
"""

_GIVEN: Final = """
CREATE FUNCTION consent_ensure_proof() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    agreed consent_consenttextversion;
    is_proven boolean;
BEGIN
    IF NEW.kind <> 'given' THEN RETURN NEW; END IF;
    SELECT * INTO agreed FROM consent_consenttextversion WHERE id = NEW.text_id;
    is_proven := CASE NEW.channel
        WHEN 'portal' THEN agreed.form = 'click' AND agreed.confirmation = 'none' AND EXISTS (
            SELECT FROM consent_served s WHERE s.id = NEW.served_id AND s.subject_id = NEW.subject_id
            AND s.text_id = NEW.text_id AND s.language = NEW.language AND NEW.at >= s.at AND NEW.at < s.expires_at)
        WHEN 'mail_link' THEN agreed.form = 'click' AND agreed.confirmation = 'email' AND EXISTS (
            SELECT FROM consent_awaited a JOIN consent_served s ON s.id = a.served_id
            WHERE a.id = NEW.awaited_id AND a.served_id = NEW.served_id AND a.subject_id = NEW.subject_id
            AND a.purpose = NEW.purpose AND s.text_id = NEW.text_id AND s.language = NEW.language
            AND NEW.at >= a.at AND NEW.at < a.expires_at
            AND NOT EXISTS (SELECT FROM consent_awaitedstep d WHERE d.awaited_id = a.id AND d.kind = 'declined'))
        ELSE EXISTS (
            SELECT FROM consent_paperconsent p WHERE p.id = NEW.paper_id AND p.subject_id = NEW.subject_id
            AND p.purpose = NEW.purpose AND p.text_id = NEW.text_id AND p.language = NEW.language
            AND p.way = NEW.channel AND p.given_by = NEW.given_by AND p.state = 'confirmed'
            AND (p.way = 'paper'
                OR (agreed.form = 'click' AND agreed.confirmation = 'none' AND NOT agreed.dissemination)))
        END;
    IF NOT is_proven THEN
        RAISE EXCEPTION 'nothing proves this consent' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ledger_entry_is_proven';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER was_proven AFTER INSERT ON consent_ledgerentry FOR EACH ROW EXECUTE FUNCTION consent_ensure_proof();
ALTER TABLE consent_ledgerentry ENABLE ALWAYS TRIGGER was_proven;
"""

_GUARD: Final = """
CREATE FUNCTION consent_guard_paper() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided text[] := ARRAY['state', 'decided_by', 'decided_at', 'refusal'];
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state = 'waiting' THEN RETURN NEW; END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'waiting' AND NEW.state <> 'waiting'
        AND to_jsonb(OLD) - decided = to_jsonb(NEW) - decided THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a consent on paper waits, and is decided once: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER guard BEFORE INSERT OR UPDATE OR DELETE ON consent_paperconsent
    FOR EACH ROW EXECUTE FUNCTION consent_guard_paper();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON consent_paperconsent
    FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse();

CREATE FUNCTION consent_guard_term() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    met text[] := ARRAY['met_at', 'how', 'met_by'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.met_at IS NULL AND NEW.met_at IS NOT NULL
        AND to_jsonb(OLD) - met = to_jsonb(NEW) - met THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'a term is met once, and nothing else of it changes: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON consent_term FOR EACH ROW EXECUTE FUNCTION consent_guard_term();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON consent_term FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse();
ALTER TABLE consent_paperconsent ENABLE ALWAYS TRIGGER guard;
ALTER TABLE consent_paperconsent ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE consent_term ENABLE ALWAYS TRIGGER guard;
ALTER TABLE consent_term ENABLE ALWAYS TRIGGER no_truncate;
"""

INSTALL: Final = (
    "".join(ON_TABLE.format(table=table) for table in PROOF)
    + _SCREENS
    + _TEXTS.format(always=_codes(ALWAYS), in_writing=_codes(IN_WRITING), for_dissemination=_codes(FOR_DISSEMINATION))
    + _SHOWN
    + _GIVEN
    + _GUARD
)

REMOVE: Final = (
    "".join(f"DROP TRIGGER append_only ON {t}; DROP TRIGGER no_truncate ON {t};\n" for t in PROOF)
    + """
ALTER TABLE consent_screen DROP CONSTRAINT screen_hash_is_of_its_words;
DROP TRIGGER says_all ON consent_consenttextversion; DROP FUNCTION consent_text_says_all();
DROP TRIGGER has_the_text ON consent_served; DROP TRIGGER has_the_text ON consent_paperconsent;
DROP FUNCTION consent_ensure_text();
DROP TRIGGER was_shown ON consent_awaited; DROP FUNCTION consent_ensure_asked();
DROP TRIGGER was_proven ON consent_ledgerentry; DROP FUNCTION consent_ensure_proof();
DROP TRIGGER guard ON consent_paperconsent; DROP TRIGGER no_truncate ON consent_paperconsent;
DROP FUNCTION consent_guard_paper();
DROP TRIGGER guard ON consent_term; DROP TRIGGER no_truncate ON consent_term; DROP FUNCTION consent_guard_term();
"""
)
