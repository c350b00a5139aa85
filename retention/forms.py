"""What a privacy officer fills in to keep data that would go."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from law.deadlines import operator_zone
from personal_data.models import Subject
from retention.models import Ground, Obstacle


class HoldForm(forms.Form):
    subject = forms.UUIDField(
        label=_("Person"), help_text=_("The person’s whole reference"), widget=forms.TextInput(attrs={"size": 40})
    )
    ground = forms.ChoiceField(label=_("By which norm"), choices=Ground.choices)
    obstacle = forms.ChoiceField(
        label=_("What stands in the way"),
        choices=[("", "—"), *Obstacle.choices],
        required=False,
        help_text=_("Only where destruction is impossible for now; the data is blocked then, for six months at most."),
    )
    until = forms.DateField(
        label=_("Last day of the hold"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    in_silence = forms.BooleanField(
        label=_("A law forbids telling the person"), required=False, help_text=_("Otherwise they see it on their page.")
    )

    def clean_subject(self) -> Any:
        subject = self.cleaned_data["subject"]
        if not Subject.objects.filter(pk=subject, destroyed_at=None).exists():
            raise forms.ValidationError(gettext("There is nobody with this reference, or their data is destroyed."))
        return subject

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("ground") == Ground.IMPOSSIBLE and not cleaned.get("obstacle"):
            self.add_error("obstacle", gettext("Say what stands in the way."))
        return cleaned

    @property
    def ends_at(self) -> datetime:
        """The end of the last day, by the operator's zone."""
        day = self.cleaned_data["until"] + timedelta(days=1)
        return datetime.combine(day, time.min, tzinfo=operator_zone())
