from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.roles import Role
from processing_log.models import Event
from retention.destruction import destroy_due
from retention.services import start_clock
from subject_requests.kinds import RequestKind, State
from subject_requests.models import Request
from tests.factories.accounts import make_user, sign_in
from tests.factories.subject_requests import RECEIVED, make_request

pytestmark = pytest.mark.django_db

QUEUE = "/admin/subject_requests/request/"
WORDS = "Какие-данные-обо-мне"
NORM = "152-FZ 14.8(4)"


@pytest.fixture
def clerk(client):
    user = make_user(address="clerk@example.org", role=Role.STAFF, language="en")
    sign_in(client, user)
    client.cookies["django_language"] = "en"
    return user


@pytest.fixture
def mine(clerk):
    return make_request(text=WORDS, state=State.TAKEN, by=clerk.actor)


def one(filed: Request, act: str = "change") -> str:
    return f"{QUEUE}{filed.pk}/{act}/"


def openings(filed: Request) -> list[tuple[str, str, str]]:
    events = Event.objects.filter(subject=filed.subject_id, operation="extract", actor_kind="staff")
    return [(event.purpose, event.reason, ",".join(event.categories)) for event in events]


@time_machine.travel(RECEIVED + timedelta(days=20), tick=False)
def test_queue_shows_what_is_open_overdue_first_and_in_words(client, clerk):
    sign_in(client, clerk)
    later = make_request(kind=RequestKind.AUTO_DECISION)
    overdue = make_request()
    closed = make_request(state=State.ANSWERED)

    text = client.get(QUEUE).content.decode()

    assert text.index(overdue.number) < text.index(later.number)
    assert closed.number not in text
    assert "<strong>overdue by 6 days</strong>" in text
    assert "1 request is overdue" in text


@pytest.mark.parametrize(
    ("shown", "expected"), [("overdue", 0), ("mine", 1), ("new", 1), ("closed", 1), ("all", 3), ("", 2)]
)
@time_machine.travel(RECEIVED + timedelta(days=1), tick=False)
def test_queue_is_filtered_by_state(client, clerk, mine, shown, expected):
    sign_in(client, clerk)
    make_request()
    make_request(state=State.REFUSED)

    response = client.get(QUEUE, {"shown": shown} if shown else {})

    assert len(response.context["cl"].result_list) == expected


def test_queue_costs_as_many_queries_with_three_as_with_one(client, clerk, django_assert_max_num_queries):
    make_request()
    client.get(QUEUE)
    with CaptureQueriesContext(connection) as first:
        client.get(QUEUE)
    make_request()
    make_request()

    with django_assert_max_num_queries(len(first)):
        client.get(QUEUE)


def test_page_of_a_request_masks_the_words_and_opens_nothing(client, mine):
    text = client.get(one(mine)).content.decode()

    assert WORDS not in text
    assert str(mine.subject_id) in text
    assert openings(mine) == []


def test_opening_needs_a_reason(client, mine):
    text = client.post(one(mine, "open"), {"reason": ""}).content.decode()

    assert WORDS not in text
    assert openings(mine) == []


def test_opening_with_a_reason_shows_the_words_and_lands_in_the_log(client, mine):
    response = client.post(one(mine, "open"), {"reason": "answer"})

    assert WORDS in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert openings(mine) == [("rights", f"answer {mine.number}", "request")]


def test_opening_cannot_be_asked_for_by_an_address(client, mine):
    assert client.get(one(mine, "open")).status_code == 405


def test_take_gives_the_request_to_the_one_who_pressed(client, clerk):
    filed = make_request()

    response = client.post(one(filed, "take"))

    filed.refresh_from_db()
    assert response["Location"] == one(filed)
    assert (filed.state, filed.taken_by) == (State.TAKEN, clerk.pk)


def test_take_of_a_taken_request_says_so(client, clerk):
    filed = make_request(state=State.TAKEN)

    text = client.post(one(filed, "take"), follow=True).content.decode()

    assert "Somebody else has taken this request" in text


def test_answer_reaches_the_person(client, mine):
    response = client.post(one(mine, "answer"), {"text": "Вот всё"}, follow=True)

    mine.refresh_from_db()
    assert mine.state == State.ANSWERED
    assert "the person is told" in response.content.decode()


def test_answer_without_words_is_asked_for_again_and_opens_nothing(client, mine):
    text = client.post(one(mine, "answer"), {"text": ""}).content.decode()

    mine.refresh_from_db()
    assert mine.state == State.TAKEN
    assert WORDS not in text
    assert openings(mine) == []


def test_answer_to_a_request_in_other_hands_says_so(client, clerk):
    filed = make_request(state=State.TAKEN)

    text = client.post(one(filed, "answer"), {"text": "Вот"}, follow=True).content.decode()

    filed.refresh_from_db()
    assert filed.state == State.TAKEN
    assert "somebody else has the request" in text


def test_answer_is_drafted_in_the_language_of_the_person(client, mine):
    buttons = {button.act.code: button for button in client.get(one(mine)).context["buttons"]}
    draft = buttons["answer"].form.initial["text"]

    assert "http://testserver/me/download/" in draft
    assert "Мы обрабатываем" in draft


def test_refuse_needs_a_norm_that_fits_the_kind(client, mine):
    client.post(one(mine, "refuse"), {"norm": "152-FZ 21.5", "text": "Нет"})

    mine.refresh_from_db()
    assert mine.state == State.TAKEN


def test_refuse_proposes_norm_and_words(client, mine):
    client.post(one(mine, "refuse"), {"norm": NORM, "text": "Там чужие данные"})

    mine.refresh_from_db()
    assert (mine.state, mine.refusal_norm) == (State.PROPOSED, NORM)


def test_find_by_exact_address_leads_to_the_persons_requests_without_the_address(client, clerk):
    person = make_user(address="Vera@example.org")
    make_request(subject_id=person.subject_id)

    response = client.post(f"{QUEUE}find/", {"needle": " vera@EXAMPLE.org "})

    assert response["Location"] == f"{QUEUE}?subject={person.subject_id}&shown=all"
    assert len(client.get(response["Location"]).context["cl"].result_list) == 1
    assert Event.objects.filter(fact="found_by_address", subject=person.subject_id).count() == 1


def test_find_by_number_leads_to_the_request(client, clerk):
    filed = make_request()

    assert client.post(f"{QUEUE}find/", {"needle": filed.number})["Location"] == one(filed)


def test_find_by_reference_leads_to_the_persons_requests(client, clerk):
    filed = make_request()

    response = client.post(f"{QUEUE}find/", {"needle": str(filed.subject_id)})

    assert str(filed.subject_id) in response["Location"]


@pytest.mark.parametrize("needle", ["nobody@example.org", "2026-424242", "vera", ""])
def test_find_of_nothing_says_so(client, clerk, needle):
    response = client.post(f"{QUEUE}find/", {"needle": needle}, follow=True)

    assert "Nothing found" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "looks", "acts"),
    [
        (Role.STAFF, 200, 302),
        (Role.OFFICER, 200, 302),
        (Role.ADMIN, 200, 403),
        (Role.AUDITOR, 403, 403),
        (Role.USER, 403, 403),
    ],
)
def test_desk_is_for_those_whose_work_it_is(client, role, looks, acts):
    filed = make_request()
    sign_in(client, make_user(address="someone@example.org", role=role))

    assert client.get(QUEUE).status_code == looks
    assert client.get(one(filed)).status_code == looks
    assert client.post(one(filed, "take")).status_code == acts


@pytest.mark.parametrize("act", ["open", "take", "answer", "refuse"])
def test_desk_of_a_request_that_does_not_exist_is_not_found(client, clerk, act):
    assert client.post(f"{QUEUE}{clerk.pk}/{act}/", {"reason": "answer", "text": "x"}).status_code == 404


@pytest.mark.parametrize("act", ["add", "delete"])
def test_rows_are_changed_by_acts_only(client, mine, act):
    path = f"{QUEUE}add/" if act == "add" else one(mine, act)

    assert client.post(path).status_code in (302, 403)
    assert Request.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        *((kind, State.TAKEN) for kind in RequestKind),
        *((RequestKind.ACCESS, state) for state in State),
        (RequestKind.DESTRUCTION, State.ANSWERED),
    ],
)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_of_the_desk_renders_for_every_kind_state_and_language(client, clerk, kind, state, language):
    client.cookies["django_language"] = language
    filed = make_request(kind=kind, state=state, by=clerk.actor)

    assert client.get(QUEUE).status_code == 200
    assert client.get(one(filed)).status_code == 200
    assert client.post(one(filed, "open"), {"reason": "answer"}).status_code == 200


def test_request_of_somebody_destroyed_leaves_the_queue_and_is_not_answered(client, clerk, settings, tmp_path):
    settings.PORTAL_HOME, settings.FILES_DIR = tmp_path, tmp_path / "files"
    filed = make_request(text=WORDS, state=State.TAKEN, by=clerk.actor)
    start_clock(subject_id=filed.subject_id, trigger="subscription_ended", at=RECEIVED, actor=clerk.actor)
    destroy_due(RECEIVED + timedelta(days=31))

    page = client.get(one(filed)).content.decode()
    answered = client.post(one(filed, "answer"), {"text": "Поздно"}, follow=True).content.decode()

    filed.refresh_from_db()
    assert "there is nobody to answer" in page
    assert "there is nobody to answer" in answered
    assert filed.state == State.TAKEN
    assert filed.messages.count() == 0
    assert filed.steps.count() == 2
    assert list(client.get(QUEUE).context["cl"].result_list) == []
