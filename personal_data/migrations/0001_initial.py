"""Subjects and key epochs, in a schema of their own: logical backups keep data and keys in separate files."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.db import migrations, models


TO_VAULT = """
CREATE SCHEMA IF NOT EXISTS vault;
ALTER TABLE personal_data_keyepoch SET SCHEMA vault;
ALTER TABLE personal_data_subject SET SCHEMA vault;
"""
FROM_VAULT = """
ALTER TABLE personal_data_subject SET SCHEMA public;
ALTER TABLE personal_data_keyepoch SET SCHEMA public;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="KeyEpoch",
            fields=[
                ("number", models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name="number")),
                ("keyring_id", models.UUIDField()),
                ("canary", models.BinaryField()),
                ("opened_at", models.DateTimeField(verbose_name="opened on")),
                ("retired_at", models.DateTimeField(null=True, verbose_name="nobody’s key depends on it")),
                ("destroyed_at", models.DateTimeField(null=True, verbose_name="key destroyed")),
            ],
            options={
                "verbose_name": "epoch of the keys",
                "verbose_name_plural": "epochs of the keys",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("destroyed_at", None), ("retired_at__isnull", False), _connector="OR"),
                        name="key_epoch_retired_before_destroyed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Subject",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.TextField(choices=[("user", "User"), ("staff", "Staff"), ("guest", "Guest")])),
                ("wrapped_key", models.BinaryField(null=True)),
                ("key_number", models.PositiveSmallIntegerField(default=1)),
                ("rekeyed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "open_purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("blocked_at", models.DateTimeField(blank=True, null=True)),
                ("destroyed_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "epoch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subjects",
                        to="personal_data.keyepoch",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("destroyed_at", None)), fields=["epoch", "id"], name="subject_by_epoch"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destroyed_at", None), ("wrapped_key__isnull", False)),
                            models.Q(("destroyed_at__isnull", False), ("wrapped_key", None)),
                            _connector="OR",
                        ),
                        name="subject_has_a_key_until_destroyed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["user", "staff", "guest"])), name="subject_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key_number__range", (1, 255))), name="subject_key_number_is_a_byte"
                    ),
                ],
            },
        ),
        migrations.RunSQL(TO_VAULT, FROM_VAULT),
    ]
