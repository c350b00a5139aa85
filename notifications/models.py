"""The outbox: one row a mail, written with the act that caused it and sent afterwards, once."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from personal_data.fields import SealedEmailField, SealedJSONField
from personal_data.models import PersonalModel, Subject


class MailState(models.TextChoices):
    QUEUED = "queued", pgettext_lazy("mail", "waiting")
    SENDING = "sending", pgettext_lazy("mail", "being handed over")
    SENT = "sent", pgettext_lazy("mail", "sent")
    FAILED = "failed", pgettext_lazy("mail", "not sent")
    AMBIGUOUS = "ambiguous", pgettext_lazy("mail", "perhaps sent")


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self, at: datetime) -> "OutgoingMailQuerySet":
        return self.filter(state=MailState.QUEUED, due_at__lte=at).order_by("due_at", "id")

    def claim(self, mail_id: UUID, *, at: datetime) -> "OutgoingMail | None":
        """The mail, if it was due and nobody else has taken it: of two workers one gets it."""
        claimed = (
            self.due(at).filter(pk=mail_id).update(state=MailState.SENDING, claimed_at=at, attempts=F("attempts") + 1)
        )
        return self.get(pk=mail_id) if claimed else None

    def left_in_doubt(self, since: datetime) -> "OutgoingMailQuerySet":
        """Claimed before `since`, and nobody has said what became of it: the worker was killed meanwhile."""
        return self.filter(state=MailState.SENDING, claimed_at__lt=since)


class OutgoingMail(models.Model):
    """A mail to one person. Says which template with which ids and dates, never what would be said of the person:
    the address is looked up, and the text made, at the moment of sending. What has to be kept for that moment and is
    a secret stands in `MailContent`."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "purpose": "code of a purpose",
        "template": "name of a template",
        "context": "ids, codes, dates and addresses of pages; services.send refuses mail addresses",
        "language": "code",
        "to_token": "border token: a keyed digest",
        "state": "code",
        "failure": "code",
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    purpose = models.TextField(_("purpose"))
    template = models.TextField(_("template"))
    context = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    language = models.TextField(_("language"), choices=[("ru", "ru"), ("en", "en")])
    to_token = models.TextField(blank=True)
    state = models.TextField(_("state"), choices=MailState.choices, default=MailState.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    failure = models.TextField(_("why not sent"), blank=True)
    created_at = models.DateTimeField(_("written"))
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MailState.values), name="outgoing_mail_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=MailState.SENT, sent_at__isnull=False) | ~Q(state=MailState.SENT) & Q(sent_at=None),
                name="outgoing_mail_sent_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[MailState.QUEUED, MailState.FAILED]) | Q(claimed_at__isnull=False),
                name="outgoing_mail_is_claimed_before_it_is_sent",
            ),
            models.CheckConstraint(
                condition=Q(state=MailState.FAILED) & ~Q(failure="") | ~Q(state=MailState.FAILED),
                name="outgoing_mail_failed_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="outgoing_mail_due", condition=Q(state=MailState.QUEUED)),
            models.Index(fields=["claimed_at"], name="outgoing_mail_in_doubt", condition=Q(state=MailState.SENDING)),
            models.Index(fields=["subject", "created_at"], name="outgoing_mail_by_subject"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"


class MailContent(PersonalModel):
    """What a mail needs that must not lie open until it is sent: one-time links, or an address that the person has
    just left. Deleted once the mail is sent or given up."""

    WITHHELD: ClassVar[dict[str, str]] = {"details": "key"}

    mail = models.OneToOneField(OutgoingMail, on_delete=models.CASCADE, related_name="content")
    details: Any = SealedJSONField(_("details of a mail"), category="correspondence", null=True)
    address = SealedEmailField(_("where a mail is sent"), max_length=254, category="email", null=True)
