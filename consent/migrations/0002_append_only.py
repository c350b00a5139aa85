"""The ledger's own rules, held by PostgreSQL."""

from django.db import migrations

from consent import triggers


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial"), ("personal_data", "0001_initial")]

    operations = [migrations.RunSQL(triggers.INSTALL, triggers.REMOVE)]
