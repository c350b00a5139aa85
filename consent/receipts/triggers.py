"""What PostgreSQL asks of receipts, whoever connects: nothing changes, and terms have the hash of their words."""

from typing import Final

from consent.triggers import ON_TABLE

RECEIPTS: Final = ("consent_receiptterms", "consent_receipt")

INSTALL: Final = (
    "".join(ON_TABLE.format(table=table) for table in RECEIPTS)
    + """
ALTER TABLE consent_receiptterms ADD CONSTRAINT receipt_terms_hash_is_of_their_words
    CHECK (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex'));
CREATE FUNCTION consent_receipt_is_owners() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM consent_ledgerentry e WHERE e.id = NEW.entry_id AND e.subject_id = NEW.subject_id) THEN
        RAISE EXCEPTION 'the receipt of a consent is of the person who gave it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'receipt_is_its_owners';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER is_owners BEFORE INSERT ON consent_receipt FOR EACH ROW EXECUTE FUNCTION consent_receipt_is_owners();
ALTER TABLE consent_receipt ENABLE ALWAYS TRIGGER is_owners;
"""
)

REMOVE: Final = (
    "".join(f"DROP TRIGGER append_only ON {t}; DROP TRIGGER no_truncate ON {t};\n" for t in RECEIPTS)
    + """
ALTER TABLE consent_receiptterms DROP CONSTRAINT receipt_terms_hash_is_of_their_words;
DROP TRIGGER is_owners ON consent_receipt; DROP FUNCTION consent_receipt_is_owners();
"""
)
