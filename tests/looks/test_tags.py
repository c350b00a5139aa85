"""Template tags: icons, dates in words, form controls, charts, navigation."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils.translation import override

from looks import charts, nav
from looks.icons import ICONS
from looks.samples import SampleForm
from looks.templatetags import looks as tags

LATE_EVENING = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(("language", "words"), [("ru", "2 мая 2026"), ("en", "2 May 2026")])
def test_localdate_is_the_day_in_the_operators_zone(language: str, words: str) -> None:
    with override(language):
        shown = tags.localdate(LATE_EVENING)

    assert shown == f'<time datetime="2026-05-02" class="nowrap">{words}</time>'


def test_localdate_of_a_date_is_that_date() -> None:
    with override("en"):
        assert "9 March 2026" in tags.localdate(date(2026, 3, 9))


def test_localmoment_tells_the_hour_in_the_operators_zone() -> None:
    with override("ru"):
        assert "2 мая 2026, 01:30" in tags.localmoment(LATE_EVENING)


@pytest.mark.parametrize("shown", [tags.localdate(None), tags.localmoment(None)])
def test_date_that_is_not_set_is_a_dash(shown: str) -> None:
    assert shown == "—"


@pytest.mark.parametrize("name", sorted(ICONS))
def test_icon_is_hidden_from_screen_readers_unless_labelled(name: str) -> None:
    assert 'aria-hidden="true"' in tags.icon(name)
    assert 'aria-label="Sealed"' in tags.icon(name, "Sealed")


def test_icon_escapes_its_label() -> None:
    assert "<b>" not in tags.icon("lock", "<b>")


def test_control_marks_a_wrong_field_and_ties_it_to_its_error() -> None:
    form = SampleForm({"email": "nobody"})
    assert not form.is_valid()

    control = tags.control(form["email"])

    assert 'class="form-control is-invalid"' in control
    assert 'aria-invalid="true"' in control
    assert "id_email_error" in control


def test_control_leaves_placeholders_out() -> None:
    class WithPlaceholder(forms.Form):
        name = forms.CharField(widget=forms.TextInput(attrs={"placeholder": "Name"}))

    assert "placeholder" not in tags.control(WithPlaceholder()["name"])


def test_draw_bars_fills_the_track_with_the_longest() -> None:
    widths = [bar.width for bar in charts.draw_bars([("a", 200), ("b", 50), ("c", 0)])]

    assert widths == [100, 25, 0]


def test_draw_bars_shows_a_little_of_what_is_little() -> None:
    bars = charts.draw_bars([charts.Bar(label="a", value=10_000), charts.Bar(label="b", value=1)])

    assert bars[1].width == charts.SMALLEST


def test_draw_bars_of_nothing_is_nothing() -> None:
    assert charts.draw_bars([]) == ()


def page(path: str) -> HttpRequest:
    return RequestFactory().get(path)


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/me/", "/me/"),
        ("/me/requests/new/", "/me/requests/"),
        ("/accounts/2fa/", "/me/sessions/"),
        ("/privacy/", None),
    ],
)
def test_me_links_mark_the_section_of_the_page(path: str, current: str | None) -> None:
    assert next((link.url for link in nav.me_links(page(path)) if link.current), None) == current


def test_me_links_lead_to_every_section() -> None:
    assert [link.url for link in nav.me_links(page("/"))] == [section.url for section in nav.ME_SECTIONS]
