"""Months of the log whose term is over leave as whole partitions: by this function and in no other way. The tiles stay, so
every later proof still holds; what is left is what `processing_log_removedmonth` says."""

from django.db import migrations, models

# The floor is the law's: an extract of the log is kept for three years after a destruction (Order 179, item 8). A profile
# may keep the log longer. A month goes only when it was announced by an event that stands under a signature, so that
# whoever takes everything out finds in it why the beginning is missing.
SQL = """
CREATE TABLE processing_log_removedmonth (
    month date PRIMARY KEY CONSTRAINT removedmonth_is_a_month CHECK (extract(day FROM month) = 1),
    entries bigint NOT NULL,
    before bigint NOT NULL,
    removed_at timestamptz NOT NULL DEFAULT portal_now(),
    CONSTRAINT removedmonth_counts CHECK (entries >= 0 AND before >= entries)
);
CREATE TRIGGER removedmonth_append_only BEFORE UPDATE OR DELETE ON processing_log_removedmonth
    FOR EACH ROW EXECUTE FUNCTION processing_log_refuse();
CREATE TRIGGER removedmonth_no_truncate BEFORE TRUNCATE ON processing_log_removedmonth
    FOR EACH STATEMENT EXECUTE FUNCTION processing_log_refuse();
ALTER TABLE processing_log_removedmonth ENABLE ALWAYS TRIGGER removedmonth_append_only;
ALTER TABLE processing_log_removedmonth ENABLE ALWAYS TRIGGER removedmonth_no_truncate;
REVOKE ALL ON processing_log_removedmonth FROM portal_app;
GRANT SELECT ON processing_log_removedmonth TO portal_app;

CREATE FUNCTION processing_log_remove_month(gone date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    month date := date_trunc('month', gone)::date;
    suffix text := to_char(month, 'YYYY_MM');
    signed bigint;
    events bigint;
    leaves bigint;
    last bigint;
    until bigint;
BEGIN
    IF (month + interval '37 months')::timestamp AT TIME ZONE 'UTC' > portal_now() THEN
        RAISE EXCEPTION 'this month of the log is within its term' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- whoever takes the log out holds this table, see packages.py
    LOCK TABLE processing_log_removedmonth IN ACCESS EXCLUSIVE MODE;
    PERFORM pg_advisory_xact_lock(1099232);
    IF suffix <> (SELECT min(right(inhrelid::regclass::text, 7)) FROM pg_inherits
                  WHERE inhparent = 'processing_log_event'::regclass) THEN
        RAISE EXCEPTION 'the oldest month goes first' USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('SELECT count(*) FROM %I', 'processing_log_event_' || suffix) INTO events;
    EXECUTE format('SELECT count(*), max(index) FROM %I', 'processing_log_leaf_' || suffix) INTO leaves, last;
    SELECT coalesce(max(size), 0) FROM processing_log_checkpoint INTO signed;
    SELECT greatest(coalesce(last + 1, 0), coalesce(max(r.before), 0)) FROM processing_log_removedmonth r INTO until;
    IF events <> leaves OR until > signed THEN
        RAISE EXCEPTION 'not all of this month is in the tree and signed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (SELECT sum(length(hashes)) FROM processing_log_tile WHERE level = 0) / 32
        IS DISTINCT FROM (SELECT size FROM processing_log_treestate) THEN
        RAISE EXCEPTION 'hashes of the tree are missing' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (SELECT FROM processing_log_event e JOIN processing_log_leaf l ON l.event_id = e.id AND l.event_at = e.at
                   WHERE e.fact = 'log_past_term' AND e.reason = to_char(month, 'YYYY-MM') || ' ' || until
                   AND e.at > portal_now() - interval '31 days' AND l.index < signed) THEN
        RAISE EXCEPTION 'no signed event says that this month is removed' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO processing_log_removedmonth (month, entries, before) VALUES (month, leaves, until);
    EXECUTE format('DROP TABLE %I, %I', 'processing_log_event_' || suffix, 'processing_log_leaf_' || suffix);
    RETURN until;
END $$;
REVOKE ALL ON FUNCTION processing_log_remove_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION processing_log_remove_month(date) TO portal_app;
"""
UNDO = """
DROP FUNCTION processing_log_remove_month(date);
DROP TABLE processing_log_removedmonth;
"""


class Migration(migrations.Migration):
    dependencies = [("processing_log", "0003_exports_and_witnesses")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SQL, UNDO)],
            state_operations=[
                migrations.CreateModel(
                    name="RemovedMonth",
                    fields=[
                        ("month", models.DateField(primary_key=True, serialize=False)),
                        ("entries", models.BigIntegerField()),
                        ("before", models.BigIntegerField()),
                        ("removed_at", models.DateTimeField()),
                    ],
                ),
            ],
        )
    ]
