"""The rules of the ledger that PostgreSQL itself holds, whoever connects."""

from typing import Final

APPEND_ONLY: Final = (
    "consent_policyversion",
    "consent_consenttextversion",
    "consent_acknowledgement",
    "consent_ledgerentry",
)
#: Also append-only; what else is asked of these is in proof_triggers.
PROOF: Final = (
    "consent_screen",
    "consent_served",
    "consent_awaited",
    "consent_awaitedstep",
    "consent_disseminationchoice",
)

_REFUSE: Final = """
CREATE FUNCTION consent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
"""

ON_TABLE: Final = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION consent_refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER no_truncate;
"""

_TURNS: Final = """
CREATE FUNCTION consent_take_turns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    person vault.personal_data_subject;
    turns int;
BEGIN
    SELECT * INTO person FROM vault.personal_data_subject WHERE id = NEW.subject_id FOR NO KEY UPDATE;
    SELECT count(*) INTO turns FROM consent_ledgerentry
        WHERE subject_id = NEW.subject_id AND purpose = NEW.purpose;
    IF NEW.turn <> turns + 1 THEN
        RAISE EXCEPTION 'turn % of the consent ledger is not the next one', NEW.turn
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_turns_have_no_gaps';
    END IF;
    IF NEW.kind = 'given' AND (person.blocked_at IS NOT NULL OR person.destroyed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'nothing can be consented to for a person who is blocked or destroyed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_given_by_the_living';
    END IF;
    IF NOT EXISTS (SELECT FROM consent_consenttextversion t WHERE t.id = NEW.text_id AND t.purpose = NEW.purpose
        AND NEW.sha256 = CASE NEW.language WHEN 'en' THEN t.sha256_en ELSE t.sha256 END) THEN
        RAISE EXCEPTION 'the text of a consent is not the one of its purpose, language and hash'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_has_the_text_shown';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER take_turns BEFORE INSERT ON consent_ledgerentry FOR EACH ROW EXECUTE FUNCTION consent_take_turns();
ALTER TABLE consent_ledgerentry ENABLE ALWAYS TRIGGER take_turns;
"""

INSTALL: Final = _REFUSE + "".join(ON_TABLE.format(table=table) for table in APPEND_ONLY) + _TURNS

REMOVE: Final = (
    "DROP TRIGGER take_turns ON consent_ledgerentry;\n"
    + "".join(f"DROP TRIGGER append_only ON {t}; DROP TRIGGER no_truncate ON {t};\n" for t in APPEND_ONLY)
    + "DROP FUNCTION consent_take_turns(); DROP FUNCTION consent_refuse();"
)
