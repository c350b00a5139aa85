"""What proves a consent, held by PostgreSQL."""

from django.db import migrations

from consent import proof_triggers


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_append_only")]

    operations = [migrations.RunSQL(proof_triggers.INSTALL, proof_triggers.REMOVE)]
