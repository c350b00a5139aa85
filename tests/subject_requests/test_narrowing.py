"""A kind that was guessed wrongly, and a withdrawal of some consents only."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from consent.selectors import purposes_in_force
from processing_log.actors import Actor
from processing_log.models import Event
from subject_requests import clocks, drafts, selectors, services
from subject_requests.kinds import Channel, DropReason, Identity, Met, Outcome, RequestKind, State
from subject_requests.models import DroppedKind, Request
from tests.factories.accounts import JOINED_AT, make_user
from tests.factories.consent import make_consent, publish
from tests.factories.personal_data import make_subject
from tests.factories.subject_requests import CLERK, COLLEAGUE, HOUR, RECEIVED, make_request

pytestmark = pytest.mark.django_db

LATER = RECEIVED + 3 * HOUR
LETTER: dict[str, Any] = {
    "channel": Channel.MAIL,
    "identity": Identity.NONE,
    "actor": Actor.system("mail"),
    "is_guessed": True,
}


def drop(filed: Request, kind: RequestKind, *, by: Actor = CLERK, why: DropReason = DropReason.NOT_ASKED) -> None:
    services.drop_kind(request_id=filed.pk, kind=kind, why=why, actor=by, at=LATER)
    filed.refresh_from_db()


def standing(filed: Request) -> dict[str, str]:
    return dict(filed.clocks.values_list("rule", "how"))


def test_dropped_kind_goes_with_its_reason_and_its_clock_stays_in_sight():
    filed = make_request(kinds=[RequestKind.ACCESS, RequestKind.DESTRUCTION], state=State.TAKEN, **LETTER)

    drop(filed, RequestKind.DESTRUCTION)

    assert filed.asked == [RequestKind.ACCESS]
    assert standing(filed) == {"D01": "", "D13": Met.DROPPED, "D14": Met.DROPPED}
    assert filed.due_at == filed.clocks.get(rule="D01").due_at
    (shown,) = selectors.one_request(filed, at=LATER).dropped
    assert (shown.kind, shown.reason, str(shown.dropped_by)) == ("destruction", "not_asked", CLERK.id)
    assert "Уничтожить мои данные" in drafts.answer_to(filed)
    assert Event.objects.filter(fact="request_narrowed", reason=filed.number).count() == 1


def test_clock_that_another_kind_has_started_too_runs_on():
    filed = make_request(kinds=[RequestKind.WITHDRAWAL, RequestKind.DESTRUCTION], state=State.TAKEN, **LETTER)

    drop(filed, RequestKind.DESTRUCTION)

    assert standing(filed) == {"D13": "", "D14": ""}


def test_dropped_kind_that_was_meant_is_added_again_and_its_clock_runs_from_the_receipt():
    filed = make_request(kinds=[RequestKind.ACCESS, RequestKind.STOP_PROCESSING], state=State.TAKEN, **LETTER)
    before = filed.clocks.get(rule="D14").due_at
    drop(filed, RequestKind.STOP_PROCESSING)

    services.add_kinds(request_id=filed.pk, kinds=[RequestKind.STOP_PROCESSING], actor=CLERK, at=LATER)

    clock = filed.clocks.get(rule="D14")
    assert (clock.how, clock.met_at, clock.due_at) == ("", None, before)


def test_the_last_kind_and_what_was_carried_out_and_what_others_have_in_hand_are_not_dropped():
    only = make_request(state=State.TAKEN, **LETTER)
    person = make_subject().id
    done = make_request(subject_id=person, kinds=[RequestKind.ACCESS, RequestKind.BLOCKING], state=State.TAKEN)

    with pytest.raises(services.OnlyKind):
        drop(only, RequestKind.ACCESS)
    with pytest.raises(services.CarriedOut):
        drop(done, RequestKind.BLOCKING)
    with pytest.raises(services.NotInYourHands):
        drop(done, RequestKind.ACCESS, by=COLLEAGUE)


def test_database_refuses_to_lose_a_kind_without_a_word_and_to_forget_that_it_was_dropped():
    filed = make_request(kinds=[RequestKind.ACCESS, RequestKind.DESTRUCTION], state=State.TAKEN, **LETTER)

    with pytest.raises(IntegrityError, match="what was received does not change"), transaction.atomic():
        Request.objects.filter(pk=filed.pk).update(kinds=["access"])
    drop(filed, RequestKind.DESTRUCTION)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DroppedKind.objects.update(reason="said_so")


def test_withdrawal_in_a_letter_waits_until_staff_say_which_consents_go():
    publish()
    person = make_user().subject_id
    for purpose in ("ads", "surveys"):
        make_consent(subject_id=person, purpose=purpose, at=JOINED_AT)
    filed = make_request(kind=RequestKind.WITHDRAWAL, state=State.TAKEN, **LETTER)
    services.identify(request_id=filed.pk, identity=Identity.DOCUMENT, actor=CLERK, at=LATER, about_id=person)

    with pytest.raises(services.WhichConsents):
        services.answer(request_id=filed.pk, text="Сделано.", actor=CLERK, at=LATER)
    assert sorted(purposes_in_force(person)) == ["ads", "surveys"]

    services.choose_consents(request_id=filed.pk, consents=["surveys"], actor=CLERK, at=LATER)

    assert purposes_in_force(person) == ["ads"]
    filed.refresh_from_db()
    assert filed.outcomes == [Outcome.CONSENTS_WITHDRAWN]
    assert "отозваны" in drafts.answer_to(filed)


def test_person_who_asks_on_their_own_page_withdraws_all_and_staff_who_add_it_choose():
    own = make_request(kind=RequestKind.WITHDRAWAL)
    added = make_request(state=State.TAKEN)
    services.add_kinds(request_id=added.pk, kinds=[RequestKind.WITHDRAWAL], actor=CLERK, at=LATER)
    added.refresh_from_db()

    assert (own.consents, own.outcomes) == (None, [Outcome.CONSENTS_WITHDRAWN])
    assert (added.consents, added.outcomes) == ([], [])


def test_dropped_clock_is_no_more_overdue():
    filed = make_request(kinds=[RequestKind.AUTO_DECISION, RequestKind.ACCESS], state=State.TAKEN, **LETTER)

    drop(filed, RequestKind.ACCESS)

    assert not filed.clocks.overdue(RECEIVED + timedelta(days=20)).exists()
    assert clocks.recount_provisional(actor=CLERK) == 0
