"""Consents that came on paper or by telephone: entered by one member of staff, confirmed or refused by another."""

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consent.shown import KEPT_AS_PROOF
from personal_data.fields import SealedCharField, SealedFileField
from personal_data.models import PersonalModel, Subject


class GivenBy(models.TextChoices):
    SUBJECT = "subject", pgettext_lazy("consent", "by the person")
    GUARDIAN = "guardian", pgettext_lazy("consent", "by a parent or guardian")
    REPRESENTATIVE = "representative", pgettext_lazy("consent", "by a representative")


class Way(models.TextChoices):
    PAPER = "paper", pgettext_lazy("consent", "on paper")
    TELEPHONE = "telephone", pgettext_lazy("consent", "by telephone")


class Authority(models.TextChoices):
    """The document by which somebody speaks for another person."""

    BIRTH_CERTIFICATE = "birth_certificate", _("certificate of birth or adoption")
    GUARDIANSHIP_ACT = "guardianship_act", _("act of the guardianship authority")
    POWER_OF_ATTORNEY = "power_of_attorney", _("power of attorney")
    COURT_ACT = "court_act", _("act of a court")


class PaperState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("paper consent", "waits for a second person")
    CONFIRMED = "confirmed", pgettext_lazy("paper consent", "confirmed")
    REFUSED = "refused", pgettext_lazy("paper consent", "refused")


class PaperRefusal(models.TextChoices):
    ILLEGIBLE = "illegible", _("the scan cannot be read")
    NOT_SIGNED = "not_signed", _("it is not signed")
    ANOTHER_TEXT = "another_text", _("it is not the text that was published")
    ANOTHER_PERSON = "another_person", _("it is not from the person it was entered for")
    ITEMS_MISSING = "items_missing", _("something that a consent in writing must say is missing")
    NO_AUTHORITY = "no_authority", _("the representative's document does not give the right")
    NOT_RECORDED = "not_recorded", _("the call cannot be proved")
    OVERTAKEN = "overtaken", _("the person has decided otherwise since")


class PaperConsent(models.Model):
    """What staff entered, in codes. A trigger holds its course: it waits, and then another person decides, once."""

    ON_DESTRUCTION = "keep"
    KEEP_REASON = KEPT_AS_PROOF
    IMPERSONAL: ClassVar[dict[str, str]] = {
        "purpose": "code",
        "language": "code",
        "sha256": "hash of a published text",
        "way": "code",
        "given_by": "code",
        "authority": "code",
        "state": "code",
        "refusal": "code",
        "choices": "codes of categories, decisions and conditions",
    }

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    purpose = models.TextField(_("purpose"))
    text = models.ForeignKey("consent.ConsentTextVersion", on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=2)
    sha256 = models.CharField(max_length=64)
    way = models.TextField(pgettext_lazy("consent", "way"), choices=Way.choices)
    given_by = models.TextField(pgettext_lazy("consent", "given"), choices=GivenBy.choices, default=GivenBy.SUBJECT)
    authority = models.TextField(_("document of authority"), choices=Authority.choices, blank=True)
    authority_until = models.DateField(_("authority is valid until"), null=True, blank=True)
    choices = models.JSONField(_("choices about dissemination"), default=dict, blank=True)
    received_at = models.DateTimeField(pgettext_lazy("paper consent", "received"))
    entered_at = models.DateTimeField(pgettext_lazy("paper consent", "entered"))
    author = models.UUIDField(pgettext_lazy("paper consent", "entered by"))
    act = models.UUIDField()
    state = models.TextField(
        pgettext_lazy("paper consent", "state"), choices=PaperState.choices, default=PaperState.WAITING
    )
    decided_by = models.UUIDField(pgettext_lazy("paper consent", "decided by"), null=True, blank=True)
    decided_at = models.DateTimeField(pgettext_lazy("paper consent", "decided"), null=True, blank=True)
    refusal = models.TextField(_("why refused"), choices=PaperRefusal.choices, blank=True)

    class Meta:
        verbose_name = _("consent on paper or by telephone")
        verbose_name_plural = _("consents on paper and by telephone")
        constraints = [
            models.CheckConstraint(condition=Q(way__in=Way.values), name="paper_consent_way_is_known"),
            models.CheckConstraint(condition=Q(state__in=PaperState.values), name="paper_consent_state_is_known"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("author")), name="paper_consent_needs_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None, refusal="")
                | Q(state="confirmed", decided_by__isnull=False, decided_at__gte=F("entered_at"), refusal="")
                | Q(
                    state="refused",
                    decided_by__isnull=False,
                    decided_at__gte=F("entered_at"),
                    refusal__in=PaperRefusal.values,
                ),
                name="paper_consent_is_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(given_by="subject", authority="", authority_until=None)
                | Q(
                    given_by__in=["guardian", "representative"],
                    authority__in=Authority.values,
                    authority_until__isnull=False,
                    way="paper",
                ),
                name="paper_consent_has_authority",
            ),
            models.CheckConstraint(condition=Q(entered_at__gte=F("received_at")), name="paper_consent_entered_after"),
            models.UniqueConstraint(
                fields=["subject", "purpose"], condition=Q(state="waiting"), name="paper_consent_one_waits"
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(state="waiting"), name="paper_consent_waiting"),
            models.Index(fields=["subject", "-received_at"], name="paper_consent_by_subject"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_waiting(self) -> bool:
        return self.state == PaperState.WAITING


class PaperScan(PersonalModel):
    """The paper itself, and who spoke: sealed under the key of the person it is about, and gone with them."""

    WITHHELD: ClassVar[dict[str, str]] = {"representative": "another_person", "authority_document": "another_person"}

    paper = models.OneToOneField(PaperConsent, on_delete=models.PROTECT, related_name="scan")
    document = SealedFileField(_("scan of the signed consent"), category="request", null=True)
    caller = SealedCharField(_("who called"), max_length=200, category="name", null=True)
    representative = SealedCharField(_("name of the representative"), max_length=200, category="name", null=True)
    authority_document = SealedFileField(_("scan of the document of authority"), category="request", null=True)

    class Meta(PersonalModel.Meta):
        verbose_name = _("scan of a consent")
        verbose_name_plural = _("scans of consents")
