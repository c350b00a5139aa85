"""Advertising: the button alone gives nothing, the mailbox has to answer."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import IntegrityError

from accounts.models import MailAddress, User
from consent import mailbox, tokens
from consent.models import Awaited, AwaitedStep, LedgerEntry, Served
from consent.services import AlreadyInForce, MayNotConsent, NotInForce, NotTheTextShown, withdraw_consent
from notifications.dispatch import dispatch_due
from notifications.models import OutgoingMail
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.models import Event
from profiles import current
from tests.factories.consent import GIVEN_AT, make_consent, make_withdrawal, press, publish_next, show, text_of
from tests.factories.papers import make_paper_consent
from tests.factories.personal_data import make_subject, person

pytestmark = pytest.mark.usefixtures("published")
STRANGER = Actor.stranger()
TERM = timedelta(hours=72)


@pytest.fixture
def subject() -> Subject:
    subject = make_subject()
    with processing("account", actor=person(subject.pk)):
        MailAddress.objects.create(subject=subject, address="anna@example.org")
    return subject


def code_of(awaited: Awaited) -> str:
    return tokens.link_code_of(awaited.pk)


def open_purposes(subject: Subject) -> list[str]:
    return Subject.objects.get(pk=subject.pk).open_purposes


def withdraw(subject: Subject, at=GIVEN_AT):
    return withdraw_consent(subject_id=subject.pk, purpose="ads", actor=person(subject.pk), at=at)


def test_every_purpose_of_advertising_asks_the_mailbox():
    asking = {code for code, purpose in current().purposes.items() if purpose.confirmation == "email"}

    assert asking == {code for code, purpose in current().purposes.items() if purpose.advertising}
    assert "ads" in asking


def test_press_gives_nothing_and_sends_one_mail(subject):
    awaited = press(subject_id=subject.pk)

    assert isinstance(awaited, Awaited)
    assert (LedgerEntry.objects.count(), open_purposes(subject)) == (0, [])
    assert awaited.expires_at == GIVEN_AT + TERM
    assert bytes(awaited.link_digest) == tokens.digest(code_of(awaited))
    mail = OutgoingMail.objects.get()
    assert (mail.template, mail.language, mail.purpose) == ("confirm_consent", "ru", "rights")
    assert code_of(awaited) not in str(mail.context)
    facts = (
        Event.objects.filter(subject=subject.pk, context=awaited.act).exclude(fact="").values_list("fact", flat=True)
    )
    assert sorted(facts) == ["consent_asked", "consent_mail_sent"]


@pytest.mark.parametrize(("language", "words"), [("ru", "три"), ("en", "works for three days")])
def test_mail_says_what_and_until_when_in_the_language_of_the_page(subject, language, words, mailoutbox):
    awaited = press(subject_id=subject.pk, language=language)
    with time_machine.travel(GIVEN_AT, tick=False):
        dispatch_due(at=GIVEN_AT)

    (mail,) = mailoutbox
    title = current().purpose("ads").title.in_language(language)
    html = mail.alternatives[0][0]
    assert mail.to == ["anna@example.org"]
    for said in (mail.body, html):
        assert f"/c/{code_of(awaited)}/" in said
        assert title in said
    assert words in mail.body


def test_confirm_gives_by_the_link_and_ties_mail_showing_and_entry(subject):
    awaited = press(subject_id=subject.pk)

    entry = mailbox.confirm(code=code_of(awaited), actor=STRANGER, at=GIVEN_AT + timedelta(hours=71))

    assert (entry.channel, entry.awaited, entry.served) == ("mail_link", awaited, Served.objects.get())
    assert open_purposes(subject) == ["ads"]


def test_confirm_works_once(subject):
    code = code_of(press(subject_id=subject.pk))
    mailbox.confirm(code=code, actor=STRANGER, at=GIVEN_AT)
    withdraw(subject)

    with pytest.raises(mailbox.NotAwaited):
        mailbox.confirm(code=code, actor=STRANGER, at=GIVEN_AT)

    assert open_purposes(subject) == []


@pytest.mark.parametrize("code", ["", "no-such-code", "я"])
def test_confirm_refuses_a_code_that_nobody_was_sent(code):
    with pytest.raises(mailbox.NotAwaited):
        mailbox.confirm(code=code, actor=STRANGER, at=GIVEN_AT)


def test_confirm_after_the_term_opens_nothing(subject):
    code = code_of(press(subject_id=subject.pk))

    with pytest.raises(mailbox.NotAwaited):
        mailbox.confirm(code=code, actor=STRANGER, at=GIVEN_AT + TERM)

    assert (LedgerEntry.objects.count(), open_purposes(subject)) == (0, [])


def test_after_the_term_it_can_be_asked_for_anew(subject):
    press(subject_id=subject.pk)

    later = GIVEN_AT + TERM
    assert make_consent(subject_id=subject.pk, at=later).channel == "mail_link"


def test_press_again_while_a_mail_is_awaited_sends_no_other(subject):
    nonce = show(subject_id=subject.pk, language="en").nonce
    press(subject_id=subject.pk)

    with pytest.raises(mailbox.AlreadyAwaited):
        press(subject_id=subject.pk, language="en")

    assert nonce
    assert OutgoingMail.objects.count() == 1


def test_decline_ends_it(subject):
    awaited = press(subject_id=subject.pk)

    assert mailbox.decline(subject_id=subject.pk, purpose="ads", actor=person(subject.pk), at=GIVEN_AT)
    assert not mailbox.decline(subject_id=subject.pk, purpose="ads", actor=person(subject.pk), at=GIVEN_AT)

    with pytest.raises(mailbox.NotAwaited):
        mailbox.confirm(code=code_of(awaited), actor=STRANGER, at=GIVEN_AT)


def test_withdrawal_of_what_still_waits_declines_it(subject):
    awaited = press(subject_id=subject.pk)

    with pytest.raises(NotInForce):
        withdraw(subject)

    assert mailbox.by_code(code_of(awaited), GIVEN_AT) is None


@pytest.mark.parametrize("gone", ["blocked", "destroyed"])
def test_confirm_refuses_who_is_blocked_or_destroyed_and_declining_works(subject, gone):
    awaited = press(subject_id=subject.pk)
    if gone == "blocked":
        subject.block(at=GIVEN_AT)
    else:
        Subject.objects.filter(pk=subject.pk).update(wrapped_key=None, destroyed_at=GIVEN_AT)

    with pytest.raises(MayNotConsent):
        mailbox.confirm(code=code_of(awaited), actor=STRANGER, at=GIVEN_AT)

    assert mailbox.decline(subject_id=subject.pk, purpose="ads", actor=STRANGER, at=GIVEN_AT)


def test_confirm_refuses_a_text_that_was_replaced_meanwhile(subject):
    code = code_of(press(subject_id=subject.pk))
    publish_next("ads")

    with pytest.raises(NotTheTextShown):
        mailbox.confirm(code=code, actor=STRANGER, at=GIVEN_AT)


def test_confirm_refuses_what_is_in_force_by_paper_already(subject):
    """Nothing else can be in force while a mail waits, but a paper."""
    code = code_of(press(subject_id=subject.pk))
    make_paper_consent(subject_id=subject.pk, purpose="ads")

    with pytest.raises(AlreadyInForce):
        mailbox.confirm(code=code, actor=STRANGER, at=GIVEN_AT + timedelta(hours=1))


# --- again ------------------------------------------------------------------------------------------------------------


def send_again(subject: Subject, minutes: int) -> None:
    at = GIVEN_AT + timedelta(minutes=minutes)
    mailbox.send_again(subject_id=subject.pk, purpose="ads", actor=person(subject.pk), at=at)


def test_send_again_sends_the_same_link_after_a_pause(subject):
    awaited = press(subject_id=subject.pk)
    with pytest.raises(mailbox.TooOften):
        send_again(subject, 9)

    send_again(subject, 11)

    assert [mail.template for mail in OutgoingMail.objects.all()] == ["confirm_consent"] * 2
    assert Awaited.objects.get() == awaited


def test_five_mails_a_day_are_enough_also_for_who_declines_and_asks_again(subject):
    for number in range(5):
        press(subject_id=subject.pk, at=GIVEN_AT + number * timedelta(hours=1))
        mailbox.decline(subject_id=subject.pk, purpose="ads", actor=STRANGER, at=GIVEN_AT + number * timedelta(hours=1))

    with pytest.raises(mailbox.TooOften):
        press(subject_id=subject.pk, at=GIVEN_AT + timedelta(hours=6))
    assert isinstance(press(subject_id=subject.pk, at=GIVEN_AT + timedelta(hours=25)), Awaited)


def test_send_again_without_anything_that_waits_is_refused(subject):
    with pytest.raises(mailbox.NotAwaited):
        send_again(subject, 0)


# --- the database -----------------------------------------------------------------------------------------------------


def test_database_refuses_advertising_without_an_answered_mail(subject):
    show(subject_id=subject.pk)
    text, served = text_of("ads"), Served.objects.get()

    with pytest.raises(IntegrityError, match="nothing proves this consent"):
        LedgerEntry.objects.create(
            subject=subject,
            purpose="ads",
            turn=1,
            kind="given",
            text=text,
            language="ru",
            sha256=text.sha256,
            served=served,
            at=GIVEN_AT,
            act=served.act,
        )


def test_database_refuses_an_answer_to_what_was_declined(subject):
    awaited = press(subject_id=subject.pk)
    AwaitedStep.objects.create(awaited=awaited, subject=subject, kind="declined", at=GIVEN_AT)
    text = text_of("ads")

    with pytest.raises(IntegrityError, match="nothing proves this consent"):
        LedgerEntry.objects.create(
            subject=subject,
            purpose="ads",
            turn=1,
            kind="given",
            text=text,
            language="ru",
            sha256=text.sha256,
            channel="mail_link",
            served=awaited.served,
            awaited=awaited,
            at=GIVEN_AT,
            act=awaited.act,
        )


def test_database_refuses_to_await_what_needs_no_mail(subject):
    show(subject_id=subject.pk, purpose="surveys")
    served = Served.objects.get()

    with pytest.raises(IntegrityError, match="nothing was shown"):
        Awaited.objects.create(
            link_digest=b"0",
            subject=subject,
            purpose="surveys",
            served=served,
            at=GIVEN_AT,
            expires_at=GIVEN_AT + TERM,
            act=served.act,
        )


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(client, subject):
    """The path behind the link, asked for by whoever reads the mail, signed in nowhere."""
    client.cookies["django_language"] = "en"
    return f"/c/{code_of(press(subject_id=subject.pk))}/"


@time_machine.travel(GIVEN_AT, tick=False)
def test_page_of_the_link_changes_nothing_however_often_it_is_opened(client, page, subject):
    for _ in range(20):
        assert client.get(page).status_code == 200
        assert client.head(page).status_code == 200

    assert (LedgerEntry.objects.count(), open_purposes(subject)) == (0, [])


@time_machine.travel(GIVEN_AT, tick=False)
def test_button_of_the_link_gives_and_says_so(client, page, subject):
    response = client.post(page)

    assert "The consent is in force" in response.content.decode()
    assert open_purposes(subject) == ["ads"]
    assert client.get(page).status_code == 410


@time_machine.travel(GIVEN_AT, tick=False)
def test_button_that_is_pressed_twice_says_what_holds(client, page, subject):
    client.post(page)

    again = client.post(page)
    assert (again.status_code, LedgerEntry.objects.count()) == (200, 1)
    assert "The consent is in force" in again.content.decode()

    make_withdrawal(subject_id=subject.pk, at=GIVEN_AT)
    assert client.post(page).status_code == 410
    assert open_purposes(subject) == []


@time_machine.travel(GIVEN_AT, tick=False)
def test_other_button_of_the_link_declines(client, page, subject):
    assert client.get(f"{page}decline/").status_code == 405

    assert "Nothing was given" in client.post(f"{page}decline/").content.decode()

    assert client.post(page).status_code == 410
    assert open_purposes(subject) == []


@time_machine.travel(GIVEN_AT, tick=False)
def test_button_of_the_link_of_somebody_blocked_says_so(client, page, subject):
    subject.block(at=GIVEN_AT)

    assert "No new consent can be given" in client.post(page).content.decode()


@time_machine.travel(GIVEN_AT, tick=False)
def test_button_of_the_link_after_a_change_of_the_text_says_so(client, page, subject):
    publish_next("ads")

    assert "The text has changed in the meantime" in client.post(page).content.decode()


@time_machine.travel(GIVEN_AT, tick=False)
def test_own_page_says_that_a_mail_is_awaited_sends_it_again_and_takes_it_back(client, subject):
    user = User.objects.create(subject=subject, email="token@s.invalid", date_joined=GIVEN_AT)
    client.force_login(user)
    client.cookies["django_language"] = "en"
    press(subject_id=subject.pk, language="en")

    tile = client.get("/me/consents/").content.decode().split('id="consent-advertising"')[1].split("</section>")[0]
    assert "waits for your answer" in tile
    assert "Read and decide" not in tile
    assert "nonce" not in client.get("/me/consents/advertising/").content.decode()

    again = client.post("/me/consents/advertising/send-again/", follow=True).content.decode()
    assert "Please wait ten minutes" in again
    declined = client.post("/me/consents/advertising/withdraw/", follow=True).content.decode()
    assert "Nothing waits for your answer any more." in declined
    assert mailbox.open_for(subject.pk, "ads", GIVEN_AT) is None


def test_path_of_the_link_is_short_enough_for_one_line_of_a_mail(subject):
    awaited = press(subject_id=subject.pk)

    assert len(urlsplit(f"/c/{code_of(awaited)}/").path) <= 48
