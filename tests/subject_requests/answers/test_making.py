"""Making an answer: by whoever has the request, for somebody known, once, seen on its way, stopped, kept as proof."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation

from personal_data.errors import Undeclared
from personal_data.files import folder_of
from personal_data.scope import processing
from processing_log.models import Event
from subject_requests.answering import WhoIsIt
from subject_requests.answers import giving, making
from subject_requests.answers.archive import DATA, PAGE, PDF, unpack
from subject_requests.course import NotInYourHands
from subject_requests.kinds import Channel, Identity, RequestKind, State
from subject_requests.models import AnswerFile, AnswerSet, AnswerState
from tests.factories.accounts import make_user
from tests.factories.answers import ASKED, make_answer_set, make_taken_request
from tests.factories.consent import publish
from tests.factories.papers import make_paper
from tests.factories.personal_data import staff
from tests.factories.subject_requests import CLERK, COLLEAGUE, make_request

pytestmark = pytest.mark.django_db


def archive_of(answer):
    with processing("rights", actor=staff()):
        return zipfile.ZipFile(io.BytesIO(giving.read(answer).content))


def test_make_answer_keeps_a_sealed_archive_and_counts_without_values(real_pdf):
    publish()
    user = make_user(address="anna@example.org", first_name="Анна", last_name="Белова")
    make_paper(subject_id=user.subject_id)
    made = make_answer_set(request=make_taken_request(subject_id=user.subject_id))

    archive = archive_of(made)
    files = [name for name in archive.namelist() if name.startswith("files/")]
    document = json.loads(archive.read(DATA))

    assert sorted(archive.namelist()) == sorted([PAGE, PDF, DATA, *files])
    assert len(files) == made.files == 1
    assert document["request"]["number"] == made.request.number
    assert "Белова" in archive.read(PAGE).decode()
    assert archive.read(PDF).startswith(b"%PDF-1.7")
    assert (made.state, made.done, made.counts) == (AnswerState.READY, 5, {"email": 1, "name": 2, "request": 2})
    folder = folder_of("subject_requests_answerfile", "archive", AnswerFile.objects.get().pk)
    on_disk = b"".join(path.read_bytes() for path in folder.iterdir())
    assert len(on_disk) > 10_000
    assert "Белова".encode() not in on_disk


def test_reading_for_an_answer_is_logged_with_the_request():
    made = make_answer_set(request=make_taken_request(subject_id=make_user(first_name="Анна").subject_id))

    read = Event.objects.filter(subject=made.subject_id, operation="extract")
    assert {(event.actor_id, event.reason) for event in read} == {("answers", f"answer {made.request.number}")}
    assert {code for event in read for code in event.categories} == {"email", "name", "request"}
    facts = list(Event.objects.filter(fact__startswith="answer_set").order_by("id").values_list("fact", flat=True))
    assert facts == ["answer_set_asked", "answer_set_made"]


def test_answer_is_in_the_language_of_the_request_whatever_the_worker_speaks():
    with translation.override("ru"):
        made = make_answer_set(request=make_taken_request(language="en"))

    assert "Confirmation of the processing" in archive_of(made).read(PAGE).decode()


@pytest.mark.parametrize(
    "more",
    [
        {"identity": Identity.NONE, "channel": Channel.MAIL},
        {"identity": Identity.DOCUMENT, "channel": Channel.POST, "by_representative": True, "actor": CLERK},
    ],
)
def test_ask_refuses_while_it_is_not_known_who_asks_or_by_what_right(more):
    filed = make_request(state=State.TAKEN, **more)

    with pytest.raises(WhoIsIt):
        making.ask_for(request_id=filed.pk, actor=CLERK, at=ASKED)

    assert not AnswerSet.objects.exists()


def test_database_refuses_an_answer_for_nobody_known():
    filed = make_request(state=State.TAKEN, identity=Identity.NONE, channel=Channel.MAIL)

    with pytest.raises(DatabaseError, match="known"), transaction.atomic():
        AnswerSet.objects.create(
            request=filed, subject_id=filed.subject_id, language="ru", asked_by=CLERK.id, asked_at=ASKED
        )


def test_ask_is_for_whoever_has_the_request_and_for_requests_that_ask():
    filed, other = make_taken_request(), make_request(kind=RequestKind.COMPLAINT, state=State.TAKEN)

    with pytest.raises(NotInYourHands):
        making.ask_for(request_id=filed.pk, actor=COLLEAGUE, at=ASKED)
    with pytest.raises(making.NotAskedFor):
        making.ask_for(request_id=other.pk, actor=CLERK, at=ASKED)


def test_one_answer_at_a_time():
    filed = make_taken_request()
    making.ask_for(request_id=filed.pk, actor=CLERK, at=ASKED)

    with pytest.raises(making.AtWork):
        making.ask_for(request_id=filed.pk, actor=CLERK, at=ASKED)


def test_make_makes_once_whoever_calls_twice():
    asked = making.ask_for(request_id=make_taken_request().pk, actor=CLERK, at=ASKED)

    assert making.make(asked.pk, at=ASKED)
    assert not making.make(asked.pk, at=ASKED)
    assert AnswerFile.objects.count() == 1


def test_stop_before_it_began_and_on_its_way(monkeypatch):
    waiting = making.ask_for(request_id=make_taken_request().pk, actor=CLERK, at=ASKED)
    assert making.stop(answer_id=waiting.pk, at=ASKED)
    assert not making.make(waiting.pk, at=ASKED)

    going = making.ask_for(request_id=make_taken_request().pk, actor=CLERK, at=ASKED)
    gather = making.make_document

    def stopped_meanwhile(*args, **kwargs):
        assert making.stop(answer_id=going.pk, at=ASKED)
        return gather(*args, **kwargs)

    monkeypatch.setattr(making, "make_document", stopped_meanwhile)
    assert not making.make(going.pk, at=ASKED)

    assert set(AnswerSet.objects.values_list("state", flat=True)) == {AnswerState.STOPPED}
    assert not AnswerFile.objects.exists()


def test_what_fails_says_so_and_what_a_dead_worker_left_is_made_anew(monkeypatch):
    asked = making.ask_for(request_id=make_taken_request().pk, actor=CLERK, at=ASKED)
    with monkeypatch.context() as patch:
        patch.setattr(making, "pack", lambda *_args, **_more: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            making.make(asked.pk, at=ASKED)
    asked.refresh_from_db()
    assert asked.state == AnswerState.FAILED

    left = making.ask_for(request_id=make_taken_request().pk, actor=CLERK, at=ASKED)
    AnswerSet.objects.filter(pk=left.pk).update(state=AnswerState.MAKING, started_at=ASKED, done=2)
    assert making.make_waiting(at=ASKED + timedelta(minutes=5)) == 0
    assert making.make_waiting(at=ASKED + timedelta(minutes=11)) == 1


def test_made_answer_holds_no_answer_before_it():
    filed = make_taken_request()
    make_answer_set(request=filed)
    second = make_answer_set(request=filed, at=ASKED + timedelta(hours=1))

    with processing("rights", actor=staff()):
        document = unpack(giving.read(second).content)

    values = [value for category in document["data"] for value in category["values"]]
    assert [value["withheld"] for value in values if "withheld" in value] == ["answer"]


def test_what_was_made_is_proof_and_does_not_change():
    made = make_answer_set()

    for change in ({"sha256": "0" * 64}, {"counts": {}}, {"state": AnswerState.FAILED, "made_at": None, "sha256": ""}):
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            AnswerSet.objects.filter(pk=made.pk).update(**change)
    with pytest.raises(DatabaseError, match="proof"), transaction.atomic():
        AnswerSet.objects.filter(pk=made.pk)._raw_delete("default")


def test_archive_opens_in_no_undeclared_place():
    made = make_answer_set()

    with pytest.raises(Undeclared):
        giving.read(made)
