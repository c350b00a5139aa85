from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from access.roles import Role
from personal_data.models import Subject
from processing_log.models import Event
from subject_requests.kinds import RequestKind, State
from subject_requests.models import Request
from tests.factories.accounts import make_user, sign_in
from tests.factories.subject_requests import CLERK, RECEIVED, make_request

pytestmark = pytest.mark.django_db

LIST = "/me/requests/"
NEW = "/me/requests/new/"
#: Kinds whose pages differ when they end.
ENDING = (RequestKind.ACCESS, RequestKind.DESTRUCTION)


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def read(client, user):
    sign_in(client, user)

    def get(path: str, language: str = "en") -> str:
        client.cookies["django_language"] = language
        response = client.get(path)
        assert response.status_code == 200
        return str(response.content.decode())

    return get


def test_list_without_requests_says_what_to_do(read):
    text = read(LIST)

    assert "No requests yet" in text
    assert f'href="{NEW}"' in text


@time_machine.travel(RECEIVED + timedelta(days=4), tick=False)
def test_list_shows_own_requests_with_their_due_dates(client, read, user):
    sign_in(client, user)
    mine, others = make_request(subject_id=user.subject_id), make_request()

    text = read(LIST)

    assert mine.number in text
    assert others.number not in text
    assert "4 December 2026" in text
    assert "8 working days left" in text


def test_list_costs_as_many_queries_with_three_as_with_one(read, user, django_assert_max_num_queries):
    make_request(subject_id=user.subject_id)
    read(LIST)
    with CaptureQueriesContext(connection) as one:
        read(LIST)
    make_request(subject_id=user.subject_id)
    make_request(subject_id=user.subject_id)

    with django_assert_max_num_queries(len(one)):
        read(LIST)


@pytest.mark.parametrize("kind", RequestKind.values)
def test_new_files_a_request_and_leads_to_its_page(client, user, kind):
    sign_in(client, user)

    response = client.post(NEW, {"kinds": kind, "text": "Прошу"})

    filed = Request.objects.get(subject_id=user.subject_id)
    assert response.status_code == 302
    assert response["Location"] == f"/me/requests/{filed.pk}/"
    assert (filed.kinds, filed.language) == ([kind], "ru")


def test_new_asks_in_the_language_of_the_page(client, user):
    sign_in(client, user)
    client.cookies["django_language"] = "en"

    client.post(NEW, {"kinds": "access"})

    assert Request.objects.get().language == "en"


def test_new_for_destruction_twice_points_to_the_open_one(client, user):
    sign_in(client, user)
    make_request(subject_id=user.subject_id, kind=RequestKind.DESTRUCTION)

    response = client.post(NEW, {"kinds": "destruction", "text": ""}, headers={"accept-language": "en"})

    assert response.status_code == 200
    assert LIST in response.content.decode()
    assert Request.objects.count() == 1


def test_new_with_an_unknown_kind_is_shown_again(client, user):
    sign_in(client, user)

    assert client.post(NEW, {"kinds": "everything"}).status_code == 200
    assert Request.objects.count() == 0


def test_one_shows_words_dates_and_the_days_counted(read, user):
    filed = make_request(subject_id=user.subject_id, text="Какие данные?", state=State.ANSWERED)

    text = read(f"{LIST}{filed.pk}/")

    assert "Какие данные?" in text
    assert "Вот ответ." in text
    assert "How it was counted: 10 days" in text
    assert "23 November 2026" in text
    assert "closed in time" in text


def test_one_refused_names_the_norm_and_where_to_complain(read, user):
    filed = make_request(subject_id=user.subject_id, state=State.REFUSED)

    text = read(f"{LIST}{filed.pk}/")

    assert "article 14, part 3" in text
    assert "Roskomnadzor" in text


@time_machine.travel(RECEIVED + timedelta(days=20), tick=False)
def test_one_that_is_late_says_so(client, read, user):
    sign_in(client, user)
    filed = make_request(subject_id=user.subject_id)

    assert "overdue by 6 days" in read(f"{LIST}{filed.pk}/")


def test_one_is_there_for_the_person_whose_data_is_blocked(read, user):
    filed = make_request(subject_id=user.subject_id, kind=RequestKind.DESTRUCTION, state=State.ANSWERED)
    assert Subject.objects.get(pk=user.subject_id).blocked_at

    text = read(f"{LIST}{filed.pk}/")

    assert "Вот ответ." in text
    assert "Your data is blocked" in text


def test_reading_ones_own_request_leaves_no_event(read, user):
    filed = make_request(subject_id=user.subject_id)
    before = Event.objects.count()

    read(f"{LIST}{filed.pk}/")

    assert Event.objects.count() == before


def test_somebody_elses_request_is_not_found(client, user):
    sign_in(client, user)

    assert client.get(f"{LIST}{make_request().pk}/").status_code == 404


@pytest.mark.parametrize("path", [LIST, NEW])
def test_stranger_is_asked_to_sign_in(client, path):
    response = client.get(path)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_staff_have_no_requests_of_their_own_here(client):
    sign_in(client, make_user(role=Role.STAFF))

    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize(
    ("kind", "state"),
    [*((kind, State.NEW) for kind in RequestKind), *((kind, state) for kind in ENDING for state in State)],
)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_renders_for_every_kind_state_and_language(read, user, kind, state, language):
    filed = make_request(subject_id=user.subject_id, kind=kind, state=state, by=CLERK)

    with translation.override(language):
        for path in (LIST, NEW, f"{LIST}{filed.pk}/"):
            assert f'lang="{language}"' in read(path, language)


@pytest.mark.parametrize(("language", "law", "foreign"), [("ru", "152-ФЗ 14.3", "-FZ"), ("en", "152-FZ 14.3", "-ФЗ")])
def test_law_is_cited_in_the_readers_language(read, user, language, law, foreign):
    filed = make_request(subject_id=user.subject_id, by=CLERK)

    with translation.override(language):
        page = read(f"{LIST}{filed.pk}/", language)

    assert law in page
    assert foreign not in page


def test_new_value_written_is_a_correction_asked_for(client, user):
    sign_in(client, user)

    client.post(NEW, {"new_last_name": "Смирнова"})

    filed = Request.objects.get()
    assert filed.kinds == ["clarification"]
    assert [correction.field for correction in filed.corrections.all()] == ["last_name"]


def test_person_adds_words_and_takes_the_request_back(client, user):
    sign_in(client, user)
    filed = make_request(subject_id=user.subject_id, state=State.WAITING)

    client.post(f"{LIST}{filed.pk}/add/", {"text": "Вот подробности"})
    filed.refresh_from_db()
    assert filed.state == State.TAKEN

    client.post(f"{LIST}{filed.pk}/take-back/")
    filed.refresh_from_db()
    assert filed.state == State.WITHDRAWN
    assert (
        "closed"
        in client.post(
            f"{LIST}{filed.pk}/add/", {"text": "Ещё"}, follow=True, headers={"accept-language": "en"}
        ).content.decode()
    )


def test_several_things_asked_at_once_show_each_term(read, user):
    filed = make_request(subject_id=user.subject_id, kinds=[RequestKind.DESTRUCTION, RequestKind.STOP_ADS])

    text = read(f"{LIST}{filed.pk}/")

    assert "152-FZ 21.5" in text
    assert "152-FZ 21.5.1" in text
    assert "38-FZ 18.1" in text
