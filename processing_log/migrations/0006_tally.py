"""Counts of the log by day, for the auditor's charts."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('processing_log', '0005_mandates'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('operation', models.TextField()),
                ('fact', models.TextField()),
                ('purpose', models.TextField()),
                ('actor_kind', models.TextField()),
                ('actor_id', models.TextField()),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('number', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'operation', 'fact', 'purpose', 'actor_kind', 'actor_id', 'categories'), name='tally_once')],
            },
        ),
        migrations.CreateModel(
            name='TallyState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('up_to', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='tally_state_is_one')],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO processing_log_tallystate (id, up_to) VALUES (1, 0);"
            "REVOKE INSERT, DELETE ON processing_log_tallystate FROM portal_app",
            migrations.RunSQL.noop,
        ),
    ]
