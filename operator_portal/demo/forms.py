from datetime import timedelta
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

STEPS: Final = {"1": _("1 day"), "7": _("7 days"), "14": _("14 days"), "30": _("30 days"), "31": _("31 days")}


class MoveClockForm(forms.Form):
    days = forms.ChoiceField(label=_("Forward by"), choices=list(STEPS.items()), initial="30")

    def span(self) -> timedelta:
        return timedelta(days=int(self.cleaned_data["days"]))
