"""On paper or by telephone: entered by one, in force when another has looked."""

from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from consent.models import LedgerEntry, PaperConsent, PaperScan
from consent.paper_services import (
    EnteredAlready,
    Incomplete,
    NoAuthority,
    NotByThisWay,
    NotWaiting,
    Overtaken,
    SecondPersonNeeded,
    confirm,
    enter,
    refuse,
)
from consent.papers import GivenBy, PaperRefusal, PaperState, Way
from consent.services import AlreadyInForce, MayNotConsent
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.models import Event
from retention.erasure import erase
from tests.factories.accounts import make_user
from tests.factories.consent import GIVEN_AT, make_consent, make_withdrawal, publish
from tests.factories.papers import ANOTHER, ONE, by_guardian, entering, make_paper, make_paper_consent, scan
from tests.factories.personal_data import make_subject
from tests.factories.suppression import make_suppression

pytestmark = pytest.mark.usefixtures("published")
LATER = GIVEN_AT + timedelta(hours=1)


def open_purposes(subject: Subject) -> list[str]:
    return Subject.objects.get(pk=subject.pk).open_purposes


def test_enter_opens_nothing_and_seals_the_scan():
    subject = make_subject()

    paper = make_paper(subject_id=subject.pk)

    assert (paper.state, open_purposes(subject), LedgerEntry.objects.count()) == ("waiting", [], 0)
    with processing("rights", actor=ANOTHER, reason="consent surveys"):
        assert PaperScan.objects.get(paper=paper).document.read() == scan().read()
    facts = list(Event.objects.filter(subject=subject.pk).exclude(fact="").values_list("fact", flat=True))
    assert facts == ["consent_paper_entered"]


def test_confirm_by_another_gives_and_says_by_which_way():
    subject = make_subject()

    entry = make_paper_consent(subject_id=subject.pk)

    assert (entry.channel, entry.given_by, entry.kind) == ("paper", "subject", "given")
    assert entry.paper is not None
    assert entry.paper.decided_by != entry.paper.author
    assert open_purposes(subject) == ["surveys"]


def test_advertising_on_paper_needs_no_mail_because_two_people_saw_the_signature():
    assert make_paper_consent(subject_id=make_subject().pk, purpose="ads").channel == "paper"


def test_confirm_by_the_same_person_is_refused():
    paper = make_paper(subject_id=make_subject().pk)

    with pytest.raises(SecondPersonNeeded):
        confirm(paper_id=paper.pk, actor=ONE, at=LATER)
    with pytest.raises(SecondPersonNeeded):
        refuse(paper_id=paper.pk, why=PaperRefusal.NOT_SIGNED, actor=ONE, at=LATER)

    assert LedgerEntry.objects.count() == 0


def test_refuse_says_why_and_opens_nothing():
    subject = make_subject()
    paper = make_paper(subject_id=subject.pk)

    refuse(paper_id=paper.pk, why=PaperRefusal.NOT_SIGNED, actor=ANOTHER, at=LATER)

    paper.refresh_from_db()
    assert (paper.state, paper.refusal, open_purposes(subject)) == (PaperState.REFUSED, "not_signed", [])
    with pytest.raises(NotWaiting):
        confirm(paper_id=paper.pk, actor=ANOTHER, at=LATER)


def test_confirm_twice_is_refused():
    entry = make_paper_consent(subject_id=make_subject().pk)
    assert entry.paper_id

    with pytest.raises(AlreadyInForce):
        confirm(paper_id=entry.paper_id, actor=ANOTHER, at=LATER)


@pytest.mark.parametrize("when", ["before it is entered", "before it is confirmed"])
def test_paper_of_somebody_blocked_is_refused(when):
    subject = make_subject()
    paper = None
    if when == "before it is confirmed":
        paper = make_paper(subject_id=subject.pk)
    subject.block(at=GIVEN_AT)

    with pytest.raises(MayNotConsent):
        if paper:
            confirm(paper_id=paper.pk, actor=ANOTHER, at=LATER)
        else:
            make_paper(subject_id=subject.pk)

    assert LedgerEntry.objects.count() == 0


def test_paper_for_a_consent_in_force_is_refused():
    subject = make_subject()
    make_consent(subject_id=subject.pk, purpose="surveys")

    with pytest.raises(AlreadyInForce):
        make_paper(subject_id=subject.pk)


def test_a_paper_older_than_the_withdrawal_is_not_entered():
    subject = make_subject()
    make_consent(subject_id=subject.pk, purpose="surveys")
    make_withdrawal(subject_id=subject.pk, purpose="surveys", at=GIVEN_AT + timedelta(days=2))

    with pytest.raises(Overtaken):
        make_paper(subject_id=subject.pk, at=GIVEN_AT + timedelta(days=3), received_at=GIVEN_AT + timedelta(days=1))

    assert PaperConsent.objects.count() == 0
    make_paper(subject_id=subject.pk, at=GIVEN_AT + timedelta(days=3))


def test_confirm_opens_nothing_that_was_withdrawn_after_the_paper_was_entered():
    subject = make_subject()
    paper = make_paper(subject_id=subject.pk)
    make_consent(subject_id=subject.pk, purpose="surveys", at=GIVEN_AT + timedelta(minutes=10))
    make_withdrawal(subject_id=subject.pk, purpose="surveys", at=GIVEN_AT + timedelta(minutes=20))

    with pytest.raises(Overtaken):
        confirm(paper_id=paper.pk, actor=ANOTHER, at=LATER)

    assert open_purposes(subject) == []
    refuse(paper_id=paper.pk, why=PaperRefusal.OVERTAKEN, actor=ANOTHER, at=LATER)


def test_confirm_lifts_no_suppression_that_is_newer_than_the_paper():
    user = make_user(address="anna@example.org")
    paper = make_paper(subject_id=user.subject_id, purpose="ads")
    next_day = GIVEN_AT + timedelta(days=1)
    make_suppression(address="anna@example.org", at=next_day)

    with pytest.raises(Overtaken):
        confirm(paper_id=paper.pk, actor=ANOTHER, at=next_day)

    assert Subject.objects.get(pk=user.subject_id).open_purposes == []
    newer = make_paper(subject_id=make_user(address="vera@example.org").subject_id, purpose="ads", at=next_day)
    make_suppression(address="vera@example.org", at=GIVEN_AT)
    assert confirm(paper_id=newer.pk, actor=ANOTHER, at=next_day).is_given


def test_enter_twice_is_refused_while_the_first_waits():
    subject = make_subject()
    paper = make_paper(subject_id=subject.pk)

    with pytest.raises(EnteredAlready):
        make_paper(subject_id=subject.pk)

    refuse(paper_id=paper.pk, why=PaperRefusal.ILLEGIBLE, actor=ANOTHER, at=LATER)
    make_paper(subject_id=subject.pk)


def test_database_refuses_two_papers_that_wait_for_the_same():
    paper = make_paper(subject_id=make_subject().pk)
    paper.pk, paper._state.adding = uuid4(), True

    with pytest.raises(IntegrityError, match="paper_consent_one_waits"):
        paper.save(force_insert=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"document": None},
        {"way": Way.TELEPHONE, "document": None},
        by_guardian() | {"representative": ""},
        by_guardian() | {"authority": None},
        by_guardian() | {"authority_until": None},
        by_guardian() | {"authority_document": None},
    ],
)
def test_enter_refuses_what_lacks_its_proof(changes):
    with pytest.raises(Incomplete):
        make_paper(subject_id=make_subject().pk, **changes)

    assert PaperConsent.objects.count() == 0


def test_telephone_keeps_who_called_sealed_and_which_text_was_read_out():
    subject = make_subject()

    entry = make_paper_consent(subject_id=subject.pk, way=Way.TELEPHONE, document=None, caller="Белова Анна")

    assert entry.channel == "telephone"
    with processing("rights", actor=ANOTHER, reason="consent surveys"):
        assert PaperScan.objects.get().caller == "Белова Анна"


def test_telephone_is_not_enough_for_advertising_and_not_for_a_representative():
    subject_id = make_subject().pk

    with pytest.raises(NotByThisWay):
        make_paper(subject_id=subject_id, purpose="ads", way=Way.TELEPHONE, document=None, caller="Белова Анна")
    with pytest.raises(NotByThisWay):
        make_paper(subject_id=subject_id, way=Way.TELEPHONE, document=None, caller="Белова Анна", **by_guardian())


def test_guardian_gives_with_a_document_of_authority_and_the_ledger_says_so():
    subject = make_subject()

    entry = make_paper_consent(subject_id=subject.pk, **by_guardian())

    assert entry.given_by == GivenBy.GUARDIAN
    assert entry.paper is not None
    assert (entry.paper.authority, entry.paper.authority_until) == ("birth_certificate", date(2030, 1, 1))
    with processing("rights", actor=ANOTHER, reason="consent surveys"):
        kept = PaperScan.objects.get()
        assert kept.representative == "Белова Мария"
        assert "рождении" in kept.authority_document.read().decode()


def test_authority_that_had_ended_is_refused():
    with pytest.raises(NoAuthority):
        make_paper(subject_id=make_subject().pk, **by_guardian(until=GIVEN_AT.date() - timedelta(days=1)))

    make_paper(subject_id=make_subject().pk, **by_guardian(until=GIVEN_AT.date()))


def test_scan_goes_with_its_person_and_the_codes_stay():
    subject = make_subject()
    make_paper_consent(subject_id=subject.pk, **by_guardian())

    with processing("retention", actor=ONE):
        erase([subject.pk])

    assert PaperScan.objects.count() == 0
    assert PaperConsent.objects.count() == 1


# --- the database -----------------------------------------------------------------------------------------------------


def test_database_refuses_one_person_for_two():
    paper = make_paper(subject_id=make_subject().pk)

    with pytest.raises(IntegrityError, match="paper_consent_needs_four_eyes"):
        PaperConsent.objects.filter(pk=paper.pk).update(state="confirmed", decided_by=paper.author, decided_at=LATER)


def test_database_refuses_a_decision_without_anybody():
    paper = make_paper(subject_id=make_subject().pk)

    with pytest.raises(IntegrityError, match="paper_consent_is_decided_whole"):
        PaperConsent.objects.filter(pk=paper.pk).update(state="confirmed")


def test_database_refuses_a_consent_on_a_paper_that_waits():
    paper = make_paper(subject_id=make_subject().pk)

    with pytest.raises(IntegrityError, match="nothing proves this consent"):
        LedgerEntry.objects.create(
            subject_id=paper.subject_id,
            purpose=paper.purpose,
            turn=1,
            kind="given",
            text=paper.text,
            language="ru",
            sha256=paper.sha256,
            channel="paper",
            paper=paper,
            at=LATER,
            act=paper.pk,
        )


@pytest.mark.parametrize(
    "changes", [{"received_at": LATER}, {"way": "telephone"}, {"state": "refused", "author": ANOTHER.id}]
)
def test_database_refuses_to_change_what_was_entered(changes):
    paper = make_paper(subject_id=make_subject().pk)

    with pytest.raises(ProgrammingError, match="decided once"), transaction.atomic():
        PaperConsent.objects.filter(pk=paper.pk).update(**changes)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_paperconsent SET state = 'refused', refusal = 'illegible'",
        "DELETE FROM consent_paperconsent",
        "TRUNCATE consent_paperconsent CASCADE",
    ],
)
def test_superuser_cannot_change_what_was_decided(statement, as_superuser):
    publish()
    make_paper_consent(subject_id=make_subject().pk)

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_superuser.execute(statement)


def test_entering_knows_only_published_texts():
    with pytest.raises(Exception, match="does not exist"):
        enter(entering(subject_id=make_subject().pk, text_id=999_999), actor=ONE, at=GIVEN_AT)
