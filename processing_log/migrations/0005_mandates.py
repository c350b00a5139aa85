"""Who may audit, what of and how long: the rows, and the policies by which PostgreSQL narrows what an auditor reads."""

import datetime
import django.contrib.postgres.fields
import django.db.models.expressions
import uuid
from django.db import migrations, models

SQL = """
-- What was proposed is what the second person agrees to, and nothing else: a mandate is agreed to once and ended once.
CREATE FUNCTION processing_log_mandate_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.confirmed_at IS NOT NULL OR NEW.ended_at IS NOT NULL THEN
            RAISE EXCEPTION 'a mandate begins as a proposal' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a mandate stays' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF (NEW.id, NEW.auditor, NEW.events_since, NEW.operations, NEW.purposes, NEW.categories, NEW.begins_at, NEW.ends_at,
            NEW.proposed_by, NEW.proposed_at) IS DISTINCT FROM
        (OLD.id, OLD.auditor, OLD.events_since, OLD.operations, OLD.purposes, OLD.categories, OLD.begins_at,
            OLD.ends_at, OLD.proposed_by, OLD.proposed_at)
        OR NEW.events_until IS DISTINCT FROM OLD.events_until
        OR (OLD.confirmed_at IS NOT NULL AND
            (NEW.confirmed_at, NEW.confirmed_by) IS DISTINCT FROM (OLD.confirmed_at, OLD.confirmed_by))
        OR (OLD.ended_at IS NOT NULL AND
            ((NEW.ended_at, NEW.how) IS DISTINCT FROM (OLD.ended_at, OLD.how)
            OR (NEW.confirmed_at, NEW.confirmed_by) IS DISTINCT FROM (OLD.confirmed_at, OLD.confirmed_by)))
    THEN
        RAISE EXCEPTION 'a mandate is agreed to once and ended once' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER mandate_stands BEFORE INSERT OR UPDATE OR DELETE ON processing_log_mandate
    FOR EACH ROW EXECUTE FUNCTION processing_log_mandate_stands();
ALTER TABLE processing_log_mandate ENABLE ALWAYS TRIGGER mandate_stands;
REVOKE DELETE, TRUNCATE ON processing_log_mandate FROM portal_app;

-- The mandate in whose name this transaction reads, as long as it is in force.
CREATE FUNCTION processing_log_mandate_in_force() RETURNS processing_log_mandate
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m FROM processing_log_mandate m
    WHERE m.id = NULLIF(current_setting('portal.mandate', true), '')::uuid
        AND m.confirmed_at IS NOT NULL AND m.ended_at IS NULL
        AND m.begins_at <= portal_now() AND m.ends_at > portal_now()
$$;

ALTER TABLE processing_log_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE processing_log_leaf ENABLE ROW LEVEL SECURITY;
CREATE POLICY event_of_the_portal ON processing_log_event TO portal_app USING (true) WITH CHECK (true);
CREATE POLICY leaf_of_the_portal ON processing_log_leaf TO portal_app USING (true) WITH CHECK (true);
-- Sub-selects without a column of the row are asked once a statement; for each row there are left two comparisons of
-- moments and a look at a boolean for each limit that the mandate does not have. As a CASE they say nothing to the
-- planner: of bare conditions it expects one row in thousands to be left, and then reads and sorts a whole period for a
-- page of it. The question repeats the period by itself, for the index and the partitions.
CREATE POLICY event_within_a_mandate ON processing_log_event FOR SELECT TO portal_auditor USING (CASE WHEN
    at >= (SELECT m.events_since FROM processing_log_mandate_in_force() m)
    AND at < (SELECT COALESCE(m.events_until, 'infinity') FROM processing_log_mandate_in_force() m
        WHERE m.id IS NOT NULL)
    AND ((SELECT m.operations = '{}' FROM processing_log_mandate_in_force() m)
        OR operation = ANY ((SELECT m.operations FROM processing_log_mandate_in_force() m)::text[]))
    AND ((SELECT m.purposes = '{}' FROM processing_log_mandate_in_force() m)
        OR purpose = ANY ((SELECT m.purposes FROM processing_log_mandate_in_force() m)::text[]))
    AND ((SELECT m.categories = '{}' FROM processing_log_mandate_in_force() m)
        OR categories && (SELECT m.categories FROM processing_log_mandate_in_force() m))
    THEN true ELSE false END
);
-- The moment of its event, and the event itself only for a mandate with more limits: one look-up for each leaf, never a
-- list of all events.
CREATE POLICY leaf_within_a_mandate ON processing_log_leaf FOR SELECT TO portal_auditor USING (CASE WHEN
    event_at >= (SELECT m.events_since FROM processing_log_mandate_in_force() m)
    AND event_at < (SELECT COALESCE(m.events_until, 'infinity') FROM processing_log_mandate_in_force() m
        WHERE m.id IS NOT NULL)
    AND ((SELECT m.operations = '{}' AND m.purposes = '{}' AND m.categories = '{}'
            FROM processing_log_mandate_in_force() m)
        OR (SELECT true FROM processing_log_event e WHERE e.id = event_id AND e.at = event_at))
    THEN true ELSE false END
);
GRANT SELECT ON processing_log_event, processing_log_leaf TO portal_auditor;

-- What people of the operator opened: few among many.
CREATE INDEX event_opened_by_people ON processing_log_event (at, id)
    WHERE operation = 'extract' AND actor_kind IN ('staff', 'officer', 'admin');
"""

DROP = """
DROP INDEX event_opened_by_people;
DROP POLICY event_within_a_mandate ON processing_log_event;
DROP POLICY leaf_within_a_mandate ON processing_log_leaf;
DROP POLICY event_of_the_portal ON processing_log_event;
DROP POLICY leaf_of_the_portal ON processing_log_leaf;
ALTER TABLE processing_log_event DISABLE ROW LEVEL SECURITY;
ALTER TABLE processing_log_leaf DISABLE ROW LEVEL SECURITY;
REVOKE SELECT ON processing_log_event, processing_log_leaf FROM portal_auditor;
DROP FUNCTION processing_log_mandate_in_force();
DROP TRIGGER mandate_stands ON processing_log_mandate;
DROP FUNCTION processing_log_mandate_stands();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('processing_log', '0004_months_past_their_term'),
    ]

    operations = [
        migrations.AddField(
            model_name='logexport',
            name='mandate',
            field=models.UUIDField(null=True),
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('auditor', models.UUIDField(verbose_name='auditor')),
                ('events_since', models.DateTimeField(verbose_name='events from')),
                ('events_until', models.DateTimeField(blank=True, null=True, verbose_name='events until')),
                ('operations', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None, verbose_name='operations')),
                ('purposes', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None, verbose_name='purposes')),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), blank=True, default=list, size=None, verbose_name='categories')),
                ('begins_at', models.DateTimeField(verbose_name='audits from')),
                ('ends_at', models.DateTimeField(verbose_name='audits until')),
                ('proposed_by', models.UUIDField(verbose_name='proposed by')),
                ('proposed_at', models.DateTimeField(verbose_name='proposed')),
                ('confirmed_by', models.UUIDField(blank=True, null=True, verbose_name='agreed by')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='agreed')),
                ('ended_by', models.UUIDField(blank=True, null=True, verbose_name='ended by')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='ended')),
                ('how', models.TextField(blank=True, choices=[('', 'not ended'), ('over', 'its time is over'), ('early', 'ended early'), ('refused', 'refused by the second person'), ('lapsed', 'nobody agreed within a day')], default='', verbose_name='how it ended')),
                ('mailed_size', models.BigIntegerField(default=0)),
                ('mailed_at', models.DateTimeField(blank=True, null=True, verbose_name='a checkpoint was mailed')),
            ],
            options={
                'verbose_name': 'auditor’s mandate',
                'verbose_name_plural': 'auditors’ mandates',
                'indexes': [models.Index(fields=['-proposed_at'], name='mandate_by_proposal')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('auditor',), name='mandate_one_an_auditor'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('confirmed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='mandate_needs_two_people'), models.CheckConstraint(condition=models.Q(('confirmed_at', None), models.Q(('confirmed_at__gte', models.F('proposed_at')), ('confirmed_at__lt', django.db.models.expressions.CombinedExpression(models.F('proposed_at'), '+', models.Value(datetime.timedelta(days=1))))), _connector='OR'), name='mandate_agreed_within_a_day'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('begins_at'))), name='mandate_lasts_a_while'), models.CheckConstraint(condition=models.Q(('events_until', None), ('events_until__gt', models.F('events_since')), _connector='OR'), name='mandate_shows_a_period'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('how', '')), models.Q(('ended_at__isnull', False), models.Q(('how', ''), _negated=True)), _connector='OR'), name='mandate_says_how_it_ended')],
            },
        ),
            migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(SQL, DROP)],
            state_operations=[
                migrations.AddIndex(
                    model_name="event",
                    index=models.Index(
                        fields=["at", "id"],
                        condition=models.Q(actor_kind__in=["staff", "officer", "admin"], operation="extract"),
                        name="event_opened_by_people",
                    ),
                ),
            ],
        ),
    ]
