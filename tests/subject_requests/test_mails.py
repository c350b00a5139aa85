from datetime import timedelta

import pytest

from notifications.models import OutgoingMail
from notifications.rendering import render
from subject_requests.kinds import RequestKind, State
from tests.factories.subject_requests import RECEIVED, make_request

WORDS = {
    "request_received": {"ru": "Мы ответим не позднее 4 декабря 2026", "en": "We answer by 4 December 2026"},
    "request_answered": {"ru": "дан ответ", "en": "is answered"},
    "request_refused": {"ru": "принято решение", "en": "There is a decision"},
    "request_destruction_started": {"ru": "будут уничтожены не позднее 4 декабря 2026", "en": "by 4 December 2026"},
}
CONTEXT = {
    "number": "2026-000001",
    "url": "https://portal.example.org/me/requests/1/",
    "due_on": "2026-12-04",
    "receipt_url": "https://portal.example.org/receipts/abc/",
}


@pytest.mark.parametrize("template", WORDS)
@pytest.mark.parametrize("language", ["ru", "en"])
def test_mail_says_number_and_address_in_both_forms(template, language):
    mail = render(template, CONTEXT, language=language)

    assert "2026-000001" in mail.subject
    for body in (mail.text, mail.html):
        assert WORDS[template][language] in body
        assert CONTEXT["url"] in body


@pytest.mark.parametrize("language", ["ru", "en"])
def test_mail_about_destruction_brings_the_receipt(language):
    mail = render("request_destruction_started", CONTEXT, language=language)

    assert CONTEXT["receipt_url"] in mail.text
    assert CONTEXT["receipt_url"] in mail.html


@pytest.mark.django_db
def test_mail_goes_out_in_the_language_of_the_request():
    filed = make_request(language="en", kind=RequestKind.DESTRUCTION, state=State.ANSWERED)

    sent = OutgoingMail.objects.filter(subject_id=filed.subject_id).order_by("created_at")

    assert [(mail.template, mail.language) for mail in sent] == [
        ("request_received", "en"),
        ("request_destruction_started", "en"),
    ]
    assert [mail.created_at for mail in sent] == [RECEIVED, RECEIVED + timedelta(hours=2)]


@pytest.mark.parametrize(
    ("language", "done", "waits"), [("ru", "уничтожена", "заблокирована"), ("en", "is destroyed", "is blocked")]
)
def test_mail_about_a_part_names_it_brings_its_receipts_and_says_whether_it_waits(language, done, waits):
    part = {**CONTEXT, "what": "Фамилия", "receipts": "https://r/1/ https://r/2/", "waits": ""}

    for context, word in ((part, done), ({**part, "receipts": "", "waits": "waits"}, waits)):
        mail = render("request_part_destroyed", context, language=language)
        for body in (mail.text, mail.html):
            assert word in body
            assert "Фамилия" in body
            assert ("https://r/2/" in body) == bool(context["receipts"])
