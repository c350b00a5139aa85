from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from django.core.mail import EmailMultiAlternatives

from notifications.spool import SpoolBackend


def make_letter(subject: str = "Письмо") -> EmailMultiAlternatives:
    letter = EmailMultiAlternatives(subject, "Текст", "portal@example.org", ["anna@example.org"])
    letter.attach_alternative("<p>Текст</p>", "text/html")
    return letter


def text_of(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body
    return str(body.get_content()).strip()


def test_each_mail_is_a_file_that_only_its_owner_reads(tmp_path):
    backend = SpoolBackend(file_path=str(tmp_path / "mail"))

    assert backend.send_messages([make_letter(), make_letter()]) == 2

    files = sorted((tmp_path / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml", ".eml"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700


def test_file_is_the_mail_as_it_would_have_left(tmp_path):
    SpoolBackend(file_path=str(tmp_path)).send_messages([make_letter()])

    (file,) = tmp_path.iterdir()
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert (message["To"], message["Subject"]) == ("anna@example.org", "Письмо")
    assert text_of(message, "plain") == "Текст"
    assert text_of(message, "html") == "<p>Текст</p>"


def test_newest_mail_is_last_by_name(tmp_path):
    backend = SpoolBackend(file_path=str(tmp_path))
    for number in range(3):
        backend.send_messages([make_letter(str(number))])

    subjects = [message_from_bytes(file.read_bytes(), policy=default)["Subject"] for file in sorted(tmp_path.iterdir())]
    assert subjects == ["0", "1", "2"]
