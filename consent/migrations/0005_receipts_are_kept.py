"""What holds receipts, held by PostgreSQL."""

from django.db import migrations

from consent.receipts import triggers


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_receipts")]

    operations = [migrations.RunSQL(triggers.INSTALL, triggers.REMOVE)]
