"""What PostgreSQL itself holds: the ledger, what proves a consent, the suppression list, versions and their drafts, receipts."""

from django.db import migrations

from consent import proof_triggers, suppression_triggers, triggers, version_triggers
from consent.receipts import triggers as receipt_triggers


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial"), ("personal_data", "0001_initial")]

    operations = [
        migrations.RunSQL(rules.INSTALL, rules.REMOVE)
        for rules in (triggers, proof_triggers, suppression_triggers, version_triggers, receipt_triggers)
    ]
