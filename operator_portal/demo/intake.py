"""What comes in from outside: by the form without an account, by mail, by post with a scan, for somebody else."""

import io
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final

from PIL import Image, ImageDraw

from consent.papers import Authority
from operator_portal.demo.desk import Stage
from subject_requests import services as requests
from subject_requests.intake import guests, mail, papers
from subject_requests.intake.attaching import Offered, Taken, check
from subject_requests.intake.guests import Asking, Authorised
from subject_requests.kinds import Channel, RequestKind

PDF: Final = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"
PORTAL: Final = "portal@example.org"


def play(stage: Stage) -> None:
    _by_the_form(stage)
    _by_mail(stage)
    _on_paper(stage)


def _by_the_form(stage: Stage) -> None:
    """Just now, with a picture; for a mother, with a power of attorney; from a client of a Customer."""
    guests.file(
        Asking(
            kinds=[RequestKind.ACCESS, RequestKind.STOP_ADS],
            text="Мне приходят письма, хотя я нигде не оставляла согласия. Откуда у вас мой адрес?",
            address="vera.lugovaya@example.org",
            name="Вера Луговая",
            language="ru",
            files=_files(("снимок экрана.png", _picture())),
        ),
        at=stage.now - timedelta(minutes=2),
    )
    guests.file(
        Asking(
            kinds=[RequestKind.ACCESS],
            text="Прошу сообщить, какие данные моей матери вы обрабатываете.",
            address="pavel.osokin@example.org",
            name="Павел Осокин",
            language="ru",
            representing=Authorised(
                authority=Authority.POWER_OF_ATTORNEY,
                represented="Осокина Нина Петровна",
                valid_until=(stage.now + timedelta(days=400)).date(),
                documents=_files(("доверенность.pdf", PDF)),
            ),
        ),
        at=stage.ago(1),
    )
    guests.file(
        Asking(
            kinds=[RequestKind.DESTRUCTION],
            text="Удалите мою карту постоянного покупателя.",
            address="oleg.bereza@example.org",
            company="Пекарня «Рожь»",
            language="ru",
        ),
        at=stage.ago(2),
    )


def _by_mail(stage: Stage) -> None:
    """A letter with a file of unknown type, its continuation, an English one, a note of absence, a mailing."""
    first = _letter("gleb.tokarev@example.org", "Мои данные", "Здравствуйте! Какие данные обо мне вы храните?")
    first.add_attachment(b"\x00\x01odd", maintype="application", subtype="octet-stream", filename="архив.bin")
    taken = _take(first, stage.ago(3))
    filed = taken.seen.mail.request
    assert filed is not None
    _take(_letter("gleb.tokarev@example.org", f"Re: {filed.number}", "Пришлите, пожалуйста, и копию."), stage.ago(2))
    _take(
        _letter("mary.hill@example.org", "My data", "Please delete my personal data and stop the advertising."),
        stage.ago(1),
    )
    away = _letter("inna.roshchina@example.org", "Автоответ: нет на месте", "Буду в понедельник.")
    away["Auto-Submitted"] = "auto-replied"
    _take(away, stage.ago(1))
    bulk = _letter("no-reply@example.org", "Запрос от имени клиента", "Прошу прекратить обработку данных клиента.")
    bulk["Precedence"] = "bulk"
    _take(bulk, stage.ago(1))


def _on_paper(stage: Stage) -> None:
    papers.enter(
        papers.Entering(
            channel=Channel.POST,
            received_at=stage.ago(3),
            kinds=[RequestKind.ACCESS],
            text="Прошу письменно сообщить, какие сведения обо мне есть у общества.",
            language="ru",
            name="Зимин Аркадий Львович",
            postal_address="603000, г. Нижний Новгород, ул. Липовая, д. 4, кв. 7",
            paper=requests.Paper(place="папка 7, лист 15", sheets=1),
            scans=_files(("письмо.pdf", PDF)),
        ),
        actor=stage.staff.actor,
        at=stage.ago(2),
    )


def _letter(sender: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, PORTAL, subject
    message.set_content(text)
    return message


def _take(message: EmailMessage, at: datetime) -> mail.Result:
    return mail.take(bytes(message), received_at=at, at=at)


def _files(*files: tuple[str, bytes]) -> list[Taken]:
    offered = [Offered(name=name, content=content, size=len(content)) for name, content in files]
    return list(check(offered, can_be_asked=False).taken)


def _picture() -> bytes:
    picture = Image.new("RGB", (480, 200), "white")
    ImageDraw.Draw(picture).rectangle((20, 20, 460, 180), outline="navy", width=3)
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()
