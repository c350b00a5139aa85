"""The person's pages: the answer to read, the link, the archive once."""

import pytest
from django.test import Client

from processing_log.models import Event
from retention.expiring import destroy_expired
from subject_requests.answers import giving
from subject_requests.models import AnswerFile, AnswerLink
from tests.factories.accounts import make_user, sign_in
from tests.factories.answers import make_given_answer, make_taken_request
from tests.factories.consent import publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return make_user(address="anna@example.org", first_name="Анна")


@pytest.fixture
def given(anna):
    publish()
    return make_given_answer(subject_id=anna.subject_id)


@pytest.fixture
def client(anna, given):
    return sign_in(Client(headers={"accept-language": "ru"}), anna)


def page_of(client, path):
    answer = client.get(path)
    return answer.status_code, answer.content.decode()


def test_page_of_the_request_leads_to_the_answer(client, given):
    _status, page = page_of(client, f"/me/requests/{given.request_id}/")

    assert f"/me/requests/{given.request_id}/answer/" in page
    assert "20 декабря 2026" in page


def test_answer_is_read_on_its_page_and_leaves_no_event(client, given):
    before = Event.objects.count()

    status, page = page_of(client, f"/me/requests/{given.request_id}/answer/")

    assert status == 200
    assert all(said in page for said in ("Подтверждение обработки", "anna@example.org", "Анна", 'id="item-91"'))
    assert Event.objects.count() == before


def test_archive_is_taken_once_and_the_link_explains_itself(client, given):
    made = client.post(f"/me/requests/{given.request_id}/answer/link/")
    path = made["Location"].removeprefix("http://testserver")

    looked = [page_of(client, path)[1] for _ in range(3)]
    taken, again = client.post(path), client.post(path)

    assert all("Ссылка работает один раз" in page for page in looked)
    assert (taken.status_code, taken["Content-Type"], taken.content[:2]) == (200, "application/zip", b"PK")
    assert taken["Content-Disposition"] == f'attachment; filename="answer-{given.request.number}.zip"'
    assert again.status_code == 410
    assert "Ссылка больше не работает" in again.content.decode()
    assert Event.objects.filter(fact="answer_set_taken").count() == 1


def test_archive_asks_again_who_it_is(anna, given):
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    path = giving.issue_link(given, to=anna.subject_id, at=given.given_at).removeprefix("http://testserver")

    assert client.post(path)["Location"].startswith("/accounts/reauthenticate/")
    assert AnswerLink.objects.filter(used_at__isnull=False).count() == 0


def test_somebody_elses_answer_is_not_there(given, anna):
    boris = sign_in(Client(), make_user(address="boris@example.org"))
    link = giving.issue_link(given, to=anna.subject_id, at=given.given_at).removeprefix("http://testserver")

    answers = [
        boris.get(f"/me/requests/{given.request_id}/answer/"),
        boris.post(f"/me/requests/{given.request_id}/answer/link/"),
        boris.get(link),
        boris.post(link),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_nothing_is_shown_before_it_is_given(anna):
    client, filed = sign_in(Client(), anna), make_taken_request(subject_id=anna.subject_id)

    assert client.get(f"/me/requests/{filed.pk}/answer/").status_code == 404
    assert "answer/link" not in client.get(f"/me/requests/{filed.pk}/").content.decode()


def test_when_the_archive_is_gone_the_page_says_what_can_be_done(client, given, anna):
    path = giving.issue_link(given, to=anna.subject_id, at=given.given_at).removeprefix("http://testserver")
    destroy_expired(AnswerFile.objects.get().expires_at)

    for page, status in ((f"/me/requests/{given.request_id}/answer/", 410), (path, 200)):
        answered, text = page_of(client, page)
        assert (answered, "/me/download/" in text) == (status, True)
    assert client.post(path).status_code == 410
    assert "/me/download/" in page_of(client, f"/me/requests/{given.request_id}/")[1]
