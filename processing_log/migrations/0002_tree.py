"""The Merkle tree over the events: leaves, tiles, checkpoints and keys."""

from django.db import migrations, models

TABLES = """
CREATE TABLE processing_log_leaf (
    index bigint NOT NULL,
    event_id bigint NOT NULL,
    event_at timestamptz NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (index, event_at),
    CONSTRAINT leaf_of_one_event UNIQUE (event_id, event_at)
) PARTITION BY RANGE (event_at);

-- Of a full tile the 16 hashes four levels up: a proof then folds 30 hashes of it and not 255.
CREATE FUNCTION processing_log_middle(hashes bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF length(hashes) <> 8192 THEN
        RETURN NULL;
    END IF;
    WHILE length(hashes) > 512 LOOP
        hashes := (SELECT string_agg(sha256('\\x01'::bytea || substr(hashes, 1 + 64 * n, 64)), '' ORDER BY n)
            FROM generate_series(0, length(hashes) / 64 - 1) n);
    END LOOP;
    RETURN hashes;
END $$;
CREATE TABLE processing_log_tile (
    level smallint NOT NULL,
    place bigint NOT NULL,
    hashes bytea NOT NULL,
    middle bytea GENERATED ALWAYS AS (processing_log_middle(hashes)) STORED,
    CONSTRAINT tile_holds_whole_hashes
        CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0 AND level >= 0 AND place >= 0),
    PRIMARY KEY (level, place)
);
ALTER TABLE processing_log_tile ALTER hashes SET STORAGE EXTERNAL, ALTER middle SET STORAGE PLAIN;

CREATE TABLE processing_log_treestate (
    id int PRIMARY KEY DEFAULT 1 CONSTRAINT sequence_is_one CHECK (id = 1),
    origin text NOT NULL DEFAULT '',
    size bigint NOT NULL DEFAULT 0,
    root bytea NOT NULL DEFAULT sha256(''),
    after_transaction xid8 NOT NULL DEFAULT '0',
    after_event bigint NOT NULL DEFAULT 0,
    cluster bigint NOT NULL DEFAULT 0,
    sequenced_at timestamptz,
    alarm text NOT NULL DEFAULT '',
    alarm_at timestamptz
);
INSERT INTO processing_log_treestate DEFAULT VALUES;

CREATE TABLE processing_log_checkpoint (
    size bigint PRIMARY KEY,
    root bytea NOT NULL,
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT portal_now(),
    CONSTRAINT checkpoint_has_a_root CHECK (length(root) = 32 AND size > 0)
);
CREATE INDEX checkpoint_by_time ON processing_log_checkpoint (signed_at);

CREATE TABLE processing_log_logkey (
    vkey text PRIMARY KEY,
    added_at timestamptz NOT NULL DEFAULT portal_now()
);

-- what is kept may grow and does nothing else
CREATE FUNCTION processing_log_refuse_to_shrink() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the tree of the log only grows' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER tile_only_grows BEFORE UPDATE ON processing_log_tile FOR EACH ROW WHEN (
    NEW.level <> OLD.level OR NEW.place <> OLD.place OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes
) EXECUTE FUNCTION processing_log_refuse_to_shrink();
CREATE TRIGGER sequence_only_grows BEFORE UPDATE ON processing_log_treestate FOR EACH ROW WHEN (
    NEW.size < OLD.size OR (OLD.origin <> '' AND NEW.origin <> OLD.origin)
) EXECUTE FUNCTION processing_log_refuse_to_shrink();
ALTER TABLE processing_log_tile ENABLE ALWAYS TRIGGER tile_only_grows;
ALTER TABLE processing_log_treestate ENABLE ALWAYS TRIGGER sequence_only_grows;
"""

APPEND_ONLY = """
CREATE TRIGGER {short}_append_only BEFORE {events} ON processing_log_{short}
    FOR EACH ROW EXECUTE FUNCTION processing_log_refuse();
CREATE TRIGGER {short}_no_truncate BEFORE TRUNCATE ON processing_log_{short}
    FOR EACH STATEMENT EXECUTE FUNCTION processing_log_refuse();
ALTER TABLE processing_log_{short} ENABLE ALWAYS TRIGGER {short}_append_only;
ALTER TABLE processing_log_{short} ENABLE ALWAYS TRIGGER {short}_no_truncate;
REVOKE ALL ON processing_log_{short} FROM portal_app;
GRANT SELECT, INSERT ON processing_log_{short} TO portal_app;
"""

RIGHTS = """
GRANT UPDATE (hashes) ON processing_log_tile TO portal_app;
GRANT UPDATE ON processing_log_treestate TO portal_app;
REVOKE INSERT ON processing_log_treestate FROM portal_app;
"""

PARTITIONS = """
CREATE OR REPLACE FUNCTION processing_log_make_partitions(first date, months int) RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    made int := 0;
    month date;
    name text;
    short text;
BEGIN
    IF months NOT BETWEEN 0 AND 1200 THEN
        RAISE EXCEPTION 'months out of range';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('processing_log_make_partitions'));
    FOR i IN 0..months LOOP
        month := (date_trunc('month', first) + make_interval(months => i))::date;
        FOREACH short IN ARRAY ARRAY['event', 'leaf'] LOOP
            name := format('processing_log_%s_%s', short, to_char(month, 'YYYY_MM'));
            CONTINUE WHEN to_regclass('public.' || name) IS NOT NULL;
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', name,
                'processing_log_' || short,
                month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I '
                'FOR EACH STATEMENT EXECUTE FUNCTION processing_log_refuse()', short || '_no_truncate', name);
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, short || '_no_truncate');
            EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER %I', name, short || '_append_only');
            EXECUTE format('REVOKE ALL ON %I FROM portal_app', name);
            made := made + (short = 'event')::int;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
SELECT processing_log_make_partitions((current_date - interval '1 month')::date, 4);
"""

DROP = """
DROP TABLE processing_log_leaf, processing_log_tile, processing_log_treestate, processing_log_checkpoint,
    processing_log_logkey;
DROP FUNCTION processing_log_refuse_to_shrink();
DROP FUNCTION processing_log_middle(bytea);
"""

SQL = (
    TABLES
    + "".join(
        APPEND_ONLY.format(short=short, events=events)
        for short, events in {
            "leaf": "UPDATE OR DELETE",
            "tile": "DELETE",
            "treestate": "DELETE",
            "checkpoint": "UPDATE OR DELETE",
            "logkey": "UPDATE OR DELETE",
        }.items()
    )
    + RIGHTS
    + PARTITIONS
)


class Migration(migrations.Migration):
    dependencies = [("processing_log", "0001_events")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SQL, DROP)],
            state_operations=[
                migrations.CreateModel(
                    name="Leaf",
                    fields=[
                        ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                        ("event_id", models.BigIntegerField()),
                        ("event_at", models.DateTimeField()),
                        ("data", models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name="TreeState",
                    fields=[
                        ("id", models.IntegerField(primary_key=True, serialize=False)),
                        ("origin", models.TextField()),
                        ("size", models.BigIntegerField()),
                        ("root", models.BinaryField()),
                        ("sequenced_at", models.DateTimeField(null=True)),
                        ("alarm", models.TextField()),
                        ("alarm_at", models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name="Checkpoint",
                    fields=[
                        ("size", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="entries")),
                        ("root", models.BinaryField(verbose_name="root")),
                        ("note", models.TextField(verbose_name="signed note")),
                        ("signed_at", models.DateTimeField(verbose_name="signed")),
                    ],
                    options={
                        "verbose_name": "checkpoint of the log",
                        "verbose_name_plural": "checkpoints of the log",
                    },
                ),
                migrations.CreateModel(
                    name="LogKey",
                    fields=[
                        ("vkey", models.TextField(primary_key=True, serialize=False)),
                        ("added_at", models.DateTimeField()),
                    ],
                ),
            ],
        )
    ]
