"""What comes with a request: files, who writes and for whom, the way in for somebody without an account, and mail."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from consent.papers import Authority
from personal_data.blind_index import BlindIndexField
from personal_data.fields import SealedCharField, SealedEmailField, SealedFileField, SealedTextField
from personal_data.models import PersonalModel, Subject
from subject_requests.intake.automatic import Verdict
from subject_requests.intake.content import Content
from subject_requests.models.requests import EVIDENCE, Request
from subject_requests.models.thread import Message


class What(models.TextChoices):
    """What a file is for."""

    ENCLOSURE = "enclosure", pgettext_lazy("attachment", "enclosed by the person")
    AUTHORITY = "authority", pgettext_lazy("attachment", "document of a representative")
    SCAN = "scan", pgettext_lazy("attachment", "scan of the letter")
    ORIGINAL = "original", pgettext_lazy("attachment", "the mail as it came")


class Attachment(PersonalModel):
    """A file of a request, sealed, its name too. `is_opened` says that the portal knew what it was: a picture was put
    together anew, a document is of a kind that staff can open. What it did not know is kept all the same."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"what": "code", "content": "code"}

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="attachments")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attachments", null=True, blank=True)
    what = models.TextField(pgettext_lazy("attachment", "what for"), choices=What.choices, default=What.ENCLOSURE)
    content = models.TextField(pgettext_lazy("attachment", "kind of file"), choices=Content.choices)
    is_opened = models.BooleanField(pgettext_lazy("attachment", "the portal knew what it was"))
    size = models.PositiveIntegerField(pgettext_lazy("attachment", "size, bytes"))
    received_at = models.DateTimeField(pgettext_lazy("attachment", "received"))
    file = SealedFileField(pgettext_lazy("attachment", "file"), category="request")

    class Meta(PersonalModel.Meta):
        verbose_name = pgettext_lazy("attachment", "attachment")
        ordering = ("received_at", "pk")
        constraints = [
            models.CheckConstraint(condition=Q(what__in=What.values), name="attachment_what_is_known"),
            models.CheckConstraint(condition=Q(content__in=Content.values), name="attachment_content_is_known"),
            models.CheckConstraint(
                condition=~Q(content__in=[Content.UNKNOWN, Content.HEIC]) | Q(is_opened=False),
                name="attachment_of_unknown_type_is_not_opened",
            ),
        ]


class Correspondent(PersonalModel):
    """Who writes, when it is nobody with an account: as they name themselves, and where a letter finds them."""

    name = SealedCharField(
        pgettext_lazy("request", "name of the writer"), max_length=200, category="name", null=True, blank=True
    )
    postal_address = SealedTextField(
        pgettext_lazy("request", "postal address"), category="request", null=True, blank=True
    )

    class Meta(PersonalModel.Meta):
        verbose_name = pgettext_lazy("request", "writer of a request")
        constraints = [models.UniqueConstraint(fields=["subject"], name="correspondent_one_a_subject")]


class Representation(PersonalModel):
    """For whom a representative asks, and by which document. What they ask for is not told before staff have looked at
    it; until then this is what somebody says."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"authority": "code"}

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="representation")
    authority = models.TextField(pgettext_lazy("request", "document of authority"), choices=Authority.choices)
    valid_until = models.DateField(pgettext_lazy("request", "valid until"), null=True, blank=True)
    represented = SealedCharField(pgettext_lazy("request", "for whom"), max_length=200, category="name")
    represented_address = SealedEmailField(
        pgettext_lazy("request", "their e-mail address"), max_length=254, category="email", null=True, blank=True
    )

    class Meta(PersonalModel.Meta):
        verbose_name = pgettext_lazy("request", "representation")
        constraints = [
            models.CheckConstraint(
                condition=Q(authority__in=Authority.values), name="representation_authority_is_known"
            )
        ]


class ForCustomer(PersonalModel):
    """A request of somebody whose data the operator processes for a Customer: the Customer answers. `customer` is its
    place among the Customers, when they are known to the portal; nothing is disclosed by what is passed on."""

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="for_customer")
    company = SealedCharField(
        pgettext_lazy("request", "company, as the person calls it"), max_length=200, category="request"
    )
    customer = models.UUIDField(pgettext_lazy("request", "Customer"), null=True, blank=True)
    forwarded_at = models.DateTimeField(pgettext_lazy("request", "passed on"), null=True, blank=True)

    class Meta(PersonalModel.Meta):
        verbose_name = pgettext_lazy("request", "request to a Customer")
        constraints = [
            models.CheckConstraint(
                condition=Q(forwarded_at=None) | Q(customer__isnull=False), name="for_customer_is_passed_on_to_somebody"
            )
        ]


class FromSystem(models.Model):
    """Which system handed a request over, by the key it used; and under which Idempotency-Key."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = EVIDENCE
    IMPERSONAL: ClassVar[dict[str, str]] = {"idempotency": "keyed digest of what another system calls the request"}

    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="from_system")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(pgettext_lazy("request", "system"))
    idempotency = models.BinaryField(null=True, unique=True)

    class Meta:
        indexes = [models.Index(fields=["key"], name="from_system_by_key")]

    def __str__(self) -> str:
        return str(self.key)


class GuestPassQuerySet(models.QuerySet["GuestPass"]):
    def usable(self, at: datetime) -> "GuestPassQuerySet":
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=at, sent_at__lte=at)


class GuestPass(models.Model):
    """A mail that opens one request once to whoever reads the mailbox: a link, or for a shorter time a short code to
    type in. A newer one ends the older; so do too many wrong codes."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"link_digest": "keyed digest of a random code", "code_digest": "the same"}

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="passes")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+")
    link_digest = models.BinaryField(unique=True)
    code_digest = models.BinaryField()
    sent_at = models.DateTimeField(pgettext_lazy("guest pass", "sent"))
    code_expires_at = models.DateTimeField(pgettext_lazy("guest pass", "the code holds until"))
    expires_at = models.DateTimeField(pgettext_lazy("guest pass", "the link holds until"))
    failures = models.PositiveSmallIntegerField(pgettext_lazy("guest pass", "wrong codes"), default=0)
    used_at = models.DateTimeField(pgettext_lazy("guest pass", "used"), null=True, blank=True)
    revoked_at = models.DateTimeField(pgettext_lazy("guest pass", "ended"), null=True, blank=True)

    objects = GuestPassQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("guest pass", "way in by mail")
        indexes = [models.Index(fields=["request", "-sent_at"], name="guest_pass_by_request")]
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(used_at=None, revoked_at=None), name="guest_pass_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gte=F("code_expires_at"), code_expires_at__gt=F("sent_at")),
                name="guest_pass_code_goes_before_the_link",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MailSeen(models.Model):
    """That a mail was taken in, so that it is taken in once: by what it says (its Message-ID and words, digested with a
    key), and by where it lay. Stays when the person is gone, else a mail left in the mailbox would bring them back."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "digest": "keyed digest of the mail",
        "verdict": "code",
    }

    digest = models.BinaryField(unique=True)
    verdict = models.TextField(choices=[(verdict.value, verdict.value) for verdict in Verdict])
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    copies = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=[verdict.value for verdict in Verdict]), name="mail_seen_verdict_is_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MailPlace(models.Model):
    """Where a mail lay in a mailbox: each copy of it has its own place."""

    IMPERSONAL: ClassVar[dict[str, str]] = {"mailbox": "keyed digest of the mailbox's name"}

    mailbox = models.BinaryField()
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    seen = models.ForeignKey(MailSeen, on_delete=models.CASCADE, related_name="places")
    is_put_aside = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "uidvalidity", "uid"], name="mail_place_is_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.uidvalidity}/{self.uid}"


class IncomingMail(PersonalModel):
    """A mail that came: from whom, as it says, what became of it, and what may be kept of it, sealed."""

    seen = models.OneToOneField(MailSeen, on_delete=models.PROTECT, related_name="mail")
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, blank=True, related_name="mails")
    mentions = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(pgettext_lazy("mail that came", "received"))
    acknowledged_at = models.DateTimeField(pgettext_lazy("mail that came", "acknowledged"), null=True, blank=True)
    is_cut = models.BooleanField(pgettext_lazy("mail that came", "cut short"), default=False)
    sender = SealedEmailField(
        pgettext_lazy("mail that came", "from whom"), max_length=254, category="email", null=True, blank=True
    )
    sender_index: Any = BlindIndexField("sender", null=True)
    original = SealedFileField(pgettext_lazy("mail that came", "the mail itself"), category="request")

    WITNESSES = ("mentions",)

    class Meta(PersonalModel.Meta):
        verbose_name = pgettext_lazy("request", "mail that came")
        verbose_name_plural = pgettext_lazy("request", "mails that came")
        ordering = ("-received_at",)
        indexes = [models.Index(fields=["sender_index", "acknowledged_at"], name="incoming_mail_by_sender")]
