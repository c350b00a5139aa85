"""The rules of the evidence, held by PostgreSQL."""

from django.db import migrations

from cookies import triggers


class Migration(migrations.Migration):
    dependencies = [("cookies", "0001_initial"), ("law", "0001_initial")]

    operations = [migrations.RunSQL(triggers.INSTALL, triggers.REMOVE)]
