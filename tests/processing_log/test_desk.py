"""The auditor's desk at /audit/."""

import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from access.roles import Role
from processing_log import selectors, words
from processing_log.actors import Actor, ActorKind
from processing_log.filters import LogFilter
from processing_log.models import Event
from processing_log.selectors import Position
from tests.factories.accounts import make_user, sign_in
from tests.factories.processing_log import make_event, make_past_event

pytestmark = pytest.mark.django_db

LOG = "/audit/"


@pytest.fixture
def auditor(client: Client) -> Client:
    return sign_in(client, make_user(address="auditor@example.org", role=Role.AUDITOR, language="en"))


def looks() -> list[str]:
    """The reasons of the log's entries about itself."""
    return list(
        Event.objects.filter(fact__in=["log_read", "log_exported"]).order_by("id").values_list("reason", flat=True)
    )


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'href="/audit/events/(\d+)/"', page)]


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_desk_is_closed_to_every_other_role(client, role):
    sign_in(client, make_user(role=role))
    event = make_event()

    assert client.get(LOG).status_code == 403
    assert client.get(reverse("audit:event", args=[event.pk])).status_code == 403
    assert client.post(reverse("audit:export"), {"form": "csv"}).status_code == 403
    assert looks() == []


def test_desk_asks_a_stranger_to_sign_in(client):
    assert client.get(LOG).url == "/accounts/login/?next=/audit/"


def test_desk_asks_an_auditor_for_the_second_factor(client):
    sign_in(client, make_user(role=Role.AUDITOR), second_factor=False)

    assert client.get(LOG).url == reverse("mfa_index")


# --- the list -----------------------------------------------------------------------------------------------------


def test_events_shows_the_newest_first_and_enters_the_look(auditor):
    first, second = make_event(subject=uuid4(), categories=("email",)), make_event(fact="signed_in", operation="")

    response = auditor.get(LOG, {"since": "2026-01-01"})

    page = response.content.decode()
    assert shown(page)[:2] == [second.pk, first.pk]
    assert str(first.subject) in page
    assert response["Cache-Control"].count("no-store") == 1
    [look] = looks()
    assert look.startswith("since=2026-01-01T00:00:00+03:00 until=")
    entered = Event.objects.latest("id")
    assert (entered.actor_kind, entered.fact, entered.subject) == ("auditor", "log_read", None)


def test_events_shows_the_last_30_days_unless_asked(auditor, time_machine, as_superuser):
    make_past_event(as_superuser, at=datetime(2026, 3, 1, 20, 0, tzinfo=UTC), fact="too_long_ago")
    within = make_past_event(as_superuser, at=datetime(2026, 3, 1, 22, 0, tzinfo=UTC), fact="just_within")
    time_machine.move_to(datetime(2026, 4, 1, 9, 0, tzinfo=UTC))

    page = auditor.get(LOG).content.decode()

    assert shown(page) == [within]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("operation", "destroy"),
        ("actor_kind", "representative"),
        ("actor_id", "destroy_due"),
        ("purpose", "retention"),
        ("fact", "subject_destroyed"),
        ("subject", "3f2a8c1e-9b4d-4e6f-8a7b-1c2d3e4f5a6b"),
    ],
)
def test_events_is_narrowed_by_each_filter(auditor, name, value):
    make_event(subject=uuid4())
    subject = UUID("3f2a8c1e-9b4d-4e6f-8a7b-1c2d3e4f5a6b")
    wanted = make_event(
        actor=Actor(kind=ActorKind.REPRESENTATIVE, id="destroy_due"),
        operation="destroy",
        purpose="retention",
        fact="subject_destroyed",
        subject=subject,
    )

    page = auditor.get(LOG, {name: value}).content.decode()

    assert shown(page) == [wanted.pk]
    assert f"{name}={value}" in looks()[-1]


def test_events_enters_what_was_typed_only_if_the_log_knows_it(auditor):
    auditor.get(LOG, {"purpose": "petrov"})

    assert looks()[-1].endswith("purpose=?")


@pytest.mark.parametrize(
    ("asked", "english", "russian"),
    [
        ({"since": "yesterday"}, "“yesterday” is no date", "«yesterday» — не дата"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "The last day is before the first.", "раньше первого"),
        ({"subject": "Ivan"}, "A reference looks like this", "Обозначение выглядит так"),
        ({"actor_id": "Иван"}, "only Latin letters", "только латинские буквы"),
        ({"operation": "look"}, "look", "look"),
        ({"before": "there"}, "begin with the newest", "начните с самых новых"),
    ],
)
def test_events_says_in_the_readers_language_what_is_wrong_and_keeps_the_rest(auditor, asked, english, russian):
    make_event()
    asked = {**asked, "purpose": "kept_as_it_was"}

    in_english = auditor.get(LOG, asked, headers={"Accept-Language": "en"})
    in_russian = auditor.get(LOG, asked, headers={"Accept-Language": "ru"})

    assert (in_english.status_code, in_russian.status_code) == (400, 400)
    assert english in in_english.content.decode()
    assert russian in in_russian.content.decode()
    assert "kept_as_it_was" in in_russian.content.decode()
    assert shown(in_english.content.decode()) == []
    assert looks() == []


def test_events_says_what_to_do_when_none_matches(auditor):
    page = auditor.get(LOG, {"fact": "never_was"}, headers={"Accept-Language": "en"}).content.decode()

    assert "No event matches" in page
    assert "Take these events away" not in page


def test_events_leads_through_all_pages_and_misses_none(auditor, monkeypatch):
    monkeypatch.setattr(selectors.page_of_events, "__kwdefaults__", {"before": None, "size": 2})
    made = [make_event().pk for _ in range(5)]
    address, seen = LOG + "?operation=extract", []

    while address:
        page = auditor.get(address).content.decode()
        seen.append(shown(page))
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = LOG + older[1].replace("&amp;", "&") if older else ""

    assert seen == [made[:-3:-1], made[-3:-5:-1], [made[0]]]


def test_events_of_one_moment_are_not_lost_between_pages(as_superuser):
    at = datetime(2026, 3, 10, tzinfo=UTC)
    made = [make_past_event(as_superuser, at=at) for _ in range(3)]

    first = selectors.page_of_events(LogFilter(), size=2)
    second = selectors.page_of_events(LogFilter(), size=2, before=Position.parse(str(first.older)))

    assert [event.pk for event in [*first.events, *second.events]] == made[::-1]


@pytest.mark.parametrize("number", [1, 3])
def test_events_asks_the_same_number_of_questions_for_one_and_for_three(auditor, django_assert_num_queries, number):
    for _ in range(number):
        make_event()
    auditor.get(LOG)

    with django_assert_num_queries(
        19
    ):  # session, user, mandate; events, counts, alarm, each in a role of its own; the entry in the log
        auditor.get(LOG, {"operation": "extract"})


def test_events_are_counted_by_kind():
    for _ in range(3):
        make_event(purpose="counted")
    make_event(purpose="counted", operation="", fact="signed_in")
    make_event()

    counted = selectors.counts(LogFilter(purpose="counted"))

    assert counted.by_kind == [(("extract", ""), 3), (("", "signed_in"), 1)]
    assert (counted.total, counted.is_cut) == (4, False)


def test_events_are_shown_in_the_words_that_other_rooms_have_taught(monkeypatch):
    monkeypatch.setattr(words._vocabulary, "facts", dict(words._vocabulary.facts))

    words.teach(facts={"moon_seen": "The moon was seen"})

    assert words.what("collect", "moon_seen") == "The moon was seen · " + words.of_operation("collect")
    assert words.of_fact("unheard_of") == "unheard_of"


def test_events_suggests_the_codes_that_are_known(auditor):
    page = auditor.get(LOG, headers={"Accept-Language": "en"}).content.decode()

    assert '<option value="log_exported">The log was exported</option>' in page
    assert '<option value="rights">Answering requests and honouring rights</option>' in page


# --- one event ----------------------------------------------------------------------------------------------------


def test_event_shows_all_of_it_and_the_others_of_its_act(auditor):
    context = uuid4()
    other = make_event(context=context, operation="clarify")
    event = make_event(context=context, subject=uuid4(), reason="2026-000017", categories=("email", "name"))
    make_event()

    page = auditor.get(reverse("audit:event", args=[event.pk])).content.decode()

    assert all(word in page for word in [str(event.subject), str(context), "2026-000017", "portal_app", "6.1.2"])
    assert shown(page) == [other.pk]
    assert looks() == [f"id={event.pk}"]


@pytest.mark.parametrize("number", ["999999999", "9" * 40])
def test_event_that_does_not_exist_is_not_found(auditor, number):
    assert auditor.get(f"/audit/events/{number}/").status_code == 404
    assert looks() == []


# --- the file -----------------------------------------------------------------------------------------------------


def test_export_sends_the_events_that_were_asked_for_and_enters_it(auditor):
    wanted = make_event(operation="destroy")
    make_event()

    response = auditor.post(reverse("audit:export"), {"form": "csv", "operation": "destroy", "since": "2026-01-01"})

    lines = b"".join(response.streaming_content).decode().split("\r\n")
    assert response["Content-Disposition"] == 'attachment; filename="processing-log.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert [line.split(",")[0] for line in lines] == ["id", f'"{wanted.pk}"', ""]
    assert looks()[-1].startswith("format=csv since=2026-01-01")


def test_export_form_carries_what_the_list_was_asked(auditor):
    make_event(operation="destroy")

    page = auditor.get(LOG, {"operation": "destroy", "since": "2026-01-01"}).content.decode()

    assert '<input type="hidden" name="operation" value="destroy">' in page
    assert '<input type="hidden" name="since" value="2026-01-01">' in page


def test_export_is_not_made_by_following_a_link(auditor):
    assert auditor.get(reverse("audit:export")).status_code == 405
    assert looks() == []


def test_export_of_a_wrong_question_says_so(auditor):
    response = auditor.post(reverse("audit:export"), {"form": "csv", "since": "yesterday"})

    assert response.status_code == 400
    assert looks() == []


@pytest.mark.parametrize("language", ["en", "ru"])
def test_pages_are_whole_in_both_languages(auditor, language):
    event = make_event(subject=uuid4())

    for address in (LOG, reverse("audit:event", args=[event.pk])):
        page = auditor.get(address, headers={"Accept-Language": language}).content.decode()
        assert f'<html lang="{language}"' in page
        assert ("Журнал обработки" in page) is (language == "ru")


# --- past the application -------------------------------------------------------------------------------------------


def test_events_says_loudly_what_was_written_past_the_application(auditor, as_superuser):
    english = {"Accept-Language": "en"}
    assert b"past the application" not in auditor.get(LOG, headers=english).content

    event = make_past_event(as_superuser, at=datetime(2026, 11, 1, tzinfo=UTC))

    page = auditor.get(LOG, headers=english).content.decode()
    assert "past the application" in page
    assert f"№ {event}" in page
