"""The proof of a destruction is kept for three years (Order 179, item 8) and then destroyed itself: by this function and in
no other way. The application may call it and still has no right to delete a record."""

from django.db import migrations

RULES = """
CREATE OR REPLACE FUNCTION retention_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.destroyed_at + interval '36 months 1 day' < public.portal_now() THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'a record of destruction is never changed: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE FUNCTION public.retention_forget_old_proof(batch int) RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    WITH old AS (
        SELECT id FROM public.retention_destruction
        WHERE destroyed_at < public.portal_now() - interval '36 months 2 days' ORDER BY destroyed_at LIMIT batch
    ), gone AS (DELETE FROM public.retention_destruction d USING old WHERE d.id = old.id RETURNING 1)
    SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION public.retention_forget_old_proof(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.retention_forget_old_proof(int) TO portal_app;
"""
UNDO = """
DROP FUNCTION public.retention_forget_old_proof(int);
CREATE OR REPLACE FUNCTION retention_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a record of destruction is never changed: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("retention", "0005_nobody_who_is_held_is_destroyed")]
    operations = [migrations.RunSQL(RULES, UNDO)]
