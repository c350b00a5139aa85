"""Addresses to which no advertising is sent: rows that outlive the account, the person and their key."""

from typing import ClassVar, Final, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils.translation import pgettext_lazy

DIGEST_BYTES: Final = 32
#: `scope` of a row that speaks of all advertising, not of one purpose.
ALL_ADVERTISING: Final = "*"


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def of_purpose(self, digest: bytes, purpose: str) -> Self:
        """What was ever entered of an address that a mail for this purpose has to mind, the oldest first."""
        return self.filter(address_digest=digest, scope__in=[ALL_ADVERTISING, purpose]).order_by("turn")

    def in_force(self, digest: bytes, purpose: str) -> "Suppression | None":
        """The row that stands before a mail for this purpose; the newest word counts."""
        newest = self.of_purpose(digest, purpose).last()
        return newest if newest and newest.kind == Suppression.Kind.SUPPRESSED else None


class Suppression(models.Model):
    """ "Do not write to this address", or that its owner has since agreed anew to one purpose.

    Nothing in the row leads to a person: the address is a keyed digest, there is no reference of a subject, and the day
    stands instead of the moment, because the moment would join the row with the person's entries in ledger and log.
    Rows of one address take turns, which keeps their order without a clock."""

    IMPERSONAL: ClassVar[dict[str, str]] = {
        "address_digest": "keyed digest of an address: not reversible, and without the keyring not even comparable",
        "scope": "code of a purpose, or * for all advertising",
        "kind": "code",
        "reason": "code",
        "channel": "code",
    }

    class Kind(models.TextChoices):
        SUPPRESSED = "suppressed", pgettext_lazy("suppression", "not to be written to")
        LIFTED = "lifted", pgettext_lazy("suppression", "agreed anew")

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", pgettext_lazy("suppression", "unsubscribed")
        COMPLAINT = "complaint", pgettext_lazy("suppression", "reported as spam")
        OBJECTION = "objection", pgettext_lazy("suppression", "wrote to the operator")
        CONSENT = "consent", pgettext_lazy("suppression", "a new consent, confirmed")

    class Channel(models.TextChoices):
        ONE_CLICK = "one_click", pgettext_lazy("suppression", "button of the mail program")
        PAGE = "page", pgettext_lazy("suppression", "link in a mail")
        FEEDBACK = "feedback", pgettext_lazy("suppression", "report of a mail service")
        DESK = "desk", pgettext_lazy("suppression", "entered by staff")
        PORTAL = "portal", pgettext_lazy("suppression", "on the portal")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    address_digest = models.BinaryField()
    turn = models.PositiveIntegerField(pgettext_lazy("suppression", "turn"))
    scope = models.TextField(pgettext_lazy("suppression", "scope"))
    kind = models.TextField(pgettext_lazy("suppression", "what"), choices=Kind.choices)
    reason = models.TextField(pgettext_lazy("suppression", "why"), choices=Reason.choices)
    channel = models.TextField(pgettext_lazy("suppression", "how"), choices=Channel.choices)
    entered_on = models.DateField(pgettext_lazy("suppression", "day"))

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("suppression", "suppressed address")
        verbose_name_plural = pgettext_lazy("suppression", "suppressed addresses")
        constraints = [
            models.UniqueConstraint(fields=["address_digest", "turn"], name="suppression_one_a_turn"),
            models.CheckConstraint(
                condition=Q(Exact(Length("address_digest"), DIGEST_BYTES)), name="suppression_is_a_digest"
            ),
            models.CheckConstraint(
                condition=Q(kind="lifted", reason="consent", channel="portal") & ~Q(scope=ALL_ADVERTISING)
                | Q(kind="suppressed", reason__in=["unsubscribed", "complaint", "objection"]),
                name="suppression_is_lifted_by_consent_alone",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["one_click", "page", "feedback", "desk", "portal"]),
                name="suppression_channel_is_known",
            ),
        ]
        ordering = ("-entered_on", "id")

    def __str__(self) -> str:
        return str(self.id)
