"""Who may ask, and what they hear who may not, or ask wrongly."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from law import clock
from processing_log.actors import Actor
from systems.models import AskedMinute
from systems.services import revoke_key
from tests.factories.personal_data import LONG_AGO, make_subject
from tests.factories.systems import ADDRESS, ask, make_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def question() -> dict[str, object]:
    return {"purpose": "account", "subject": str(make_subject().pk)}


def test_whoever_has_no_valid_key_hears_always_the_same(question):
    expired = make_system(name="expired", expires_at=clock.now() - timedelta(seconds=1)).secret
    revoked = make_system(name="revoked")
    revoke_key(key_id=revoked.row.pk, actor=Actor.system("test"), at=clock.now())
    of_nobody = {"purpose": "no_such_purpose", "subject": str(uuid4())}

    answers = [
        ask(body, key=key)
        for key in ("", "nonsense", "opk_" + "x" * 43, expired, revoked.secret, revoked.secret + "é")
        for body in (question, of_nobody, {}, "not even JSON")
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/problem+json"}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Bearer realm="operator portal"'}


def test_session_of_a_person_is_no_key(question):
    client = Client()

    assert client.post(ADDRESS, question, content_type="application/json").status_code == 401


def test_question_can_be_asked_by_post_only(question):
    key = make_system().secret
    answer = Client().get(ADDRESS, question, headers={"Authorization": f"Bearer {key}"})

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_key_may_ask_about_its_own_purposes_only(question):
    key = make_system(purposes=["ads", "account"]).secret

    other = ask({**question, "purpose": "surveys"}, key=key)
    unknown = ask({**question, "purpose": "world_domination"}, key=key)

    assert other.status_code == unknown.status_code == 403
    assert other.json() == unknown.json()
    assert other.json()["code"] == "not_your_purpose"
    assert other.json()["detail"] == "This key may ask only about: account, ads."


def test_purpose_that_the_profile_has_no_more_is_a_problem_of_its_own(question):
    made = make_system()
    made.row.purposes = ["given_up"]
    made.row.save()

    answer = ask({**question, "purpose": "given_up"}, key=made.secret)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_purpose")


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ([], [""]),
        ({}, ["/purpose", "/subject"]),
        ({"purpose": 1, "subject": str(uuid4())}, ["/purpose"]),
        ({"purpose": "ads", "subject": "Anna"}, ["/subject"]),
        ({"purpose": "ads", "subject": uuid4().hex}, ["/subject"]),
        ({"purpose": "ads", "subject": str(uuid4()), "subjects": []}, ["/subject"]),
        ({"purpose": "ads", "subjects": []}, ["/subjects"]),
        ({"purpose": "ads", "subjects": [str(uuid4())] * 1_001}, ["/subjects"]),
        ({"purpose": "ads", "subjects": [str(uuid4()), None]}, ["/subjects/1"]),
        ({"purpose": "ads", "subject": str(uuid4()), "e/mail": "x"}, ["/e~1mail"]),
    ],
)
def test_what_is_no_question_is_told_where_it_is_wrong(body, pointers):
    answer = ask(body, key=make_system().secret)

    assert (answer.status_code, answer.json()["code"]) == (422, "no_question")
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


def test_body_that_is_no_json_and_form_data_are_refused(question):
    key = make_system().secret
    form = Client().post(ADDRESS, question, headers={"Authorization": f"Bearer {key}"})

    assert (ask("{", key=key).status_code, form.status_code) == (400, 415)
    assert form.headers["Content-Type"] == "application/problem+json"


def test_refusals_speak_the_language_of_the_caller(question):
    key = make_system().secret

    assert ask(question, language="ru").json()["detail"] == "Нужен действующий ключ: Authorization: Bearer opk_…"
    assert ask({**question, "purpose": "ads"}, key=key, language="ru").json()["text"] == (
        "Человек не давал согласия на эту цель или отозвал его."
    )


def test_a_thousand_people_are_answered_at_once_and_in_order():
    key = make_system().secret
    people = [str(uuid4()) for _ in range(1_000)]

    answer = ask({"purpose": "account", "subjects": people}, key=key)

    assert [each["subject"] for each in answer.json()["answers"]] == people


def test_reference_named_twice_is_answered_once(question):
    answer = ask({"purpose": "account", "subjects": [question["subject"]] * 2}, key=make_system().secret)

    assert [each["subject"] for each in answer.json()["answers"]] == [question["subject"]]


def test_limit_counts_people_and_says_when_to_come_again(question):
    made = make_system(per_minute=5)
    three = {"purpose": "account", "subjects": [str(uuid4()) for _ in range(3)]}

    answers = [ask(three, key=made.secret), ask(three, key=made.secret), ask(question, key=made.secret)]

    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert answers[1].json()["code"] == "too_many"
    assert 0 < int(answers[1].headers["Retry-After"]) <= 60
    assert sum(AskedMinute.objects.filter(key=made.row).values_list("asked", flat=True)) == 4


def test_answer_says_what_holds_and_when(question):
    before = clock.now()
    answer = ask(question, key=make_system().secret)

    assert {key: value for key, value in answer.json().items() if key != "as_of"} == {
        "may": True,
        "reason": "basis",
        "norm": "152-FZ 6.1.5",
        "text": "The purpose does not rest on consent, and nothing stands against it.",
        "purpose": "account",
        "subject": question["subject"],
    }
    assert answer.json()["as_of"] >= before.isoformat(timespec="milliseconds")
    assert answer.headers["Cache-Control"] == "no-store"


def test_key_is_in_no_row_and_no_line_of_the_log(question, caplog):
    made = make_system(at=LONG_AGO)
    ask(question, key=made.secret)
    ask(question, key=made.secret[:-1] + "!")

    assert made.secret not in caplog.text
    assert made.secret not in str(made.row.__dict__)
    assert UUID(str(made.row.pk)).hex not in made.secret
