"""The processing log: who did what with whose data, for which purpose. Plain ids and codes, never a value."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from processing_log.actors import ActorKind
from processing_log.operations import Operation

#: The database login of web, worker and beat. An event of any other one was written past the application.
APPLICATION = "portal_app"


class Event(models.Model):
    """One processed fact. The table is partitioned by month and append-only: UPDATE, DELETE and TRUNCATE are refused
    by triggers and are not granted. Rows hold no foreign keys: they outlive the people they name.

    `operation` is one of the thirteen verbs, or empty when a `fact` (a sign-in, an export of the log) touches no
    data. `db_role` is the database login that wrote the row; nobody can set it."""

    IMPERSONAL = {
        "actor_kind": "code",
        "actor_id": "uuid of a user or the name of a job",
        "operation": "code",
        "fact": "code",
        "categories": "codes of categories",
        "purpose": "code",
        "basis": "item of article 6",
        "system": "name of the information system",
        "reason": "code, norm or number of a request, never free text about a person",
        "db_role": "database login",
    }

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.TextField(choices=ActorKind.choices)
    actor_id = models.TextField()
    operation = models.TextField(choices=Operation.choices, blank=True)
    fact = models.TextField(blank=True)
    subject = models.UUIDField(null=True, blank=True)
    categories = ArrayField(models.TextField(), default=list, blank=True)
    purpose = models.TextField()
    basis = models.TextField()
    system = models.TextField()
    reason = models.TextField(blank=True)
    context = models.UUIDField()
    db_role = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(operation__in=["", *Operation.values]), name="event_operation_is_a_verb"
            ),
            models.CheckConstraint(condition=~Q(operation="") | ~Q(fact=""), name="event_says_something"),
            models.CheckConstraint(condition=Q(actor_kind__in=ActorKind.values), name="event_has_an_actor_kind"),
        ]
        indexes = [
            models.Index(fields=["at", "id"], name="event_by_time"),
            models.Index(fields=["subject", "at"], name="event_by_subject"),
            models.Index(fields=["at"], condition=~Q(db_role=APPLICATION), name="event_past_the_application"),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("events are appended by processing_log.events.append()")
