"""What the system carries out for each kind, in the transaction of the act that decides it."""

import io
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest

from accounts.copy import make_copy
from accounts.models import Profile
from consent.models import LedgerEntry
from consent.suppression import is_suppressed
from personal_data.errors import Blocked
from personal_data.models import Subject, SubjectKind
from personal_data.scope import processing
from processing_log.actors import Actor
from retention.models import Clock
from subject_requests import services
from subject_requests.kinds import Identity, Outcome, RequestKind, State
from subject_requests.models import Correction, RecipientNotice, Request
from tests.factories.accounts import JOINED_AT, make_user
from tests.factories.consent import make_consent, publish
from tests.factories.personal_data import make_subject
from tests.factories.subject_requests import CLERK, HOUR, OFFICER, RECEIVED, make_request, move

pytestmark = pytest.mark.django_db
LATER = RECEIVED + 2 * HOUR


def person_of(filed: Request) -> Subject:
    return Subject.objects.get(pk=filed.person_id)


def consents_of(subject_id: UUID) -> list[str]:
    return [entry.purpose for entry in LedgerEntry.objects.in_force().filter(subject_id=subject_id)]


def test_blocking_is_there_when_the_request_is():
    filed = make_request(kind=RequestKind.BLOCKING)

    assert person_of(filed).blocked_at == RECEIVED
    assert filed.outcomes == [Outcome.BLOCKED]
    with pytest.raises(Blocked), processing("account", actor=CLERK):
        Profile.objects.create(subject_id=filed.subject_id, first_name="Имя")


def test_nothing_is_blocked_for_somebody_whom_nobody_knows():
    filed = make_request(kind=RequestKind.BLOCKING, identity=Identity.NONE, actor=Actor.stranger())

    assert person_of(filed).blocked_at is None
    assert filed.outcomes == []


def test_what_could_not_be_done_at_once_is_done_when_it_is_known_who_asks():
    holder = make_user()
    stranger = services.subject_for_stranger(at=RECEIVED, actor=Actor.stranger(), address="me@example.org")
    filed = make_request(
        subject_id=stranger.pk, kind=RequestKind.BLOCKING, identity=Identity.NONE, actor=Actor.stranger()
    )

    services.identify(
        request_id=filed.pk, identity=Identity.DOCUMENT, about_id=holder.subject_id, actor=CLERK, at=LATER
    )

    assert Subject.objects.get(pk=holder.subject_id).blocked_at == LATER
    assert Subject.objects.get(pk=stranger.pk).blocked_at is None
    assert [request.pk for request in Request.objects.of(holder.subject_id)] == [filed.pk]


def test_nothing_is_done_for_a_representative_before_the_authority_is_checked():
    filed = make_request(kind=RequestKind.BLOCKING, by_representative=True)
    assert person_of(filed).blocked_at is None

    services.check_authority(request_id=filed.pk, actor=CLERK, at=LATER)

    assert person_of(filed).blocked_at == LATER


def test_answer_that_would_disclose_waits_until_it_is_known_who_asks():
    filed = make_request(identity=Identity.NONE, actor=Actor.stranger(), state=State.TAKEN)

    with pytest.raises(services.WhoIsIt):
        services.answer(request_id=filed.pk, text="Вот", actor=CLERK, at=LATER)

    services.identify(request_id=filed.pk, identity=Identity.DOCUMENT, actor=CLERK, at=LATER)
    services.answer(request_id=filed.pk, text="Вот", actor=CLERK, at=LATER)
    filed.refresh_from_db()
    assert filed.state == State.ANSWERED


def test_stop_of_advertising_ends_consents_suppresses_the_address_and_is_answered_by_itself():
    publish()
    user = make_user(address="vera@example.org")
    make_consent(subject_id=user.subject_id, purpose="ads", at=JOINED_AT)

    filed = make_request(subject_id=user.subject_id, kind=RequestKind.STOP_ADS)

    assert consents_of(user.subject_id) == []
    assert is_suppressed("vera@example.org", "ads")
    assert (filed.state, filed.closed_by, filed.outcomes) == (State.ANSWERED, None, [Outcome.ADS_STOPPED])
    assert [message.kind for message in filed.messages.shown()][-1] == "answer"


def test_stop_of_advertising_needs_nobody_to_prove_anything():
    stranger = services.subject_for_stranger(at=RECEIVED, actor=Actor.stranger(), address="shy@example.org")

    filed = make_request(
        subject_id=stranger.pk, kind=RequestKind.STOP_ADS, identity=Identity.NONE, actor=Actor.stranger()
    )

    assert is_suppressed("shy@example.org", "ads")
    assert filed.state == State.ANSWERED
    assert Clock.objects.get(subject_id=stranger.pk).trigger == "guest_answered"


def test_stop_of_advertising_asked_for_by_a_representative_is_answered_by_itself_too():
    user = make_user()

    filed = make_request(subject_id=user.subject_id, kind=RequestKind.STOP_ADS, by_representative=True)

    assert filed.state == State.ANSWERED


@pytest.mark.parametrize("kind", [RequestKind.WITHDRAWAL, RequestKind.STOP_PROCESSING])
def test_withdrawal_and_stop_end_every_consent_at_once(kind):
    publish()
    user = make_user()
    make_consent(subject_id=user.subject_id, purpose="site_improvement", at=JOINED_AT)

    filed = make_request(subject_id=user.subject_id, kind=kind)

    assert consents_of(user.subject_id) == []
    assert person_of(filed).blocked_at is None
    assert filed.clocks.get(rule="D14").met_at is None  # those who process for the operator are told by staff
    assert filed.state == State.NEW


def test_block_is_lifted_by_the_answer_and_not_while_destruction_runs():
    first = make_request(kind=RequestKind.BLOCKING, state=State.ANSWERED)
    filed = make_request(subject_id=first.subject_id, kind=RequestKind.UNBLOCKING, state=State.ANSWERED)
    assert person_of(filed).blocked_at is None

    going = make_request(kind=RequestKind.DESTRUCTION, state=State.ANSWERED)
    again = make_request(subject_id=going.subject_id, kind=RequestKind.UNBLOCKING, state=State.TAKEN)
    with pytest.raises(services.WillBeDestroyed):
        services.answer(request_id=again.pk, text="Снято", actor=CLERK, at=LATER)


def test_answer_to_several_kinds_does_all_of_them():
    filed = make_request(kinds=[RequestKind.ACCESS, RequestKind.DESTRUCTION], state=State.ANSWERED)

    assert set(filed.outcomes) == {Outcome.INFORMED, Outcome.DESTRUCTION_STARTED}
    assert {clock.rule for clock in filed.clocks.running()} == {"D13"}


def test_correction_puts_the_new_value_in_and_tells_whom_to_tell():
    user = make_user(first_name="Вера")
    wanted = services.Wanted(field="last_name", value="Смирнова")
    filed = make_request(subject_id=user.subject_id, kind=RequestKind.CLARIFICATION, corrections=[wanted])

    move(filed, State.ANSWERED)

    with processing("rights", actor=CLERK):
        assert Profile.objects.get(subject_id=user.subject_id).last_name == "Смирнова"
    assert Correction.objects.get(request=filed).applied_at
    assert [notice.recipient for notice in RecipientNotice.objects.filter(request=filed)] == RECIPIENTS_OF_NAMES


RECIPIENTS_OF_NAMES: list[str] = []


def test_correction_that_needs_proof_waits_for_it():
    user = make_user()
    wanted = services.Wanted(field="last_name", value="Смирнова", needs_proof=True)
    filed = make_request(
        subject_id=user.subject_id, kind=RequestKind.CLARIFICATION, corrections=[wanted], state=State.TAKEN
    )
    with pytest.raises(services.ProofMissing):
        services.answer(request_id=filed.pk, text="Готово", actor=CLERK, at=LATER)

    services.see_proof(correction_id=Correction.objects.get(request=filed).pk, actor=CLERK, at=LATER)
    services.answer(request_id=filed.pk, text="Готово", actor=CLERK, at=LATER)

    assert Correction.objects.get(request=filed).applied_at == LATER


def test_stranger_is_a_person_of_their_own_and_is_forgotten_after_the_answer():
    first = services.subject_for_stranger(at=RECEIVED, actor=Actor.stranger(), address="one@example.org")
    second = services.subject_for_stranger(at=RECEIVED, actor=Actor.stranger(), address="one@example.org")
    assert first.pk != second.pk
    assert first.kind == SubjectKind.GUEST

    filed = make_request(subject_id=first.pk, identity=Identity.NONE, actor=Actor.stranger(), state=State.REFUSED)

    assert Clock.objects.get(subject_id=first.pk).started_at == filed.closed_at


def test_person_in_whose_hands_it_is_changes_by_handing_over_and_release():
    filed = make_request(state=State.TAKEN)

    services.hand_over(request_id=filed.pk, to=UUID(OFFICER.id), actor=CLERK, at=LATER)
    filed.refresh_from_db()
    assert str(filed.taken_by) == OFFICER.id

    with pytest.raises(services.NotInYourHands):
        services.release(request_id=filed.pk, actor=CLERK, at=LATER)
    services.release(request_id=filed.pk, actor=OFFICER, at=LATER)
    filed.refresh_from_db()
    assert (filed.state, filed.taken_by) == (State.NEW, None)
    assert [str(step.holder) for step in filed.steps.all()][-2:] == [OFFICER.id, "None"]


def test_waiting_ends_when_the_person_writes():
    filed = make_request(subject_id=make_subject().id, state=State.WAITING)

    services.add_words(request_id=filed.pk, text="Вот", actor=Actor.stranger(), at=LATER + timedelta(days=1))

    filed.refresh_from_db()
    assert filed.state == State.TAKEN


def test_notes_of_the_staff_and_a_refusal_nobody_confirmed_are_not_in_the_persons_copy():
    user = make_user()
    filed = make_request(subject_id=user.subject_id, state=State.PROPOSED)
    services.note(request_id=filed.pk, text="Заметка коллеге", actor=CLERK, at=LATER)

    with processing("rights", actor=user.actor):
        archive = zipfile.ZipFile(io.BytesIO(make_copy(user, at=LATER)))
        copy = archive.read("my-data.json").decode()

    assert "Какие данные обо мне у вас есть?" in copy
    assert "Заметка коллеге" not in copy
    assert "Вот почему." not in copy
