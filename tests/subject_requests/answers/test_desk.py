"""The desk: the answer is made by a button, watched, looked at without values, opened for a reason, printed."""

import io

import pypdfium2
import pytest
from django.test import Client

from access.roles import Role
from processing_log.models import Event
from subject_requests.answers import making
from subject_requests.answers import tasks as answer_tasks
from subject_requests.kinds import Channel, Identity, State
from subject_requests.models import AnswerSet, AnswerState, Message
from subject_requests.services import take
from tests.factories.accounts import make_user, sign_in
from tests.factories.answers import ASKED
from tests.factories.consent import publish
from tests.factories.subject_requests import HOUR, RECEIVED, make_request

pytestmark = pytest.mark.django_db

DESK = "/admin/subject_requests/request/"


@pytest.fixture
def clerk():
    return make_user(address="clerk@example.org", role=Role.STAFF)


@pytest.fixture
def client(clerk):
    publish()
    return sign_in(Client(headers={"accept-language": "ru"}), clerk)


@pytest.fixture
def anna():
    return make_user(address="anna@example.org", first_name="Анна")


def taken_by(clerk, subject_id, **more):
    filed = make_request(subject_id=subject_id, **more)
    take(request_id=filed.pk, actor=clerk.actor, at=RECEIVED + HOUR)
    return filed


@pytest.fixture
def filed(clerk, anna):
    return taken_by(clerk, anna.subject_id, text="Пишет Анна. Соседка Ирина тоже недовольна.")


@pytest.fixture
def made(filed, clerk):
    asked = making.ask_for(request_id=filed.pk, actor=clerk.actor, at=ASKED)
    making.make(asked.pk, at=ASKED)
    return AnswerSet.objects.get(pk=asked.pk)


def at(answer, name=""):
    return f"{DESK}made/{answer.pk}/{name}"


def test_button_makes_the_answer_and_the_page_watches_it(client, filed):
    assert "Составить ответ" in client.get(f"{DESK}{filed.pk}/change/").content.decode()

    pressed = client.post(f"{DESK}{filed.pk}/make/")
    answer = AnswerSet.objects.get()
    waiting = client.get(pressed["Location"])

    assert pressed["Location"] == at(answer)
    assert 'value="0"' in waiting.content.decode()
    assert waiting["Refresh"] == "3"
    assert answer.state == AnswerState.WAITING


def test_button_hurries_the_worker(client, filed, django_capture_on_commit_callbacks, monkeypatch):
    hurried = []
    monkeypatch.setattr(answer_tasks.make_answer, "delay", hurried.append)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{DESK}{filed.pk}/make/")

    assert hurried == [str(AnswerSet.objects.get().pk)]


def test_make_up_shows_numbers_and_no_value(client, made):
    page = client.get(at(made)).content.decode()

    assert "1 значение" in page
    assert made.sha256 in page
    assert "anna@example.org" not in page
    assert "Ирина" not in page
    assert not Event.objects.filter(fact="answer_set_opened").exists()


def test_values_open_for_a_reason_that_the_person_sees(client, made, clerk, anna):
    assert client.post(at(made, "open/"), {"reason": ""}).content.decode().count("anna@example.org") == 0

    page = client.post(at(made, "open/"), {"reason": "answer"}).content.decode()

    assert "anna@example.org" in page
    (opened,) = Event.objects.filter(fact="answer_set_opened")
    assert (opened.actor_id, opened.subject, opened.reason) == (
        str(clerk.pk),
        anna.subject_id,
        f"answer {made.request.number}",
    )
    assert set(opened.categories) >= {"email", "name", "request"}
    diary = sign_in(Client(headers={"accept-language": "ru"}), anna).get("/me/log/").content.decode()
    assert "Составленный ответ открыт сотрудником" in diary


def test_text_about_another_person_is_left_out_and_the_answer_made_anew(client, made, filed):
    message = Message.objects.get(request=filed)
    page = client.post(at(made, "open/"), {"reason": "answer"}).content.decode()
    assert f'value="{message.pk}"' in page

    pressed = client.post(at(made, "gaps/"), {"rows": [str(message.pk)]})
    anew = AnswerSet.objects.exclude(pk=made.pk).get()
    making.make(anew.pk, at=ASKED)

    assert pressed["Location"] == at(anew)
    assert anew.left_out == [message.pk]
    assert "Ирина" not in client.post(at(anew, "open/"), {"reason": "answer"}).content.decode()


def test_answer_is_chosen_and_goes_out(client, made, filed):
    assert client.post(at(made, "attach/"))["Location"] == f"{DESK}{filed.pk}/change/"
    assert "уйдёт вместе с ответом" in client.get(f"{DESK}{filed.pk}/change/").content.decode()

    client.post(f"{DESK}{filed.pk}/answer/", {"text": "Ответ приложен."})

    made.refresh_from_db()
    assert made.given_at is not None


def test_stop_button(client, filed, clerk):
    asked = making.ask_for(request_id=filed.pk, actor=clerk.actor, at=ASKED)

    client.post(at(asked, "stop/"))

    asked.refresh_from_db()
    assert asked.state == AnswerState.STOPPED


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"identity": Identity.NONE, "channel": Channel.MAIL}, "Не установлено, кто обращается"),
        (
            {"identity": Identity.CODE, "channel": Channel.MAIL, "by_representative": True},
            "Полномочия представителя не проверены",
        ),
    ],
)
def test_nothing_is_made_for_whom_nothing_may_be_disclosed(client, clerk, anna, more, said):
    filed = taken_by(clerk, anna.subject_id, **more)

    page = client.get(f"{DESK}{filed.pk}/change/").content.decode()
    refused = client.post(f"{DESK}{filed.pk}/make/", follow=True).content.decode()

    assert said in page
    assert "Составить ответ" not in page
    assert "пока не установлено" in refused
    assert not AnswerSet.objects.exists()


def test_who_has_not_taken_the_request_makes_nothing(client, anna):
    filed = make_request(subject_id=anna.subject_id, state=State.TAKEN)

    refused = client.post(f"{DESK}{filed.pk}/make/", follow=True).content.decode()

    assert "тот, кто взял обращение" in refused
    assert not AnswerSet.objects.exists()


def test_letter_is_printed_for_a_request_by_post_and_logged(client, clerk, anna):
    filed = taken_by(clerk, anna.subject_id, channel=Channel.POST, identity=Identity.DOCUMENT, actor=clerk.actor)
    asked = making.ask_for(request_id=filed.pk, actor=clerk.actor, at=ASKED)
    making.make(asked.pk, at=ASKED)
    assert "Письмо для отправки по почте" in client.get(at(asked)).content.decode()

    too_long = client.post(at(asked, "letter/"), {"addressee": "\n".join("абвгдежз")})
    printed = client.post(at(asked, "letter/"), {"addressee": "Беловой Анне\nг. Рязань"})

    assert "не больше 6 строк" in too_long.content.decode()
    assert printed["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(io.BytesIO(printed.content))
    first = document[0].get_textpage().get_text_bounded()
    document.close()
    assert "Беловой Анне" in first
    assert filed.number in first
    (event,) = Event.objects.filter(fact="answer_set_printed")
    assert event.subject == anna.subject_id


def test_administrator_looks_and_does_not_act(made):
    admin = sign_in(Client(), make_user(address="admin@example.org", role=Role.ADMIN))

    assert admin.get(at(made)).status_code == 200
    assert [admin.post(at(made, name)).status_code for name in ("open/", "attach/", "letter/", "stop/")] == [403] * 4
