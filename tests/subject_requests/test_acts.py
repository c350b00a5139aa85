"""The buttons of the desk: there when they are allowed, and what each does when pressed."""

import csv
import io
from datetime import date, timedelta

import openpyxl
import pytest
import time_machine

from access.roles import Role
from processing_log.actors import Actor
from processing_log.models import Event
from retention.models import Destruction
from subject_requests import wording
from subject_requests.kinds import Identity, Outcome, RequestKind, State
from subject_requests.models import Absence, Message, Request
from subject_requests.services import Wanted
from subject_requests.wording import Shape
from tests.factories.accounts import make_user, sign_in
from tests.factories.retention import make_modest_person
from tests.factories.subject_requests import CLERK, HOUR, OFFICER, RECEIVED, make_request

pytestmark = pytest.mark.django_db

QUEUE = "/admin/subject_requests/request/"
NOW = RECEIVED + 5 * HOUR


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clerk(client):
    user = make_user(address="clerk@example.org", role=Role.STAFF, language="en", last_name="Орлов")
    sign_in(client, user)
    client.cookies["django_language"] = "en"
    return user


def one(filed: Request, act: str = "change") -> str:
    return f"{QUEUE}{filed.pk}/{act}/"


def buttons(client, filed: Request) -> set[str]:
    return {button.act.code for button in client.get(one(filed)).context["buttons"]}


def press(client, filed: Request, act: str, **fields: object) -> str:
    text: str = client.post(one(filed, act), fields, follow=True).content.decode()
    filed.refresh_from_db()
    return text


ALWAYS = {"widen", "note"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.NEW, {"take"}),
        (State.TAKEN, {"answer", "ask", "write", "refuse", "extend", "unlawful", "release"}),
        (State.WAITING, {"answer", "ask", "write", "refuse", "extend", "unlawful", "release", "resume"}),
        (State.PROPOSED, {"return"}),
    ],
)
def test_buttons_are_those_that_the_state_allows(client, clerk, state, expected):
    assert buttons(client, make_request(state=state, by=clerk.actor)) == ALWAYS | expected


@pytest.mark.parametrize("state", [State.ANSWERED, State.REFUSED, State.WITHDRAWN])
def test_closed_request_has_no_buttons(client, clerk, state):
    assert buttons(client, make_request(state=state, by=clerk.actor)) == set()


def test_kind_is_dropped_with_a_reason_and_the_person_sees_it(client, clerk):
    filed = make_request(kinds=[RequestKind.ACCESS, RequestKind.AUTO_DECISION], state=State.TAKEN, by=clerk.actor)

    press(client, filed, "drop", kind="auto_decision", why="")
    assert filed.asks(RequestKind.AUTO_DECISION)
    page = press(client, filed, "drop", kind="auto_decision", why="not_asked")

    assert filed.asked == [RequestKind.ACCESS]
    assert "the message does not ask for it" in page
    assert "drop" not in buttons(client, filed)


def test_consents_are_chosen_one_by_one_or_all(client, clerk):
    filed = make_request(kind=RequestKind.WITHDRAWAL, identity=Identity.NONE, consents=[], actor=clerk.actor)

    press(client, filed, "consents")
    assert filed.consents == []
    press(client, filed, "consents", consents=["surveys"])
    assert filed.consents == ["surveys"]
    press(client, filed, "consents", withdraws_all="on")
    assert filed.consents is None


def test_unlawful_processing_is_noted_at_the_desk_and_only_an_officer_notes_that_it_was_made_lawful(client, clerk):
    filed = make_request(kind=RequestKind.COMPLAINT, state=State.TAKEN, by=clerk.actor)

    press(client, filed, "unlawful", found_on="2030-01-01", text="Нашли.", everything="on")
    press(client, filed, "unlawful", found_on="2026-11-20", text="Нашли.")
    assert filed.clocks.count() == 1
    press(client, filed, "unlawful", found_on="2026-11-20", text="Нашли.", everything="on")

    assert set(filed.clocks.values_list("rule", flat=True)) == {"D31", "D08", "D09"}
    assert not {"unlawful", "lawful"} & buttons(client, filed)
    officer = make_user(address="officer@example.org", role=Role.OFFICER)
    assert "lawful" in buttons(sign_in(client, officer), filed)


def test_part_that_is_not_needed_is_chosen_at_the_desk_and_goes_with_the_answer(client, clerk):
    filed = make_request(subject_id=make_modest_person(), kind=RequestKind.UNNEEDED, state=State.TAKEN, by=clerk.actor)
    page = client.get(one(filed)).content.decode()
    assert "category email" not in page
    assert "Мария" not in page

    assert "Choose what is unlawful or not needed" in press(client, filed, "parts")
    assert "choose one of the two" in press(client, filed, "parts", everything="on", categories="category name")
    assert "Say first what is unlawful" in press(client, filed, "answer", text="Да.")
    press(client, filed, "parts", categories="category name")
    assert "nothing is destroyed yet" in press(client, filed, "note", text="Смотрю.")
    page = press(client, filed, "answer", text="Уничтожили.")

    assert (filed.state, filed.outcomes) == (State.ANSWERED, [Outcome.PART_ENDS])
    assert f"No. {Destruction.objects.get().number}" in page


def test_word_in_between_is_shown_to_the_person_after_it_was_looked_through(client, clerk):
    filed = make_request(state=State.TAKEN, by=clerk.actor)

    press(client, filed, "write", text="Пишите на petr@example.org")
    assert filed.messages.shown().count() == 1
    press(client, filed, "write", text="Мы смотрим.")

    assert (filed.state, filed.messages.shown().count()) == (State.TAKEN, 2)


def test_somebody_elses_request_has_no_buttons_that_close_it(client, clerk):
    assert buttons(client, make_request(state=State.TAKEN)) == ALWAYS


def test_second_person_has_the_button_and_its_author_has_not(client, clerk):
    assert "confirm" in buttons(client, make_request(state=State.PROPOSED, by=OFFICER))
    assert "confirm" not in buttons(client, make_request(state=State.PROPOSED, by=CLERK))


def test_extension_goes_away_once_it_is_used(client, clerk):
    filed = make_request(state=State.TAKEN, by=clerk.actor)

    press(client, filed, "extend", clock=filed.clocks.get().pk, text="Архив")

    assert filed.due_on == date(2026, 12, 11)
    assert "extend" not in buttons(client, filed)


def test_words_that_look_like_personal_data_wait_for_somebody_to_say_so(client, clerk):
    filed = make_request(state=State.TAKEN, by=clerk.actor)
    text = "Ваш сосед:\nivan@example.org, +7 912 345-67-89"

    shown = press(client, filed, "answer", text=text)
    assert "an e-mail address (line 2), a telephone number (line 2)" in shown
    assert (filed.state, Message.objects.filter(request=filed, author="staff").count()) == (State.TAKEN, 0)

    press(client, filed, "answer", text=text, checked="on")
    assert filed.state == State.ANSWERED


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("Пишите на ivan@example.org", [Shape.MAIL_ADDRESS]),
        ("Звоните 8 (912) 345-67-89", [Shape.TELEPHONE]),
        ("паспорт 4509 123456", [Shape.PASSPORT]),
        ("паспорт 45 09 № 123456", [Shape.PASSPORT]),
        ("СНИЛС 112-233-445 95", [Shape.SNILS]),
        ("ИНН 500100732259", [Shape.INN]),
        ("карта 4111 1111 1111 1111", [Shape.CARD]),
        ("карта 4111 1111 1111 1112", []),
        ("Обращение 2026-000123 от 20.11.2026, срок 10 рабочих дней", []),
        ("Закон № 152-ФЗ от 27.07.2006, часть 3 статьи 14", []),
    ],
)
def test_shapes_of_personal_data_are_found(text, shapes):
    assert [finding.shape for finding in wording.findings(text)] == shapes


def test_note_is_for_colleagues_and_never_for_the_person(client, clerk):
    user = make_user()
    filed = make_request(subject_id=user.subject_id, state=State.TAKEN, by=clerk.actor)

    press(client, filed, "note", text="Позвонить в архив")

    opened = client.post(one(filed, "open"), {"reason": "answer"}).content.decode()
    assert "Позвонить в архив" in opened
    assert "internal, the person does not see it" in opened
    sign_in(client, user)
    assert "Позвонить в архив" not in client.get(f"/me/requests/{filed.pk}/").content.decode()


def test_refusal_goes_to_the_person_when_a_second_one_agrees(client, clerk):
    user = make_user()
    filed = make_request(subject_id=user.subject_id, state=State.PROPOSED, by=OFFICER)

    press(client, filed, "confirm")

    assert filed.state == State.REFUSED
    sign_in(client, user)
    assert "Вот почему." in client.get(f"/me/requests/{filed.pk}/").content.decode()


def test_request_of_nobody_in_particular_says_so_until_a_document_is_checked(client, clerk):
    filed = make_request(identity=Identity.NONE, actor=Actor.stranger(), state=State.TAKEN, by=clerk.actor)
    assert "nothing may be disclosed yet" in client.get(one(filed)).content.decode()
    assert "Check that first" in press(client, filed, "answer", text="Вот")

    press(client, filed, "identify")
    press(client, filed, "answer", text="Вот")

    assert filed.state == State.ANSWERED


def test_page_says_what_is_held_by_category_and_no_value(client, clerk):
    user = make_user(first_name="Канарейка")
    filed = make_request(subject_id=user.subject_id)

    held = {each.title: each.rows for each in client.get(one(filed)).context["held"]}

    assert held == {
        "E-mail address": 1,
        "Last name, first name, patronymic": 1,
        "Texts of requests and the answers to them": 1,
    }
    assert "Канарейка" not in client.get(one(filed)).content.decode()


def test_correction_shows_old_and_new_beside_each_other_when_opened(client, clerk):
    user = make_user(last_name="Старая")
    wanted = Wanted(field="last_name", value="Новая", needs_proof=True)
    filed = make_request(
        subject_id=user.subject_id,
        kind=RequestKind.CLARIFICATION,
        corrections=[wanted],
        state=State.TAKEN,
        by=clerk.actor,
    )
    assert "Новая" not in client.get(one(filed)).content.decode()

    opened = client.post(one(filed, "open"), {"reason": "answer"}).content.decode()
    assert "<del>Старая</del>" in opened
    assert "<ins>Новая</ins>" in opened

    assert "needs proof" in press(client, filed, "answer", text="Готово")
    client.post(one(filed, f"proof/{filed.corrections.get().pk}"))
    press(client, filed, "answer", text="Готово")
    assert filed.state == State.ANSWERED


def test_more_can_be_found_in_a_message(client, clerk):
    filed = make_request()

    press(client, filed, "widen", kinds=["complaint"])

    assert filed.kinds == ["access", "complaint"]


def test_hand_over_names_colleagues_and_leaves_that_in_the_log(client, clerk):
    colleague = make_user(address="other@example.org", role=Role.STAFF, last_name="Седова")
    filed = make_request(state=State.TAKEN, by=clerk.actor)

    page = client.get(one(filed, "hand-over")).content.decode()
    client.post(one(filed, "hand-over"), {"to": str(colleague.pk)})

    filed.refresh_from_db()
    assert "Седова" in page
    assert filed.taken_by == colleague.pk
    assert Event.objects.filter(subject=colleague.subject_id, purpose="staff", actor_id=str(clerk.pk)).exists()


def test_whoever_stands_in_finds_the_requests_among_their_own(client, clerk):
    colleague = make_user(address="other@example.org", role=Role.STAFF)
    filed = make_request(state=State.TAKEN, by=colleague.actor)
    assert filed.number not in client.get(f"{QUEUE}?shown=mine").content.decode()

    day = NOW.date().isoformat()
    client.post(
        f"{QUEUE}people/",
        {"absentee": str(colleague.pk), "deputy": str(clerk.pk), "from_on": day, "until_on": day},
    )

    assert Absence.objects.count() == 1
    assert filed.number in client.get(f"{QUEUE}?shown=mine").content.decode()
    client.post(f"{QUEUE}people/absences/{Absence.objects.get().pk}/cancel/")
    assert filed.number not in client.get(f"{QUEUE}?shown=mine").content.decode()


def test_letter_is_entered_with_its_receipt_and_paper(client, clerk):
    user = make_user()
    letter = {
        "channel": "post",
        "received_on": (NOW.date() - timedelta(days=3)).isoformat(),
        "kinds": ["access", "complaint"],
        "person": str(user.subject_id),
        "document_seen": "on",
        "paper_place": "7/12",
        "paper_sheets": "2",
        "language": "ru",
        "text": "Прошу сообщить",
    }

    client.post(f"{QUEUE}enter/", letter)

    filed = Request.objects.get()
    assert (filed.subject_id, filed.kinds, filed.channel) == (user.subject_id, ["access", "complaint"], "post")
    assert filed.received_at.date() == NOW.date() - timedelta(days=3)
    assert (filed.identity, str(filed.identified_by), filed.paper_sheets) == ("document", str(clerk.pk), 2)


def test_call_of_somebody_unknown_makes_a_stranger(client, clerk):
    call = {"channel": "telephone", "received_on": NOW.date().isoformat(), "kinds": ["access"], "language": "ru"}

    client.post(f"{QUEUE}enter/", {**call, "text": "Что у вас есть обо мне?", "address": "caller@example.org"})

    assert Request.objects.get().subject.kind == "guest"


@pytest.mark.parametrize(
    "wrong",
    [
        {"received_on": "2026-12-31"},
        {"channel": "post"},
        {"person": "11111111-1111-4111-8111-111111111111"},
        {"kinds": []},
        {"paper_sheets": "many"},
    ],
)
def test_what_is_entered_wrongly_is_shown_again(client, clerk, wrong):
    call = {"channel": "telephone", "received_on": NOW.date().isoformat(), "kinds": ["access"], "language": "ru"}

    assert client.post(f"{QUEUE}enter/", {**call, **wrong}).status_code == 200
    assert Request.objects.count() == 0


def test_calendar_shows_days_and_numbers_to_whoever_has_the_address(client, clerk):
    filed = make_request(state=State.TAKEN, by=clerk.actor, text="Иван Секретный")
    make_request(state=State.TAKEN)
    url = client.post(f"{QUEUE}calendar/").context["url"]
    client.logout()

    text = client.get(url.removeprefix("http://testserver")).content.decode()

    assert text.count("BEGIN:VEVENT") == 1
    assert f"SUMMARY:{filed.number}" in text
    assert "DTSTART;VALUE=DATE:20261204" in text
    assert str(filed.subject_id) not in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_calendar_ends_with_a_new_address(client, clerk):
    first = client.post(f"{QUEUE}calendar/").context["url"].removeprefix("http://testserver")
    client.post(f"{QUEUE}calendar/")

    assert client.get(first).status_code == 404
    assert client.get("/desk/calendar/guess.ics").status_code == 404


def test_figures_are_counted_by_month_and_taken_away(client, clerk):
    make_request(received_at=RECEIVED - timedelta(days=40), state=State.ANSWERED)
    make_request(state=State.REFUSED)
    make_request()

    found = client.get(f"{QUEUE}figures/").context["figures"]
    rows = list(
        csv.reader(io.StringIO(client.post(f"{QUEUE}figures/export/", {"format": "csv"}).content.decode("utf-8-sig")))
    )
    book = openpyxl.load_workbook(io.BytesIO(client.post(f"{QUEUE}figures/export/", {"format": "xlsx"}).content))

    assert [(m.received, m.answered, m.refused, m.share_in_time) for m in found.months][-2:] == [
        (1, 1, 0, 100.0),
        (2, 0, 1, 100.0),
    ]
    assert [part.number for part in found.refusals] == [1]
    assert rows[1][0] == "Month"
    assert rows[13][:2] == ["2026-11", "2"]
    assert book.worksheets[0]["A13"].value == "2026-11"
    assert Event.objects.filter(fact="figures_exported").count() == 2


def test_administrator_looks_and_has_no_buttons(client):
    sign_in(client, make_user(role=Role.ADMIN))
    filed = make_request(state=State.TAKEN)

    assert buttons(client, filed) == set()
    assert client.post(one(filed, "note"), {"text": "!"}).status_code == 403
