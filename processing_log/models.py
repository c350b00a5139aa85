"""The processing log: who did what with whose data, for which purpose. Plain ids and codes, never a value."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from processing_log.actors import ActorKind
from processing_log.operations import Operation

#: The database login of web, worker and beat. An event of any other one was written past the application.
APPLICATION = "portal_app"
#: Who opens what is others', by hand and not by a program.
PEOPLE = (ActorKind.STAFF, ActorKind.OFFICER, ActorKind.ADMIN)


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
            models.Index(fields=["actor_id", "at"], name="event_by_actor"),
            models.Index(fields=["operation", "at"], name="event_by_operation"),
            models.Index(fields=["purpose", "at"], name="event_by_purpose"),
            models.Index(fields=["fact", "at"], condition=~Q(fact=""), name="event_by_fact"),
            models.Index(fields=["at"], condition=~Q(db_role=APPLICATION), name="event_past_the_application"),
            GinIndex(fields=["categories"], name="event_by_category", gin_pending_list_limit=512),
            models.Index(
                fields=["at", "id"],
                condition=Q(operation=Operation.EXTRACT, actor_kind__in=PEOPLE),
                name="event_opened_by_people",
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("events are appended by processing_log.events.append()")


class Leaf(models.Model):
    """One event as it stands in the tree: `data` are the exact bytes that are hashed, never written twice. Partitioned
    like the events, by the event's own month, so that both go together when the log's term is over."""

    IMPERSONAL = {"data": "the event's codes and ids as JSON"}

    index = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField()
    event_at = models.DateTimeField()
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"leaf {self.index}"


class RemovedMonth(models.Model):
    """A month whose term was over: its events and leaves are gone, its hashes are not. Entries below `before` are kept
    no longer, but for a few that were written at the turn of the month."""

    month = models.DateField(primary_key=True)
    entries = models.BigIntegerField()
    before = models.BigIntegerField()
    removed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class TreeState(models.Model):
    """How far the sequencer is: one row. `alarm` is the code of what stopped it, empty while all is well."""

    IMPERSONAL = {"origin": "name of the log", "root": "hash", "alarm": "code"}

    origin = models.TextField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    sequenced_at = models.DateTimeField(null=True)
    alarm = models.TextField()
    alarm_at = models.DateTimeField(null=True)

    id = models.IntegerField(primary_key=True)

    def __str__(self) -> str:
        return f"{self.size} leaves"


class Checkpoint(models.Model):
    """What the signer answers for: so many leaves have this root. `note` is the C2SP signed note, no cosignatures."""

    IMPERSONAL = {"root": "hash", "note": "size and root of the tree, signed"}

    size = models.BigIntegerField(_("entries"), primary_key=True)
    root = models.BinaryField(_("root"))
    note = models.TextField(_("signed note"))
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("checkpoint of the log")
        verbose_name_plural = _("checkpoints of the log")

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class LogKey(models.Model):
    """A public key that signs or has signed checkpoints: none is ever taken from the list."""

    IMPERSONAL = {"vkey": "public key of the log"}

    vkey = models.TextField(primary_key=True)
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.vkey


class ExportState(models.TextChoices):
    WAITING = "waiting", _("waits for its turn")
    RUNNING = "running", _("is being made")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    UNSIGNED = "unsigned", _("not possible yet: no checkpoint is signed")
    CANCELLED = "cancelled", _("cancelled")
    GONE = "gone", _("the file is kept no longer")


UNDER_WAY = (ExportState.WAITING, ExportState.RUNNING)


class LogExport(models.Model):
    """A file that somebody ordered and the worker makes. How far it is stands in the cache, because the export itself
    is one transaction."""

    IMPERSONAL = {
        "actor_kind": "code",
        "actor_id": "uuid of a user",
        "form": "code",
        "asked": "the filter: codes, ids and moments",
        "state": "code",
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    actor_kind = models.TextField()
    actor_id = models.TextField()
    form = models.TextField()
    asked = models.JSONField()
    since = models.BigIntegerField(null=True)
    mandate = models.UUIDField(null=True)
    state = models.TextField(default=ExportState.WAITING)
    events = models.BigIntegerField(default=0)
    ordered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["actor_id", "-ordered_at"], name="logexport_by_actor")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ExportState.values), name="logexport_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=UNDER_WAY, ended_at=None) | (~Q(state__in=UNDER_WAY) & Q(ended_at__isnull=False)),
                name="logexport_ended_when_it_has_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"


class Mandate(models.Model):
    """Somebody is invited to audit: what of the log they may see, and until when. The one who proposes it and the one
    who agrees are two people; afterwards it can only be ended. `auditor` is the id of an account: no name is here.

    An empty list of operations, purposes or categories means all. `mailed_size` is the newest checkpoint that was
    mailed to the auditor."""

    class End(models.TextChoices):
        NOT_YET = "", _("not ended")
        OVER = "over", _("its time is over")
        EARLY = "early", _("ended early")
        REFUSED = "refused", _("refused by the second person")
        LAPSED = "lapsed", _("nobody agreed within a day")

    IMPERSONAL = {
        "operations": "codes",
        "purposes": "codes",
        "categories": "codes of categories",
        "how": "code",
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    auditor = models.UUIDField(_("auditor"))
    events_since = models.DateTimeField(_("events from"))
    events_until = models.DateTimeField(_("events until"), null=True, blank=True)
    operations = ArrayField(models.TextField(), default=list, blank=True, verbose_name=_("operations"))
    purposes = ArrayField(models.TextField(), default=list, blank=True, verbose_name=_("purposes"))
    categories = ArrayField(models.TextField(), default=list, blank=True, verbose_name=_("categories"))
    begins_at = models.DateTimeField(_("audits from"))
    ends_at = models.DateTimeField(_("audits until"))
    proposed_by = models.UUIDField(_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed"))
    confirmed_by = models.UUIDField(_("agreed by"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    ended_by = models.UUIDField(_("ended by"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    how = models.TextField(_("how it ended"), choices=End.choices, blank=True, default="")
    mailed_size = models.BigIntegerField(default=0)
    mailed_at = models.DateTimeField(_("a checkpoint was mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("auditor’s mandate")
        verbose_name_plural = _("auditors’ mandates")
        constraints = [
            models.UniqueConstraint(fields=["auditor"], condition=Q(ended_at=None), name="mandate_one_an_auditor"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | (Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(confirmed_by=F("proposed_by"))),
                name="mandate_needs_two_people",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None)
                | Q(confirmed_at__gte=F("proposed_at"), confirmed_at__lt=F("proposed_at") + timedelta(hours=24)),
                name="mandate_agreed_within_a_day",
            ),
            models.CheckConstraint(condition=Q(ends_at__gt=F("begins_at")), name="mandate_lasts_a_while"),
            models.CheckConstraint(
                condition=Q(events_until=None) | Q(events_until__gt=F("events_since")), name="mandate_shows_a_period"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, how="") | (Q(ended_at__isnull=False) & ~Q(how="")),
                name="mandate_says_how_it_ended",
            ),
        ]
        indexes = [models.Index(fields=["-proposed_at"], name="mandate_by_proposal")]

    def __str__(self) -> str:
        return f"mandate {self.pk}"

    def is_in_force(self, at: datetime) -> bool:
        return bool(self.confirmed_at and not self.ended_at and self.begins_at <= at < self.ends_at)


class Tally(models.Model):
    """How many events of one kind there were on a day of the operator's. Of those who are many `actor_id` is empty."""

    IMPERSONAL = {
        "operation": "code",
        "fact": "code",
        "purpose": "code",
        "actor_kind": "code",
        "actor_id": "uuid of somebody of the staff or the name of a job",
        "categories": "codes of categories",
    }

    day = models.DateField()
    operation = models.TextField()
    fact = models.TextField()
    purpose = models.TextField()
    actor_kind = models.TextField()
    actor_id = models.TextField()
    categories = ArrayField(models.TextField())
    number = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "operation", "fact", "purpose", "actor_kind", "actor_id", "categories"],
                name="tally_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.operation} {self.fact}: {self.number}"


class TallyState(models.Model):
    """Up to which entry of the tree it is counted: one row."""

    up_to = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="tally_state_is_one")]

    def __str__(self) -> str:
        return f"up to {self.up_to}"


class Witness(models.Model):
    """Somebody outside who cosigns what only grows. `size` is what they have seen last; `answer` the code of their last
    answer, "ok" or what went wrong."""

    IMPERSONAL = {"vkey": "public key of an organisation", "url": "address of its server", "answer": "code"}

    vkey = models.TextField(primary_key=True)
    url = models.TextField()
    is_asked = models.BooleanField(default=True)
    size = models.BigIntegerField(default=0)
    answer = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("witness")
        verbose_name_plural = _("witnesses")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.vkey.partition("+")[0]


class Cosignature(models.Model):
    """A witness's line under a checkpoint."""

    IMPERSONAL = {"vkey": "public key of an organisation", "line": "signature"}

    id = models.BigAutoField(primary_key=True)
    size = models.BigIntegerField()
    vkey = models.TextField()
    line = models.TextField()
    given_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["size", "vkey"], name="cosignature_once")]

    def __str__(self) -> str:
        return self.line
