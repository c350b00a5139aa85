"""Whoever withdraws a consent or suppresses an address owes the ledger a line, whichever way the row came."""

from typing import Final

INSTALL: Final = """
CREATE FUNCTION consent_owe_a_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'consent_ledgerentry' THEN
        INSERT INTO consent_wishdebt (entry) VALUES (NEW.id);
    ELSE
        INSERT INTO consent_wishdebt (suppression) VALUES (NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER owe_a_line AFTER INSERT ON consent_ledgerentry
    FOR EACH ROW WHEN (NEW.kind = 'withdrawn') EXECUTE FUNCTION consent_owe_a_line();
CREATE TRIGGER owe_a_line AFTER INSERT ON consent_suppression
    FOR EACH ROW WHEN (NEW.kind = 'suppressed') EXECUTE FUNCTION consent_owe_a_line();
ALTER TABLE consent_ledgerentry ENABLE ALWAYS TRIGGER owe_a_line;
ALTER TABLE consent_suppression ENABLE ALWAYS TRIGGER owe_a_line;
"""

REMOVE: Final = """
DROP TRIGGER owe_a_line ON consent_ledgerentry;
DROP TRIGGER owe_a_line ON consent_suppression;
DROP FUNCTION consent_owe_a_line();
"""
