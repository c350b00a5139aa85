"""Data obtained unlawfully or not needed, processing found to be unlawful, and a demand to stop making data public."""

from datetime import timedelta
from typing import Any

import pytest

from personal_data.models import Subject
from profiles import current
from retention.models import Clock
from subject_requests import services
from subject_requests.kinds import Identity, Met, Outcome, RequestKind, State
from subject_requests.models import Request
from tests.factories.personal_data import make_subject
from tests.factories.subject_requests import CLERK, HOUR, NORM, OFFICER, RECEIVED, make_request

pytestmark = pytest.mark.django_db

LATER = RECEIVED + 3 * HOUR
STRANGER: dict[str, Any] = {"identity": Identity.NONE}


def is_blocked(filed: Request) -> bool:
    return Subject.objects.get(pk=filed.person_id).blocked_at is not None


def standing(filed: Request) -> dict[str, str]:
    return dict(filed.clocks.values_list("rule", "how"))


def running(filed: Request) -> list[tuple[str, object]]:
    return list(Clock.objects.running().filter(subject_id=filed.person_id).values_list("trigger", "started_at"))


def note(filed: Request, **more: Any) -> None:
    said: dict[str, Any] = {"found_at": LATER, "text": "Нашли в старой рассылке.", "actor": CLERK, "at": LATER} | more
    services.note_unlawful(request_id=filed.pk, **said)


def test_what_is_said_to_be_unlawful_is_blocked_for_the_check_and_destroyed_in_seven_working_days_if_it_is():
    filed = make_request(kind=RequestKind.UNNEEDED)
    assert (is_blocked(filed), standing(filed), filed.outcomes) == (True, {"D05": "", "D06": Met.AT_ONCE}, [])

    services.take(request_id=filed.pk, actor=CLERK, at=LATER)
    with pytest.raises(services.WhichPart):
        services.answer(request_id=filed.pk, text="Уничтожим.", actor=CLERK, at=LATER)
    everything = services.Chosen(everything=True)
    services.choose_parts(request_id=filed.pk, chosen=everything, actor=CLERK, at=LATER)
    services.answer(request_id=filed.pk, text="Уничтожим.", actor=CLERK, at=LATER)

    filed.refresh_from_db()
    assert filed.outcomes == [Outcome.UNNEEDED_ENDS]
    assert standing(filed)["D05"] == ""  # met by the destruction itself
    assert running(filed) == [("unneeded_proved", RECEIVED)]
    assert Clock.objects.get(trigger="unneeded_proved").due_at <= filed.clocks.get(rule="D05").due_at


def test_nothing_is_blocked_for_a_check_before_it_is_known_who_asks():
    filed = make_request(kind=RequestKind.UNNEEDED, **STRANGER)
    assert (is_blocked(filed), standing(filed)["D06"]) == (False, "")

    services.identify(request_id=filed.pk, identity=Identity.DOCUMENT, actor=CLERK, at=LATER)

    assert (is_blocked(filed), standing(filed)["D06"]) == (True, Met.AT_ONCE)


@pytest.mark.parametrize("kind", [RequestKind.UNNEEDED, RequestKind.BLOCKING])
def test_refusal_ends_the_check_and_its_block_but_not_that_of_another_request(kind):
    person = make_subject().id
    other = make_request(subject_id=person, kind=RequestKind.BLOCKING, received_at=RECEIVED + HOUR)
    filed = make_request(subject_id=person, kind=kind, state=State.REFUSED)
    assert is_blocked(filed)

    services.take(request_id=other.pk, actor=CLERK, at=LATER)
    services.propose_refusal(request_id=other.pk, norm=NORM, text="Вот почему.", actor=CLERK, at=LATER)
    services.confirm_refusal(request_id=other.pk, actor=OFFICER, at=LATER)

    assert not is_blocked(filed)


def test_unlawful_processing_that_is_found_blocks_and_starts_both_terms_from_the_day_it_was_found():
    filed = make_request(kind=RequestKind.COMPLAINT, state=State.TAKEN)

    note(filed)
    note(filed)

    assert is_blocked(filed)
    assert standing(filed) == {"D31": "", "D08": "", "D09": ""}
    assert set(filed.clocks.filter(rule__in=["D08", "D09"]).values_list("started_at", flat=True)) == {LATER}
    assert running(filed) == [("unlawful_found", LATER)]
    owed = [each for each in current().recipients.values() if each.categories]
    assert filed.recipient_notices.count() == len(owed)


@pytest.mark.parametrize("end", ["answered", "taken back"])
def test_the_data_goes_whatever_becomes_of_the_request(end):
    filed = make_request(kind=RequestKind.COMPLAINT, state=State.TAKEN)
    note(filed)

    if end == "answered":
        services.answer(request_id=filed.pk, text="Нашли и прекратили.", actor=CLERK, at=LATER)
    else:
        services.withdraw(request_id=filed.pk, actor=CLERK, at=LATER)

    assert standing(filed)["D09"] == ""
    assert running(filed) == [("unlawful_found", LATER)]


def test_processing_that_was_made_lawful_goes_on_and_nothing_is_destroyed():
    filed = make_request(kind=RequestKind.COMPLAINT, state=State.TAKEN)
    note(filed)

    services.note_lawful(request_id=filed.pk, text="Получили согласие.", actor=OFFICER, at=LATER)

    assert standing(filed) == {"D31": "", "D08": Met.MADE_LAWFUL, "D09": Met.MADE_LAWFUL}
    assert (running(filed), is_blocked(filed)) == ([], False)


def test_nobody_finds_anything_tomorrow_in_silence_or_about_somebody_unknown():
    filed = make_request(kind=RequestKind.COMPLAINT, state=State.TAKEN)
    unknown = make_request(kind=RequestKind.COMPLAINT, state=State.TAKEN, **STRANGER)

    with pytest.raises(services.NotYetFound):
        note(filed, found_at=LATER + timedelta(days=1))
    with pytest.raises(services.NothingWritten):
        note(filed, text=" ")
    with pytest.raises(services.NotKnownWhose):
        note(unknown)


def test_demand_to_stop_dissemination_stops_it_at_once_and_staff_have_three_days_to_tell_others():
    filed = make_request(kind=RequestKind.STOP_DISSEMINATION)

    assert standing(filed) == {"D20": Met.AT_ONCE, "D20H": ""}
    assert filed.outcomes == [Outcome.DISSEMINATION_STOPPED]
    services.take(request_id=filed.pk, actor=CLERK, at=LATER)
    services.answer(request_id=filed.pk, text="Прекратили.", actor=CLERK, at=LATER)
    assert standing(filed)["D20H"] == Met.ANSWERED


def test_stranger_of_whom_nothing_else_is_held_is_answered_and_forgotten_by_the_rule_of_strangers():
    stranger = services.subject_for_stranger(at=RECEIVED, actor=CLERK, address="guest@example.org")
    filed = make_request(
        subject_id=stranger.pk,
        kind=RequestKind.DESTRUCTION,
        actor=CLERK,
        identity=Identity.DOCUMENT,
        state=State.ANSWERED,
    )

    assert filed.outcomes == [Outcome.DESTRUCTION_STARTED]
    assert [trigger for trigger, _at in running(filed)] == ["guest_answered"]
