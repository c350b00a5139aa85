"""The answer is what the choke point says, over everything that it looks at, and never older than the last commit."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from threading import Event as Signal
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connection, connections, transaction

from personal_data.errors import PersonalDataError
from personal_data.models import Subject, SubjectKind
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.models import Event
from profiles import current
from systems.hot import HotQuestion
from tests.factories.consent import make_consent, make_withdrawal, publish
from tests.factories.personal_data import make_subject
from tests.factories.systems import ask, ask_server, make_subject_in, make_system, system_of_all_purposes

HALVES = (False, True)


def choke_point(code: str, subject: Subject) -> tuple[bool, str]:
    """What an act for this purpose meets when it opens something that the purpose covers."""
    purpose = current().purposes[code]
    category, operation = min(purpose.categories), min(purpose.operations)
    try:
        with processing(code, actor=Actor.system("test")) as act:
            act.permit(subject.pk, category, operation)
    except PersonalDataError as error:
        return False, error.code
    return True, "consent" if purpose.needs_consent else "basis"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", SubjectKind)
def test_answer_is_that_of_the_choke_point_whoever_is_asked_about(kind):
    subjects = [
        make_subject_in(kind=kind, blocked=blocked, destroyed=destroyed, consents=consents)
        for blocked, destroyed, consents in product(HALVES, HALVES, HALVES)
    ]
    key = system_of_all_purposes().secret

    for code in current().purposes:
        answers = ask({"purpose": code, "subjects": [str(each.pk) for each in subjects]}, key=key).json()["answers"]
        given = [(answer["may"], answer["reason"]) for answer in answers]
        assert given == [choke_point(code, subject) for subject in subjects], code


@pytest.mark.django_db
def test_matrix_has_every_answer_that_there_is():
    key = system_of_all_purposes().secret
    reasons = set()
    for kind, blocked, destroyed, consents in product(SubjectKind, HALVES, HALVES, HALVES):
        subject = make_subject_in(kind=kind, blocked=blocked, destroyed=destroyed, consents=consents)
        for code in current().purposes:
            reasons.add(ask({"purpose": code, "subject": str(subject.pk)}, key=key).json()["reason"])

    assert reasons == {"consent", "basis", "no_consent", "blocked", "destroyed", "not_covered"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_way_ahead_of_django_answers_the_same_bytes_and_headers(language, monkeypatch):
    key = system_of_all_purposes().secret
    subjects = [
        make_subject_in(kind=SubjectKind.USER, blocked=blocked, destroyed=destroyed, consents=consents)
        for blocked, destroyed, consents in product(HALVES, HALVES, HALVES)
    ]
    monkeypatch.setattr("systems.answers._moment", lambda at: "now")
    django = get_wsgi_application()
    hot = learned(django, key, subjects[0], language)

    for subject, code in product(subjects, current().purposes):
        body = {"purpose": code, "subject": str(subject.pk)}
        ahead = ask_server(hot, body, key=key, HTTP_ACCEPT_LANGUAGE=language)
        assert ahead == ask_server(django, body, key=key, HTTP_ACCEPT_LANGUAGE=language)
        assert ahead[0] == "200 OK"


def learned(django: WSGIApplication, key: str, subject: Subject, language: str = "en") -> HotQuestion:
    """It has seen Django answer once, and from then on must not need it."""
    is_behind = [True]

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert is_behind[0], "Django was asked"
        return django(environ, start_response)

    hot = HotQuestion(application)
    ask_server(hot, {"purpose": "account", "subject": str(subject.pk)}, key=key, HTTP_ACCEPT_LANGUAGE=language)
    is_behind[0] = False
    return hot


@pytest.mark.django_db(transaction=True)
def test_headers_of_security_are_there_and_nothing_is_kept():
    made, subject = make_system(), make_subject()
    hot = learned(get_wsgi_application(), made.secret, subject)

    status, headers, _ = ask_server(hot, {"purpose": "account", "subject": str(subject.pk)}, key=made.secret)

    assert status == "200 OK"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Accept-Language" in headers["Vary"]
    assert "Set-Cookie" not in headers


@pytest.mark.django_db(transaction=True)
def test_statement_that_the_connection_has_forgotten_is_prepared_again():
    made, subject = make_system(), make_subject()
    hot = learned(get_wsgi_application(), made.secret, subject)
    question = {"purpose": "account", "subject": str(subject.pk)}

    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        assert ask_server(hot, question, key=made.secret)[0] == "200 OK"


@pytest.mark.django_db(transaction=True)
def test_host_that_django_does_not_serve_is_not_answered_ahead_of_it_either():
    made, subject = make_system(), make_subject()
    hot = HotQuestion(get_wsgi_application())
    body = {"purpose": "account", "subject": str(subject.pk)}

    answers = [ask_server(hot, body, key=made.secret, HTTP_HOST="evil.example")[0] for _ in range(3)]

    assert answers == ["400 Bad Request"] * 3


@pytest.mark.django_db(transaction=True)
def test_withdrawal_holds_for_the_first_question_after_its_commit():
    publish()
    made, subject = make_system(), make_subject()
    make_consent(subject_id=subject.pk)
    hot = learned(get_wsgi_application(), made.secret, subject)
    closed, may_commit = Signal(), Signal()

    def close() -> None:
        try:
            with transaction.atomic():
                subject.close_purpose("ads")
                closed.set()
                may_commit.wait(10)
        finally:
            connections.close_all()

    def may() -> list[bool]:
        body = {"purpose": "ads", "subject": str(subject.pk)}
        ahead = ask_server(hot, body, key=made.secret)[2]
        return [b'"may":true' in ahead, ask(body, key=made.secret).json()["may"]]

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(close)
        assert closed.wait(10)
        assert may() == [True, True]
        may_commit.set()
        done.result()
        assert may() == [False, False]


@pytest.mark.django_db(transaction=True)
def test_answer_follows_what_the_person_does():
    publish()
    made, subject = make_system(), make_subject()
    hot = learned(get_wsgi_application(), made.secret, subject)
    body = {"purpose": "ads", "subject": str(subject.pk)}
    answers = []

    for act in (make_consent, make_withdrawal, make_consent):
        act(subject_id=subject.pk)
        answers.append(b'"may":true' in ask_server(hot, body, key=made.secret)[2])

    assert answers == [True, False, True]


@pytest.mark.django_db
def test_question_opens_nothing_and_is_no_event():
    made, subject = make_system(), make_subject()
    before = Event.objects.count()

    ask({"purpose": "ads", "subject": str(subject.pk)}, key=made.secret)

    assert Event.objects.count() == before


@pytest.mark.django_db
def test_nobody_we_know_is_a_problem_alone_and_an_answer_among_others():
    made, subject, nobody = make_system(), make_subject(), str(uuid4())

    alone = ask({"purpose": "account", "subject": nobody}, key=made.secret)
    among = ask({"purpose": "account", "subjects": [nobody, str(subject.pk)]}, key=made.secret)

    assert (alone.status_code, alone.json()["code"]) == (404, "unknown_subject")
    assert [(each["may"], each["reason"]) for each in among.json()["answers"]] == [
        (False, "unknown_subject"),
        (True, "basis"),
    ]
