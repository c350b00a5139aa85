"""Where a batch is kept while its transaction lasts. The application's own role may not make tables, temporary ones
included; this function makes this one and no other."""

from django.db import migrations

ROOM = """
CREATE FUNCTION public.retention_make_room() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_regclass('pg_temp.retention_leaving') IS NULL THEN
        CREATE TEMPORARY TABLE retention_leaving (
            place bigint, subject uuid, kind text, trigger text, receipt_digest bytea, started_at timestamptz,
            due_at timestamptz, late_at timestamptz, key_epoch smallint
        ) ON COMMIT DELETE ROWS;
        GRANT SELECT, INSERT ON pg_temp.retention_leaving TO portal_app;
    ELSE
        DELETE FROM pg_temp.retention_leaving;
    END IF;
END $$;
REVOKE ALL ON FUNCTION public.retention_make_room() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.retention_make_room() TO portal_app;
"""
UNDO = "DROP FUNCTION public.retention_make_room();"


class Migration(migrations.Migration):
    dependencies = [("retention", "0002_records_are_append_only")]
    operations = [migrations.RunSQL(ROOM, UNDO)]
