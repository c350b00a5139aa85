"""Template tags of the portal's looks. `{% load looks %}` and see templates/demo/components.html for each in use."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext

from looks import charts, columns, nav
from looks.icons import ICONS

register = template.Library()

DATE_FORMATS = {"ru": "j E Y", "en": "j F Y"}
CHOICE_INPUTS = (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon by its name in looks/icons.py. Decoration, unless a label says what it means."""
    path = ICONS[name]
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}"><path d="{}"/></svg>', label, path
        )
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>', path
    )


@register.filter
def localdate(value: date | datetime | None) -> SafeString | str:
    """A date in words, in the reader's language; a moment is first taken to the operator's time zone."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = _in_operator_zone(value).date()
    return format_html('<time datetime="{}" class="nowrap">{}</time>', value.isoformat(), day_in_words(value))


@register.filter
def localmoment(value: datetime | None) -> SafeString | str:
    """A date in words with hours and minutes in the operator's time zone."""
    if value is None:
        return "—"
    local = _in_operator_zone(value)
    shown = moment_in_words(value)
    return format_html('<time datetime="{}" class="nowrap">{}</time>', local.isoformat(timespec="minutes"), shown)


def moment_in_words(moment: datetime) -> str:
    """As `localmoment` says it, where there is no page."""
    local = _in_operator_zone(moment)
    return pgettext("date, time", "%(date)s, %(time)s") % {"date": day_in_words(local), "time": f"{local:%H:%M}"}


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's widget with the classes its kind needs; Django adds aria-describedby and aria-invalid itself.

    A placeholder vanishes when one starts to type and says what the label says: it is left out.
    """
    widget = field.field.widget
    css_class = "form-control"
    if isinstance(widget, CHOICE_INPUTS):
        css_class = "form-check-input"
    elif isinstance(widget, forms.Select):
        css_class = "form-select"
    if field.errors:
        css_class += " is-invalid"
    given = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{given} {css_class}".strip(), "placeholder": False})


@register.filter
def choice_control(choice: BoundWidget) -> SafeString:
    """One radio button or checkbox of a group."""
    choice.data["attrs"]["class"] = "form-check-input"
    return choice.tag()


@register.filter
def is_single_check(field: BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_choice_group(field: BoundField) -> bool:
    return isinstance(field.field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple))


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(bars: Iterable[charts.Bar | tuple[str, float]], title: str, unit: str = "") -> dict[str, Any]:
    """Horizontal bars in a table of their figures. `unit` heads the column of figures for screen readers."""
    return {"bars": charts.draw_bars(bars), "title": title, "unit": unit, "track": charts.TRACK}


@register.inclusion_tag("components/column_chart.html")
def column_chart(series: Sequence[columns.Series], title: str, step: str = "") -> dict[str, Any]:
    """Columns over time, each series in a colour of its own, and the table of the same figures. `step` is what a column
    stands for, a month by default."""
    labels = [column.label for column in series[0].columns] if series else []
    rows = [
        {"label": label, "values": [each.columns[place].value for each in series]} for place, label in enumerate(labels)
    ]
    return {"series": series, "title": title, "drawing": columns.draw(series), "rows": rows, "step": step}


@register.inclusion_tag("components/me_nav.html", takes_context=True)
def me_nav(context: Context, *, folded: bool = False) -> dict[str, Any]:
    """A person's own pages; folded into one line that opens, for phones."""
    request: HttpRequest | None = context.get("request")
    links = list(nav.me_links(request)) if request else []
    return {"folded": folded, "links": links, "current": next((link for link in links if link.current), None)}


def _in_operator_zone(moment: datetime) -> datetime:
    zone = ZoneInfo(getattr(settings, "OPERATOR_TIME_ZONE", settings.TIME_ZONE))
    return timezone.localtime(moment, zone) if timezone.is_aware(moment) else moment


def day_in_words(day: date) -> str:
    """In the language that is active; of a moment the day in the operator's zone."""
    day = _in_operator_zone(day) if isinstance(day, datetime) else day
    return date_format(day, DATE_FORMATS.get((get_language() or "ru")[:2], "j E Y"))
