"""What holds for versions and their drafts, held by PostgreSQL."""

from django.db import migrations

from consent import version_triggers


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_append_only")]

    operations = [migrations.RunSQL(version_triggers.INSTALL, version_triggers.REMOVE)]
