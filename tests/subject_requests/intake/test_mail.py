from collections import Counter
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from accounts.models import MailAddress
from notifications.models import OutgoingMail
from notifications.tasks import send_due_mail
from personal_data.models import SubjectKind
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import monitor, services
from subject_requests.intake import mail
from subject_requests.intake.automatic import Verdict
from subject_requests.kinds import Channel, Identity, Outcome, RequestKind
from subject_requests.models import Attachment, IncomingMail, MailSeen, Message, Request
from tests.factories.accounts import make_user
from tests.factories.subject_requests import make_request
from tests.subject_requests.intake import corpus
from tests.subject_requests.intake.corpus import MACHINES, TEXTS

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
READER = Actor.system("test")


def letter(
    text: str = TEXTS[0], *, sender: str = "writer@example.ru", subject: str = "Письмо", **headers: str
) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "portal@example.org", subject
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return bytes(message)


def take(raw: bytes, at: datetime = NOW) -> mail.Result:
    return mail.take(raw, received_at=at, at=at)


def words_of(request: Request) -> str:
    with processing("rights", actor=READER):
        return "\n".join(message.text for message in Message.objects.filter(request=request))


# --- two hundred mails as they come ----------------------------------------------------------------------------------


def test_take_loses_none_of_two_hundred_mails_and_answers_none_twice():
    cases = corpus.cases()
    assert len(cases) >= 200
    assert len({case.name for case in cases}) == len(cases)
    taken = {case.name: take(case.raw, NOW + timedelta(minutes=number)) for number, case in enumerate(cases)}

    lost, answered = [], Counter(OutgoingMail.objects.values_list("subject_id", flat=True))
    for case in cases:
        seen = taken[case.name].seen
        if case.copy_of:
            assert seen.pk == taken[case.copy_of].seen.pk, case.name
            continue
        incoming = IncomingMail.objects.get(seen=seen)
        assert seen.verdict == case.verdict, case.name
        with processing("rights", actor=READER):
            said = " ".join(message.text for message in Message.objects.filter(request=incoming.request))
            original = incoming.original.read()
        assert not [machine for machine in MACHINES if machine.encode() in original], case.name
        if case.verdict == Verdict.MACHINE:
            assert incoming.request is None, case.name
        elif case.says not in said or Attachment.objects.filter(request=incoming.request).count() != case.files:
            lost.append(case.name)
    assert lost == []
    to_answer = [case for case in cases if case.verdict == Verdict.PERSON and case.sender and not case.copy_of]
    assert answered == Counter(IncomingMail.objects.get(seen=taken[case.name].seen).subject_id for case in to_answer)


# --- one mail ---------------------------------------------------------------------------------------------------------


def test_take_files_a_request_of_a_stranger_whose_clock_began_at_receipt():
    mail.take(letter(), received_at=NOW - timedelta(days=2), at=NOW)

    filed = Request.objects.get()
    assert (filed.channel, filed.identity, filed.received_at) == (Channel.MAIL, Identity.NONE, NOW - timedelta(days=2))
    assert filed.kinds == [RequestKind.DESTRUCTION]
    assert filed.subject.kind == SubjectKind.GUEST
    assert filed.about is None
    assert TEXTS[0] in words_of(filed)


def test_take_of_words_it_does_not_know_counts_the_shortest_common_term():
    take(letter("Перезвоните мне, пожалуйста."))

    assert Request.objects.get().kinds == [mail.UNCLEAR]


def test_take_answers_nothing_by_itself_on_a_mere_guess():
    take(letter("Не присылайте больше рекламу"))

    assert Request.objects.get().is_open


def test_letter_of_which_all_that_was_understood_is_done_has_a_clock_until_somebody_has_read_it():
    take(letter("Не присылайте больше рекламу. Откуда у вас мой адрес?"))

    filed = Request.objects.get()
    assert filed.kinds == [mail.UNCLEAR, RequestKind.STOP_ADS]
    assert filed.outcomes == [Outcome.ADS_STOPPED]
    assert filed.due_at > NOW
    assert monitor.overdue(NOW + timedelta(hours=1)).is_well


def test_take_acknowledges_with_number_and_day_in_the_language_of_the_mail(mailoutbox):
    take(letter(TEXTS[4], subject="Hello"))
    send_due_mail()

    filed, (sent,) = Request.objects.get(), mailoutbox
    assert sent.to == ["writer@example.ru"]
    assert filed.number in sent.subject
    assert "7 December 2026" in sent.body or "4 December 2026" in sent.body
    assert "delete my personal data" not in sent.body
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"


def test_take_of_a_known_address_is_answered_like_any_other(mailoutbox):
    user = make_user(address="known@example.ru")

    take(letter(sender="known@example.ru"))
    take(letter(sender="unknown@example.ru"))
    send_due_mail()

    known, unknown = mailoutbox
    assert Request.objects.filter(subject_id=user.subject_id).count() == 0
    assert known.subject.partition("2026-")[0] == unknown.subject.partition("2026-")[0]


def test_take_again_changes_nothing_but_the_count_of_copies(mailoutbox):
    raw = letter(Message_ID="<1@sender.example>")
    take(raw)

    again = take(raw, NOW + timedelta(hours=1))
    send_due_mail()

    assert not again.is_new
    assert (Request.objects.count(), len(mailoutbox)) == (1, 1)
    assert MailSeen.objects.get().copies == 1


def test_take_of_another_mail_with_the_same_message_id_loses_nothing():
    take(letter(TEXTS[0], Message_ID="<1@broken.example>"))
    take(letter(TEXTS[1], Message_ID="<1@broken.example>"))

    assert Request.objects.count() == 2


def test_take_writes_to_one_address_only_so_often_a_day(mailoutbox):
    for number in range(mail.MOST_ANSWERS_A_DAY + 3):
        take(letter(f"Письмо {number}"), NOW + timedelta(minutes=2 * number))
    send_due_mail()

    assert Request.objects.count() == mail.MOST_ANSWERS_A_DAY + 3
    assert len(mailoutbox) == mail.MOST_ANSWERS_A_DAY


def test_take_of_an_answer_to_our_letter_joins_its_request(mailoutbox):
    take(letter())
    send_due_mail()
    ours = mailoutbox[0].extra_headers["Message-ID"]

    take(letter("Забыл сказать: и копию пришлите", subject="Re: ответ", In_Reply_To=ours), NOW + timedelta(hours=1))
    send_due_mail()

    filed = Request.objects.get()
    assert "и копию пришлите" in words_of(filed)
    assert len(mailoutbox) == 1


def test_take_of_a_mail_that_names_a_request_joins_it_only_from_its_own_address():
    take(letter())
    filed = Request.objects.get()

    take(letter("Ещё слово", subject=f"Re: Обращение {filed.number}"))
    take(letter("Чужое слово", subject=f"Re: {filed.number}", sender="somebody-else@example.ru"))

    assert "Ещё слово" in words_of(filed)
    assert "Чужое слово" not in words_of(filed)
    assert IncomingMail.objects.get(mentions=filed).request != filed


def test_take_joins_the_request_of_somebody_with_an_account():
    user = make_user(address="known@example.ru")
    filed = make_request(subject_id=user.subject_id)

    take(letter("Дополнение", subject=filed.number, sender="Known@Example.RU"), filed.received_at + timedelta(hours=1))

    assert "Дополнение" in words_of(filed)


def test_take_of_a_mail_to_a_closed_request_files_a_new_one():
    take(letter())
    filed = Request.objects.get()
    services.withdraw(request_id=filed.pk, actor=Actor.stranger(), at=NOW)

    take(letter("Я передумал", subject=f"Re: {filed.number}"))

    assert Request.objects.exclude(pk=filed.pk).get().is_open


def test_take_keeps_what_a_machine_sent_sealed_and_for_a_while_only():
    result = take(letter(Auto_Submitted="auto-replied"))

    kept = IncomingMail.objects.get(seen=result.seen)
    assert (kept.request, kept.acknowledged_at) == (None, None)
    assert kept.subject.kind == SubjectKind.GUEST
    assert not Request.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_take_of_a_known_mail_does_not_bring_back_who_is_destroyed():
    result = take(letter(Message_ID="<1@sender.example>"))
    incoming = IncomingMail.objects.get(seen=result.seen)
    with processing("retention", actor=READER):
        IncomingMail.objects.filter(pk=incoming.pk).delete()

    assert not take(letter(Message_ID="<1@sender.example>")).is_new


def test_acknowledgement_names_files_by_their_place_and_not_by_their_name(mailoutbox):
    message = EmailMessage()
    message["From"], message["Subject"] = "writer@example.ru", "Files"
    message.set_content("here are my files, please delete my data")
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="good.pdf")
    message.add_attachment(b"", maintype="application", subtype="pdf", filename="ivanov-passport.pdf")
    message.add_attachment(b"\0\0\0\x18ftypheic" + b"0" * 20, maintype="image", subtype="heic", filename="me.heic")

    take(bytes(message))
    send_due_mail()

    assert "ivanov" not in mailoutbox[0].body
    assert ": 2." in mailoutbox[0].body
    assert Attachment.objects.filter(is_opened=False).count() == 1


def test_mail_that_came_is_sealed_for_its_writer_and_found_by_address():
    take(letter())

    incoming = IncomingMail.objects.get()
    assert MailAddress.objects.filter(subject_id=incoming.subject_id, address="WRITER@example.ru").exists()
    assert IncomingMail.objects.filter(sender="writer@EXAMPLE.ru").exists()
    assert "writer" not in repr(IncomingMail.objects.values_list("sender", flat=True).get())
