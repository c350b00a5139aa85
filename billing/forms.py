"""The desk's form of a subscription. The person is named by reference, which the desk finds by e-mail address."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.days import TRIGGER, moment_of_end
from billing.models import Subscription
from law import clock
from personal_data.models import Subject, SubjectKind
from retention.rules import rule_for
from retention.terms import term_of


class SubscriptionForm(forms.ModelForm[Subscription]):
    """Only says what is meant; services do it. A slip of the pen destroys nobody."""

    at_once = forms.BooleanField(
        label=_("Destroy at once"),
        required=False,
        help_text=_("Only where the last day lies so far back that the term until destruction is over already."),
    )

    class Meta:
        model = Subscription
        fields = ("starts_on", "ends_on")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on") or self.instance.starts_on, cleaned.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day lies before the first."))
        elif ends_on and not cleaned.get("at_once") and _is_over(ends_on):
            self.add_error(
                "ends_on",
                _(
                    "With this last day the term is over already: everything held about the person would be destroyed "
                    "within a minute, for good. If that is meant, tick “Destroy at once”."
                ),
            )
        return cleaned


def _is_over(ends_on: date) -> bool:
    return term_of(rule_for(TRIGGER), moment_of_end(ends_on)).due_at <= clock.now()


class NewSubscriptionForm(SubscriptionForm):
    subject_reference = forms.UUIDField(
        label=_("Person"), help_text=_("The person’s whole reference, as the search by e-mail address shows it.")
    )

    field_order = ("subject_reference", "starts_on", "ends_on", "at_once")

    def clean_subject_reference(self) -> UUID:
        reference: UUID = self.cleaned_data["subject_reference"]
        subject = Subject.objects.filter(pk=reference, kind=SubjectKind.USER, destroyed_at=None).first()
        if subject is None:
            raise forms.ValidationError(_("There is no user with this reference."))
        if subject.blocked_at:
            raise forms.ValidationError(_("This person’s data is blocked: they have asked to leave."))
        if Subscription.objects.filter(subject=subject).exists():
            raise forms.ValidationError(_("This person has a subscription; change its last day instead."))
        return reference
