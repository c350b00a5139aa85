"""What PostgreSQL itself holds, whoever connects: what is written down stays as it is until its term is over."""

from typing import Final

INSTALL: Final = """
CREATE FUNCTION cookies_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION cookies_refuse_before_the_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.ends_at > portal_now() THEN
        RAISE EXCEPTION '% is kept until its term is over: % refused', TG_TABLE_NAME, TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cookies_shown
    FOR EACH ROW EXECUTE FUNCTION cookies_refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON cookies_shown
    FOR EACH STATEMENT EXECUTE FUNCTION cookies_refuse();
CREATE TRIGGER no_update BEFORE UPDATE ON cookies_cookiechoice
    FOR EACH ROW EXECUTE FUNCTION cookies_refuse();
CREATE TRIGGER kept_until_its_term BEFORE DELETE ON cookies_cookiechoice
    FOR EACH ROW EXECUTE FUNCTION cookies_refuse_before_the_term();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON cookies_cookiechoice
    FOR EACH STATEMENT EXECUTE FUNCTION cookies_refuse();
ALTER TABLE cookies_shown ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE cookies_shown ENABLE ALWAYS TRIGGER no_truncate;
ALTER TABLE cookies_cookiechoice ENABLE ALWAYS TRIGGER no_update;
ALTER TABLE cookies_cookiechoice ENABLE ALWAYS TRIGGER kept_until_its_term;
ALTER TABLE cookies_cookiechoice ENABLE ALWAYS TRIGGER no_truncate;
"""

REMOVE: Final = """
DROP TRIGGER append_only ON cookies_shown;
DROP TRIGGER no_truncate ON cookies_shown;
DROP TRIGGER no_update ON cookies_cookiechoice;
DROP TRIGGER kept_until_its_term ON cookies_cookiechoice;
DROP TRIGGER no_truncate ON cookies_cookiechoice;
DROP FUNCTION cookies_refuse();
DROP FUNCTION cookies_refuse_before_the_term();
"""
