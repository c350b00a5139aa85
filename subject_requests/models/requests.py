"""Requests of people about their own data, and their course."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from personal_data.models import Subject
from processing_log.actors import ActorKind
from subject_requests.kinds import (
    CLOSED_STATES,
    DISCLOSE_NOTHING,
    OPEN_STATES,
    WORKED_STATES,
    Channel,
    Identity,
    Outcome,
    RequestKind,
    State,
    in_order,
)

EVIDENCE = "proof that the request was answered in time; holds codes and dates, the words are in Message and go"


class RequestQuerySet(models.QuerySet["Request"]):
    def of(self, subject_id: UUID) -> "RequestQuerySet":
        """Whoever wrote it, or whose data it is about once that is established."""
        return self.filter(Q(subject_id=subject_id) | Q(about_id=subject_id))

    def open(self) -> "RequestQuerySet":
        """What somebody waits for. Who is destroyed meanwhile waits no longer."""
        return self.filter(state__in=OPEN_STATES, subject__destroyed_at=None)

    def overdue(self, at: datetime) -> "RequestQuerySet":
        return self.open().filter(due_at__lt=at)

    def established(self) -> "RequestQuerySet":
        return self.exclude(identity=Identity.NONE)

    def not_established(self) -> "RequestQuerySet":
        """Letters of nobody in particular: they stand apart in the queue, and their clocks run."""
        return self.filter(identity=Identity.NONE)

    def due_first(self) -> "RequestQuerySet":
        """What is open comes first, and of that what is due earliest; so the overdue are on top."""
        return self.order_by(OPEN_FIRST, "due_at", "number")


OPEN_FIRST = Case(When(state__in=OPEN_STATES, then=Value(0)), default=Value(1))


class Request(models.Model):
    """One message of a person and what it asks for: each of its kinds starts its clocks. Its course is held by a
    trigger, whoever writes.

    `due_at` and its companions are those of the clock that ends next; a trigger of RequestClock keeps them. `subject`
    is who wrote, and seals the words; `about` is whose data is meant, where that is somebody else and is established.
    `consents` are the purposes that a withdrawal is of: None means all, as the person said; none at all, that staff
    have yet to read which. `identity` says how sure it is who asks. While `by_representative` and not
    `authority_checked_at`, nothing is disclosed."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "number": "year and running number",
        "kinds": "codes",
        "consents": "codes of purposes",
        "channel": "code",
        "language": "code",
        "identity": "code",
        "paper_place": "where the paper lies: folder and shelf as the operator numbers them",
        "state": "code",
        "outcomes": "codes",
        "refusal_norm": "article of a law",
    }
    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE
    WITNESSES = ("about",)

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    number = models.TextField(pgettext_lazy("request", "number"), unique=True)
    subject = models.ForeignKey(
        Subject, on_delete=models.PROTECT, related_name="+", verbose_name=pgettext_lazy("request", "person")
    )
    about = models.ForeignKey(
        Subject,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=pgettext_lazy("request", "whose data is meant"),
    )
    kinds = ArrayField(models.TextField(choices=RequestKind.choices), verbose_name=pgettext_lazy("request", "kinds"))
    consents = ArrayField(
        models.TextField(), null=True, blank=True, verbose_name=pgettext_lazy("request", "consents to withdraw")
    )
    channel = models.TextField(pgettext_lazy("request", "received by"), choices=Channel.choices, default=Channel.PORTAL)
    language = models.TextField(pgettext_lazy("request", "language of the answer"), choices=settings.LANGUAGES)
    received_at = models.DateTimeField(pgettext_lazy("request", "received"))
    entered_at = models.DateTimeField(pgettext_lazy("request", "entered"))
    identity = models.TextField(
        pgettext_lazy("request", "who is asking"), choices=Identity.choices, default=Identity.NONE
    )
    identified_at = models.DateTimeField(pgettext_lazy("request", "established"), null=True, blank=True)
    identified_by = models.UUIDField(pgettext_lazy("request", "established by"), null=True, blank=True)
    by_representative = models.BooleanField(pgettext_lazy("request", "a representative asks"), default=False)
    authority_checked_at = models.DateTimeField(pgettext_lazy("request", "authority checked"), null=True, blank=True)
    authority_checked_by = models.UUIDField(pgettext_lazy("request", "authority checked by"), null=True, blank=True)
    paper_place = models.TextField(pgettext_lazy("request", "where the paper lies"), blank=True)
    paper_sheets = models.PositiveSmallIntegerField(pgettext_lazy("request", "sheets"), null=True, blank=True)
    due_on = models.DateField(pgettext_lazy("request", "due"))
    due_at = models.DateTimeField(pgettext_lazy("request", "due at"))
    target_on = models.DateField(pgettext_lazy("request", "our own target"))
    provisional = models.BooleanField(_("the due date is provisional"), default=False)
    state = models.TextField(pgettext_lazy("request", "state"), choices=State.choices, default=State.NEW)
    taken_by = models.UUIDField(pgettext_lazy("request", "taken by"), null=True, blank=True)
    taken_at = models.DateTimeField(pgettext_lazy("request", "taken"), null=True, blank=True)
    proposed_by = models.UUIDField(pgettext_lazy("request", "refusal proposed by"), null=True, blank=True)
    proposed_at = models.DateTimeField(pgettext_lazy("request", "refusal proposed"), null=True, blank=True)
    closed_by = models.UUIDField(pgettext_lazy("request", "closed by"), null=True, blank=True)
    closed_at = models.DateTimeField(pgettext_lazy("request", "closed"), null=True, blank=True)
    outcomes = ArrayField(
        models.TextField(choices=Outcome.choices),
        default=list,
        blank=True,
        verbose_name=pgettext_lazy("request", "outcome"),
    )
    refusal_norm = models.TextField(pgettext_lazy("request", "refused by"), blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("request", "request")
        verbose_name_plural = pgettext_lazy("request", "requests")
        constraints = [
            models.UniqueConstraint(fields=["id", "subject"], name="request_and_its_subject"),
            models.UniqueConstraint(
                fields=["subject"],
                condition=Q(kinds__contains=[RequestKind.DESTRUCTION], state__in=OPEN_STATES),
                name="request_one_open_destruction",
            ),
            models.CheckConstraint(
                condition=Q(kinds__contained_by=RequestKind.values) & ~Q(kinds=[]), name="request_kinds_are_known"
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="request_channel_is_known"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="request_state_is_known"),
            models.CheckConstraint(
                condition=Q(outcomes__contained_by=Outcome.values), name="request_outcomes_are_known"
            ),
            models.CheckConstraint(
                condition=Q(identity=Identity.NONE, identified_at=None, identified_by=None)
                | Q(identity__in=[Identity.CODE, Identity.SESSION], identified_at__isnull=False)
                | Q(identity=Identity.DOCUMENT, identified_at__isnull=False, identified_by__isnull=False),
                name="request_identity_is_established_somehow",
            ),
            models.CheckConstraint(
                condition=Q(authority_checked_at=None, authority_checked_by=None)
                | Q(by_representative=True, authority_checked_at__isnull=False, authority_checked_by__isnull=False),
                name="request_authority_is_checked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ANSWERED, by_representative=True, authority_checked_at=None)
                | Q(outcomes__contained_by=DISCLOSE_NOTHING),
                name="request_representative_is_checked_before_the_answer",
            ),
            models.CheckConstraint(
                condition=Q(paper_sheets=None, paper_place="") | Q(paper_sheets__gte=1) & ~Q(paper_place=""),
                name="request_paper_has_a_place_and_sheets",
            ),
            models.CheckConstraint(
                condition=Q(entered_at__gte=F("received_at")), name="request_entered_after_received"
            ),
            models.CheckConstraint(condition=Q(due_at__gte=F("received_at")), name="request_due_after_received"),
            models.CheckConstraint(condition=Q(target_on__lte=F("due_on")), name="request_target_not_after_due"),
            models.CheckConstraint(
                condition=Q(state=State.NEW, taken_by=None, taken_at=None)
                | Q(state__in=WORKED_STATES, taken_by__isnull=False, taken_at__gte=F("received_at"))
                | Q(state__in=CLOSED_STATES, taken_by=None, taken_at=None)
                | Q(state__in=CLOSED_STATES, taken_by__isnull=False, taken_at__gte=F("received_at")),
                name="request_taken_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, closed_by=None, closed_at=None)
                | (
                    Q(state__in=CLOSED_STATES, closed_at__gte=F("received_at"))
                    & (
                        Q(taken_at=None)
                        | Q(closed_at__gte=F("taken_at"), closed_by__isnull=False)
                        | Q(state="withdrawn")
                    )
                ),
                name="request_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.ANSWERED) | ~Q(outcomes=[]), name="request_answered_has_an_outcome"
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=[State.REFUSED, State.PROPOSED], proposed_by__isnull=False, proposed_at__isnull=False)
                    & ~Q(refusal_norm="")
                )
                | (
                    ~Q(state__in=[State.REFUSED, State.PROPOSED])
                    & Q(refusal_norm="", proposed_by=None, proposed_at=None)
                ),
                name="request_refused_names_a_norm",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REFUSED) | (Q(closed_by__isnull=False) & ~Q(closed_by=F("proposed_by"))),
                name="request_refused_by_two",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN_STATES), name="request_open_by_due"),
            models.Index(
                fields=["taken_by", "due_at"], condition=Q(state__in=WORKED_STATES), name="request_open_by_holder"
            ),
            models.Index(fields=["subject", "-received_at"], name="request_by_subject"),
            models.Index(fields=["about"], condition=Q(about__isnull=False), name="request_by_whom_it_is_about"),
            models.Index(fields=["received_at"], name="request_by_receipt"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def asked(self) -> list[RequestKind]:
        return in_order(self.kinds)

    @property
    def title(self) -> str:
        """What is asked for, in words."""
        return _joined([str(kind.label) for kind in self.asked])

    @property
    def short_title(self) -> str:
        return _joined([str(kind.short) for kind in self.asked])

    @property
    def person_id(self) -> UUID:
        """Whose data it is about."""
        return self.about_id or self.subject_id

    @property
    def is_identified(self) -> bool:
        return Identity(self.identity).is_established

    @property
    def may_disclose(self) -> bool:
        """Whether anything about the person may be told, or done at their wish."""
        return self.is_identified and (not self.by_representative or self.authority_checked_at is not None)

    def is_overdue(self, at: datetime) -> bool:
        """Still open after its term, or closed too late."""
        return (self.closed_at or at) > self.due_at

    @property
    def awaits_consents(self) -> bool:
        """Nobody has said yet which consents the person withdraws."""
        return self.asks(RequestKind.WITHDRAWAL) and self.consents == []

    def asks(self, kind: RequestKind) -> bool:
        return kind in self.kinds


def _joined(words: list[str]) -> str:
    """The first begins the line, the others go on."""
    rest = [word[:1].lower() + word[1:] for word in words[1:]]
    return ("; " if (get_language() or "").startswith("ru") else ", ").join([*words[:1], *rest])


class RequestStep(models.Model):
    """One step of a request's course: appended, never changed. `holder` is who has it in hand afterwards."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "actor_kind": "code",
        "actor_id": "uuid of a user or the name of a job",
        "state_before": "code",
        "state_after": "code",
    }
    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="steps")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    actor_kind = models.TextField(choices=ActorKind.choices)
    actor_id = models.TextField()
    state_before = models.TextField(choices=State.choices, blank=True)
    state_after = models.TextField(choices=State.choices)
    holder = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.CheckConstraint(condition=Q(state_after__in=State.values), name="request_step_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.state_before} → {self.state_after}"


def next_number(year: int) -> str:
    """The next free number, such as 2026-000123. Numbers of acts that failed stay unused."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('subject_requests_number')")
        row: tuple[Any, ...] = cursor.fetchone() or (0,)
    return f"{year}-{row[0]:06}"
