"""What is owed to the ledgers of withdrawals and suppressions, which lie outside of the database."""

from django.db import migrations, models

from consent import wish_triggers


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_rules")]

    operations = [
        migrations.CreateModel(
            name="WishDebt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry", models.UUIDField(null=True)),
                ("suppression", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(entry=None, suppression__isnull=False)
                        | models.Q(entry__isnull=False, suppression=None),
                        name="wish_debt_is_of_one_row",
                    )
                ],
            },
        ),
        migrations.RunSQL(wish_triggers.INSTALL, wish_triggers.REMOVE),
    ]
