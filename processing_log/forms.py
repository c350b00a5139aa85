"""The auditor's question, as it is typed."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from law import clock
from processing_log.actors import ActorKind
from processing_log.export import Format
from processing_log.filters import FIRST_DAY, LAST_DAY, LogFilter, beginning_of, end_of
from processing_log.operations import Operation
from processing_log.scopes import Scope
from processing_log.selectors import Position

DAYS: Final = 30  # that are shown when nobody says which
DAY_FORMATS: Final = ["%Y-%m-%d", "%d.%m.%Y"]
ANY: Final = ("", _("any"))
CODE: Final = RegexValidator(
    r"\A[A-Za-z0-9_.:-]*\Z", _("Codes and references have only Latin letters, digits and the signs _ . : -")
)
NO_DATE: Final = _("“%(typed)s” is no date. Write it like 2026-01-31 or 31.01.2026.")


class DayField(forms.DateField):
    """What is not a date is repeated in the complaint: browsers empty such a field."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            input_formats=DAY_FORMATS,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
            **kwargs,
        )

    def to_python(self, value: Any) -> date | None:
        try:
            return super().to_python(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(NO_DATE, params={"typed": value}) from error


class CodeField(forms.CharField):
    def __init__(self, *, suggestions: str = "", **kwargs: Any) -> None:
        """`suggestions`: the id of a list on the page."""
        attrs = {"list": suggestions} if suggestions else {}
        widget = forms.TextInput(attrs={**attrs, "autocomplete": "off"})
        super().__init__(required=False, max_length=64, validators=[CODE], widget=widget, **kwargs)


class LogFilterForm(forms.Form):
    since = DayField(label=_("From"))
    until = DayField(label=_("To, this day included"))
    subject = forms.UUIDField(
        label=_("Person"),
        required=False,
        help_text=_("The reference of one person, as it stands in events and acts."),
        error_messages={"invalid": _("A reference looks like this: 3f2a8c1e-9b4d-4e6f-8a7b-1c2d3e4f5a6b.")},
    )
    actor_kind = forms.ChoiceField(label=_("Who acted"), required=False, choices=[ANY, *ActorKind.choices])
    actor_id = CodeField(label=_("Reference of the one who acted"))
    operation = forms.ChoiceField(label=_("Operation"), required=False, choices=[ANY, *Operation.choices])
    purpose = CodeField(label=_("Purpose, its code"), suggestions="known-purposes")
    fact = CodeField(label=_("Fact, its code"), suggestions="known-facts")
    category = CodeField(label=_("Category, its code"))
    reference = CodeField(label=_("Number of an act or a request"))
    id = forms.IntegerField(
        label=_("Number of an event"), required=False, min_value=1, max_value=2**62, help_text=_("Whatever its day.")
    )
    before = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, asked: Mapping[str, str]) -> None:
        """Always of what was asked, so that what is typed wrongly stays to be put right."""
        super().__init__({**_usual_period(), **{name: asked[name] for name in asked if name in self.base_fields}})

    def clean_before(self) -> Position | None:
        text = self.cleaned_data["before"]
        try:
            return Position.parse(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(_("This place in the list does not exist: begin with the newest.")) from error

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day is before the first."))
        return cleaned

    @property
    def period(self) -> tuple[date, date]:
        """Its first and its last day; what is left empty is filled in."""
        until: date = self.cleaned_data["until"] or _today()
        since: date = self.cleaned_data["since"] or until - timedelta(days=DAYS)
        return since, until

    def within(self, scope: Scope) -> LogFilter:
        """What is asked for, as far as the mandate goes. An event that is named by its number has one day only."""
        asked = self.cleaned_data
        since, until = self.period
        return LogFilter(
            within=scope,
            id=asked["id"],
            since=None if asked["id"] else beginning_of(since),
            until=None if asked["id"] else end_of(until),
            subject=asked["subject"],
            actor_kind=asked["actor_kind"],
            actor_id=asked["actor_id"],
            operation=asked["operation"],
            purpose=asked["purpose"],
            fact=asked["fact"],
            category=asked["category"],
            reference=asked["reference"],
        )

    @property
    def asks_more_than_a_period(self) -> bool:
        return any(
            self.cleaned_data.get(name)
            for name in self.fields
            if name not in ("since", "until", "before", "size", "form")
        )


class ExportForm(LogFilterForm):
    form = forms.ChoiceField(choices=Format.choices)
    size = forms.IntegerField(required=False, min_value=1, max_value=2**62)


class PeriodForm(forms.Form):
    since = DayField(label=_("From"))
    until = DayField(label=_("To, this day included"))

    def __init__(self, asked: Mapping[str, str]) -> None:
        super().__init__({**_usual_period(), **{name: asked[name] for name in asked if name in self.base_fields}})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day is before the first."))
        return cleaned

    @property
    def period(self) -> tuple[date, date]:
        until: date = self.cleaned_data["until"] or _today()
        return self.cleaned_data["since"] or until - timedelta(days=DAYS), until


class SampleForm(LogFilterForm):
    number = forms.IntegerField(label=_("How many entries"), min_value=1, max_value=500, initial=25)
    size = forms.IntegerField(
        label=_("Entries in the checkpoint"),
        required=False,
        min_value=1,
        max_value=2**62,
        help_text=_("One that you kept, best. Empty: the newest."),
    )
    word = CodeField(
        label=_("A word of yours"),
        help_text=_(
            "Anything that the operator could not know when the checkpoint was signed, so that nobody chose for you."
        ),
    )


class KeptForm(forms.Form):
    note = forms.CharField(
        label=_("The checkpoint that you kept"),
        required=False,
        max_length=16 * 1024,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("All of its lines, from the name of the log to the last signature."),
    )
    file = forms.FileField(label=_("or the file"), required=False, max_length=255)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        file = cleaned.get("file")
        if file and file.size > 16 * 1024:
            self.add_error("file", _("A checkpoint is a few lines of text. This file is larger."))
        elif not file and not (cleaned.get("note") or "").strip():
            self.add_error("note", _("Paste the checkpoint, or choose its file."))
        return cleaned

    @property
    def text(self) -> str:
        """What is no text is no checkpoint either."""
        file = self.cleaned_data.get("file")
        if file:
            return str(file.read().decode("utf-8", errors="replace"))
        return str(self.cleaned_data["note"])


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(settings.OPERATOR_TIME_ZONE)).date()


def _usual_period() -> dict[str, str]:
    today = _today()
    return {"since": (today - timedelta(days=DAYS)).isoformat(), "until": today.isoformat()}
