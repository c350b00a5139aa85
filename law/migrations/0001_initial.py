"""The calendar's own days, the demo's shift of the clock, and `portal_now()`, which the log's times come from."""

from datetime import timedelta

from django.db import migrations, models
from django.db.models import Q

from law.clock_installation import REAL_CLOCK


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="CalendarDayOverride",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(unique=True, verbose_name="date")),
                ("working", models.BooleanField(verbose_name="is a working day")),
                ("source", models.TextField(verbose_name="by which act")),
            ],
            options={
                "verbose_name": "day of the calendar",
                "verbose_name_plural": "days of the calendar",
                "constraints": [
                    models.CheckConstraint(condition=~Q(source=""), name="calendar_day_override_names_its_source")
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockShift",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("shift", models.DurationField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(id=1), name="clock_shift_is_one_row"),
                    models.CheckConstraint(
                        condition=Q(shift__gte=timedelta(0)) & Q(shift__lte=timedelta(days=3650)),
                        name="clock_shift_is_forward_and_not_too_far",
                    ),
                ],
            },
        ),
        migrations.RunSQL(REAL_CLOCK, "DROP FUNCTION public.portal_now()"),
    ]
