"""Mail that nobody has to accept: what it carries, what stands before it, and what becomes of it."""

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend

from consent import links
from consent.suppression import digest_of
from notifications import dispatch, kinds, optional
from notifications.kinds import WrongKind
from notifications.models import MailState, OutgoingMail
from personal_data.models import Subject
from processing_log.models import Event
from tests.factories.accounts import make_user
from tests.factories.consent import make_consent, make_withdrawal, publish
from tests.factories.notifications import AT, make_mail
from tests.factories.suppression import make_news, make_suppression

pytestmark = pytest.mark.django_db

LIST_HEADERS = {"List-Unsubscribe", "List-Unsubscribe-Post", "List-ID"}


@pytest.fixture
def anna() -> Subject:
    """With an account: the choke point stands before her address."""
    publish()
    return make_user().subject


@pytest.fixture
def willing(anna: Subject) -> Subject:
    make_consent(subject_id=anna.pk)
    return anna


def state_of(mail: OutgoingMail) -> tuple[str, str]:
    mail.refresh_from_db()
    return mail.state, mail.failure


def as_sent(letter: EmailMultiAlternatives) -> bytes:
    message: Any = letter.message()
    return bytes(message.as_bytes(linesep="\r\n"))


def as_received(letter: EmailMultiAlternatives) -> EmailMessage:
    """Through the bytes that leave, as a mail program reads them."""
    message = message_from_bytes(as_sent(letter), policy=default)
    assert isinstance(message, EmailMessage)
    return message


# --- what an advertising mail carries ---------------------------------------------------------------------------------


def test_advertising_carries_the_headers_of_one_click(willing, mailoutbox):
    dispatch.dispatch(make_news(subject_id=willing.pk).pk, at=AT)

    message = as_received(mailoutbox[0])
    (uri,) = re.findall(r"^<(http://testserver/unsubscribe/[\w-]+/)>$", message["List-Unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-ID"] == '"Advertising by e-mail" <ads.testserver>'
    assert message["Auto-Submitted"] is None
    assert message.get_all("List-Unsubscribe") == [f"<{uri}>"]
    way_out = links.read(uri.split("/")[-2])
    assert (way_out.subject_id, way_out.purpose) == (willing.pk, "ads")
    assert way_out.digest == digest_of("anna@example.org")


def test_name_of_the_list_is_told_in_russian(willing, mailoutbox):
    dispatch.dispatch(make_news(subject_id=willing.pk, language="ru").pk, at=AT)

    assert as_received(mailoutbox[0])["List-ID"] == "Реклама по электронной почте <ads.testserver>"
    assert mailoutbox[0].message()["List-ID"].isascii()


def test_headers_of_one_click_stand_on_lines_of_their_own(willing, mailoutbox):
    """As DKIM signs them: the whole address in one piece, however long."""
    dispatch.dispatch(make_news(subject_id=willing.pk, language="ru").pk, at=AT)

    raw = as_sent(mailoutbox[0]).decode()
    assert re.search(r"\r\nList-Unsubscribe: <http://testserver/unsubscribe/[\w-]{156}/>\r\n", raw)
    assert "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert max(len(line) for line in raw.split("\r\n")) < 998


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_list_of_a_portal_without_a_domain_is_a_local_one(willing, mailoutbox, settings, host):
    settings.BASE_URL = f"http://{host}:8000"

    dispatch.dispatch(make_news(subject_id=willing.pk).pk, at=AT)

    assert mailoutbox[0].message()["List-ID"].endswith("<ads.localhost>")


def test_foot_of_advertising_names_the_consent_and_the_way_out_of_it(willing, mailoutbox):
    dispatch.dispatch(make_news(subject_id=willing.pk).pk, at=AT)

    (html,) = [part for part, kind in mailoutbox[0].alternatives if kind == "text/html"]
    for words in (mailoutbox[0].body, html):
        assert "It is sent with your consent “Advertising by e-mail”." in words
        (token,) = set(re.findall(r"http://testserver/w/([\w-]+)/", words))
        assert links.read(token).purpose == "ads"
        assert "It holds no advertising" not in words


def test_two_mails_to_one_reader_carry_different_links(willing, mailoutbox):
    for _ in range(2):
        dispatch.dispatch(make_news(subject_id=willing.pk).pk, at=AT)

    first, second = (letter.message()["List-Unsubscribe"] for letter in mailoutbox)
    assert first != second


# --- what other mails carry ---------------------------------------------------------------------------------------


def test_service_mail_is_marked_as_such_and_carries_nothing_of_a_list(anna, mailoutbox):
    dispatch.dispatch(make_mail(subject_id=anna.pk, purpose="rights").pk, at=AT)

    message = mailoutbox[0].message()
    assert message["Auto-Submitted"] == "auto-generated"
    assert not LIST_HEADERS & set(message.keys())
    assert "/w/" not in mailoutbox[0].body


def test_mail_by_consent_that_does_not_advertise_has_the_way_out_and_no_list(anna, mailoutbox):
    make_consent(subject_id=anna.pk, purpose="surveys")

    dispatch.dispatch(make_mail(subject_id=anna.pk, purpose="surveys").pk, at=AT)

    message = mailoutbox[0].message()
    assert message["Auto-Submitted"] == "auto-generated"
    assert not LIST_HEADERS & set(message.keys())
    (token,) = re.findall(r"http://testserver/w/([\w-]+)/", mailoutbox[0].body)
    assert links.read(token).purpose == "surveys"


# --- what does not leave ----------------------------------------------------------------------------------------------


def test_advertising_to_a_suppressed_address_does_not_leave_and_wakes_nobody(willing, mailoutbox, caplog):
    make_suppression()

    mail = make_news(subject_id=willing.pk)
    assert dispatch.dispatch(mail.pk, at=AT) == MailState.FAILED

    assert mailoutbox == []
    assert state_of(mail) == ("failed", "suppressed")
    assert [record.levelname for record in caplog.records if str(mail.pk) in record.message] == ["INFO"]


def test_advertising_after_the_withdrawal_does_not_leave(willing, mailoutbox):
    mail = make_news(subject_id=willing.pk)
    make_withdrawal(subject_id=willing.pk)

    dispatch.dispatch(mail.pk, at=AT)

    assert mailoutbox == []
    assert state_of(mail) == ("failed", "no_consent")
    assert Event.objects.filter(fact="refused_no_consent", subject=willing.pk).count() == 1


def test_advertising_that_waits_for_the_mail_server_is_asked_about_again(willing, mailoutbox, monkeypatch):
    mail = make_news(subject_id=willing.pk)
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "open", _out_of_reach)
        assert dispatch.dispatch(mail.pk, at=AT) == MailState.QUEUED
    make_suppression()
    mail.refresh_from_db()

    dispatch.dispatch(mail.pk, at=mail.due_at)

    assert (mailoutbox, state_of(mail)) == ([], ("failed", "suppressed"))


def _out_of_reach(self: EmailBackend) -> bool:
    raise ConnectionRefusedError


@pytest.mark.parametrize("purpose", ["rights", "security", "account", "subscription"])
def test_service_mail_to_a_suppressed_address_leaves(anna, mailoutbox, purpose):
    make_suppression()

    dispatch.dispatch(make_mail(subject_id=anna.pk, purpose=purpose).pk, at=AT)

    assert len(mailoutbox) == 1


def test_mail_by_consent_that_does_not_advertise_is_not_suppressed(anna, mailoutbox):
    make_consent(subject_id=anna.pk, purpose="surveys")
    make_suppression()

    dispatch.dispatch(make_mail(subject_id=anna.pk, purpose="surveys").pk, at=AT)

    assert len(mailoutbox) == 1


def test_nothing_optional_leaves_where_nobody_can_be_asked(willing, mailoutbox, monkeypatch):
    monkeypatch.setattr(optional, "_doorkeepers", [])
    mail = make_news(subject_id=willing.pk)

    dispatch.dispatch(mail.pk, at=AT)

    assert (mailoutbox, state_of(mail)) == ([], ("failed", "no_doorkeeper"))


# --- which is which ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("template", "purpose"), [("portal_news", "rights"), ("portal_news", "surveys")])
def test_advertising_does_not_go_out_as_something_else(anna, template, purpose):
    with pytest.raises(WrongKind):
        make_mail(subject_id=anna.pk, template=template, context={}, purpose=purpose)


def test_service_mail_does_not_go_out_for_advertising(anna):
    with pytest.raises(WrongKind):
        make_mail(subject_id=anna.pk, template="security_notice", purpose="ads")


def test_row_that_says_otherwise_than_its_template_is_not_sent(willing, mailoutbox):
    mail = make_news(subject_id=willing.pk)
    OutgoingMail.objects.filter(pk=mail.pk).update(purpose="rights")

    dispatch.dispatch(mail.pk, at=AT)

    assert (mailoutbox, state_of(mail)) == ([], ("failed", "wrong_kind"))


def test_mail_says_that_it_advertises_just_when_it_does(settings):
    folder = settings.TEMPLATES[0]["DIRS"][0] / "mail"
    saying = {path.stem for path in folder.glob("*.html") if "This letter is advertising." in path.read_text()}

    assert saying == kinds.advertising_templates()
