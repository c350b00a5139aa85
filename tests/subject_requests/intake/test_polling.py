import io
import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from subject_requests.intake import mail, polling, tasks
from subject_requests.intake.imap import NotReached, Place, place_of
from subject_requests.models import IncomingMail, MailPlace, MailSeen, Request
from tests.subject_requests.intake import mail_server
from tests.subject_requests.intake.mail_server import Folders
from tests.subject_requests.intake.test_mail import letter

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


@pytest.fixture
def noon():
    with time_machine.travel(datetime(2026, 11, 20, 9, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def folders():
    with mail_server.running() as folders:
        yield folders


def url_of(folders: Folders, password: str = "") -> str:
    return f"imap://privacy%40example.org:{quote(password or folders.password)}@127.0.0.1:{folders.port}/INBOX"


def place(folders: Folders, done: str = "Done", **more: str) -> Place:
    found = place_of(url_of(folders, **more), done_folder=done)
    assert found
    return found


def test_poll_takes_each_mail_once_and_moves_it(folders):
    folders.deliver(letter(Message_ID="<1@a>"))
    folders.deliver(letter("Другое письмо", Message_ID="<2@a>"))

    first, second = polling.poll(place(folders)), polling.poll(place(folders))

    assert (first.taken, second.taken, second.copies) == (2, 0, 0)
    assert (len(folders.inbox), len(folders.done)) == (0, 2)
    assert Request.objects.count() == 2


def test_poll_without_a_folder_for_what_is_done_marks_as_read_and_remembers(folders):
    uid = folders.deliver(letter())

    polling.poll(place(folders, done=""))
    polling.poll(place(folders, done=""))

    assert folders.inbox[uid].flags == {"Seen"}
    assert (Request.objects.count(), MailSeen.objects.get().copies) == (1, 0)


def test_poll_starts_the_clock_when_the_mail_server_took_the_mail(folders):
    folders.deliver(letter(), internal_date="18-Nov-2026 23:30:00 +0300")

    polling.poll(place(folders))

    assert Request.objects.get().received_at == datetime(2026, 11, 18, 20, 30, tzinfo=UTC)


def test_poll_does_not_believe_in_a_receipt_that_is_still_to_come(folders):
    folders.deliver(letter(), internal_date="18-Nov-2030 23:30:00 +0300")

    polling.poll(place(folders))

    assert Request.objects.get().received_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("can_move", [True, False])
def test_poll_that_broke_off_before_putting_aside_takes_nothing_twice(folders, can_move):
    folders.can_move = can_move
    folders.deliver(letter())
    folders.break_at = "STORE"
    with pytest.raises(NotReached):
        polling.poll(place(folders))
    assert len(folders.inbox) == 1

    again = polling.poll(place(folders))

    assert (again.taken, again.copies, len(folders.inbox), len(folders.done)) == (0, 0, 0, 1)
    assert Request.objects.count() == 1


@pytest.mark.parametrize("at", ["SELECT", "SEARCH", "FETCH"])
def test_poll_that_broke_off_earlier_has_left_the_mail_where_it_was(folders, at):
    folders.deliver(letter())
    folders.break_at = at
    with pytest.raises(NotReached):
        polling.poll(place(folders))

    assert polling.poll(place(folders)).taken == 1
    assert Request.objects.count() == 1


def test_poll_of_a_mailbox_that_was_numbered_anew_knows_its_mails(folders):
    folders.deliver(letter())
    polling.poll(place(folders, done=""))
    folders.renumber()

    polled = polling.poll(place(folders, done=""))

    assert (polled.taken, polled.copies) == (0, 1)
    assert MailPlace.objects.count() == 2
    assert Request.objects.count() == 1


def test_poll_goes_on_behind_a_mail_that_cannot_be_taken(folders, monkeypatch):
    bad, good = folders.deliver(letter("плохое")), folders.deliver(letter("хорошее"))
    take = mail.take

    def failing(raw, **more):
        if "плохое".encode() in raw or b"0L/Qu9C+0YXQvtC1" in raw:
            raise RuntimeError
        return take(raw, **more)

    monkeypatch.setattr(mail, "take", failing)
    polled = polling.poll(place(folders))
    assert (polled.taken, polled.failed, list(folders.inbox)) == (1, 1, [bad])

    monkeypatch.undo()
    assert polling.poll(place(folders)).taken == 1
    assert good not in folders.inbox


def test_poll_takes_the_beginning_of_a_mail_that_is_too_large_and_says_so(folders, settings):
    settings.INTAKE_MAIL_MOST_MB = 1
    folders.deliver(letter("Прошу удалить мои данные\n" + ("x" * 70 + "\n") * 20_000))

    polling.poll(place(folders))

    assert IncomingMail.objects.get().is_cut


def test_poll_with_a_wrong_password_says_what_was_refused(folders):
    with pytest.raises(NotReached, match="login"):
        polling.poll(place(folders, password="wrong"))


def test_task_does_nothing_without_a_mailbox(settings):
    assert settings.INTAKE_IMAP_URL == ""

    tasks.poll_mailbox()


def test_task_of_a_mailbox_that_is_away_waits_for_the_next_time(settings, caplog):
    settings.INTAKE_IMAP_URL = "imap://privacy:secret-word@127.0.0.1:1/INBOX"

    tasks.poll_mailbox()

    assert "not reached" in caplog.text
    assert "secret-word" not in caplog.text


@pytest.mark.parametrize(
    "url",
    ["imap://a:b@mail.example.org/INBOX", "https://a:b@mail.example.org", "imaps://mail.example.org", "imaps://a@b"],
)
def test_place_refuses_what_is_no_safe_mailbox(url):
    with pytest.raises(ImproperlyConfigured):
        place_of(url)


# --- commands ---------------------------------------------------------------------------------------------------------


def pipe(monkeypatch, raw: bytes) -> int:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    try:
        call_command("take_mail")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_take_mail_takes_one_from_standard_input(monkeypatch):
    assert pipe(monkeypatch, letter()) == 0

    assert Request.objects.count() == 1


def test_take_mail_asks_the_mail_server_to_keep_it_when_there_is_trouble(monkeypatch, capsys):
    def failing(*_args, **_more):
        raise ConnectionError("with the words of a person")

    monkeypatch.setattr(mail, "take", failing)

    assert pipe(monkeypatch, letter()) == 75
    assert "words of a person" not in capsys.readouterr().err


def test_take_mail_of_nothing_says_that_nothing_came(monkeypatch):
    assert pipe(monkeypatch, b"") == 66


def test_take_mail_reads_a_mail_that_is_too_large_to_its_end(monkeypatch, settings):
    settings.INTAKE_MAIL_MOST_MB = 1

    assert pipe(monkeypatch, letter(("длинно " * 10 + "\n") * 20_000)) == 0

    assert IncomingMail.objects.get().is_cut


def test_poll_mail_reports(folders, settings, capsys):
    settings.INTAKE_IMAP_URL = url_of(folders)
    folders.deliver(letter())

    call_command("poll_mail", "--json")

    assert json.loads(capsys.readouterr().out) == {"taken": 1, "copies": 0, "failed": 0}


def test_poll_mail_without_a_mailbox_says_so():
    with pytest.raises(CommandError, match="INTAKE_IMAP_URL"):
        call_command("poll_mail")
