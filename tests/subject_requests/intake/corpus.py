"""Two hundred mails as they come in the world: right, odd and broken, each with what has to become of it."""

import base64
import quopri
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from typing import Final

from subject_requests.intake.automatic import Verdict

TEXTS: Final = (
    "Здравствуйте! Прошу удалить мои персональные данные. С уважением, Пётр Щукин",
    "Добрый день. Какие данные обо мне вы храните? Пришлите, пожалуйста, копию.",
    "Отзываю согласие на обработку персональных данных и прошу больше не присылать рекламу.",
    "Прошу исправить мою фамилию: Ёлкина вместо Елкина.",
    "Please delete my personal data and stop the advertising.",
    "What personal data do you hold about me? I want a copy of my data.",
)
CHARSETS: Final = ("utf-8", "windows-1251", "koi8-r", "cp866", "iso8859-5")
WRONG_LABELS: Final = ("us-ascii", "iso-8859-1", "utf-8", "koi8-r", "windows-1251", "x-unknown", "")
TRANSPORT: Final = (
    b"Received: from [192.0.2.77] (helo=home-pc.lan) by mx.example.org with ESMTP; Fri, 20 Nov 2026 12:00:00 +0300\r\n"
    b"X-Originating-IP: [192.0.2.77]\r\n"
    b"X-Mailer: Mailer 1.0 (home-pc.lan)\r\n"
)
MACHINES: Final = ("192.0.2.77", "home-pc.lan", "198.51.100.9")

_numbers = count(1)


@dataclass(frozen=True, kw_only=True)
class Case:
    """`says` is a part of the words that must be found again; `copy_of` the name of the mail that it is a copy of."""

    name: str
    raw: bytes
    verdict: Verdict = Verdict.PERSON
    says: str = ""
    files: int = 0
    sender: str = ""
    copy_of: str = ""


def _id() -> str:
    return f"{next(_numbers)}.mail@sender.example.net"


def _head(sender: str, subject: str = "", **more: str) -> bytes:
    lines = [f"From: {sender}", f"Message-ID: <{_id()}>", "Date: Fri, 20 Nov 2026 12:00:00 +0300", "MIME-Version: 1.0"]
    lines += [f"Subject: {subject}"] if subject else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
    return TRANSPORT + "\r\n".join(lines).encode("utf-8") + b"\r\n"


def _address() -> str:
    return f"writer-{next(_numbers)}@example.ru"


def _plain(text: str, charset: str, label: str, encoding: str) -> bytes:
    body = text.encode(charset, "replace")
    if encoding == "base64":
        body = base64.encodebytes(body)
    elif encoding == "quoted-printable":
        body = quopri.encodestring(body)
    named = f"; charset={label}" if label else ""
    return f"Content-Type: text/plain{named}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def _encodings() -> list[Case]:
    cases = []
    for charset in CHARSETS:
        for encoding in ("8bit", "base64", "quoted-printable"):
            for number, text in enumerate(TEXTS[:4]):
                sender = _address()
                subject = Header(text[:20], charset).encode()
                raw = _head(f"{Header('Пётр', charset).encode()} <{sender}>", subject)
                cases.append(
                    Case(
                        name=f"{charset} {encoding} {number}",
                        raw=raw + _plain(text, charset, charset, encoding),
                        says=text,
                        sender=sender,
                    )
                )
    return cases


def _wrong_labels() -> list[Case]:
    return [
        Case(
            name=f"{charset} called {label or 'nothing'}, {encoding}",
            raw=_head(sender := _address()) + _plain(TEXTS[0], charset, label, encoding),
            says=TEXTS[0],
            sender=sender,
        )
        for charset in CHARSETS[:3]
        for label in WRONG_LABELS
        for encoding in ("8bit", "quoted-printable")
        if label != charset
    ]


def _raw_headers() -> list[Case]:
    cases = []
    for charset in CHARSETS[:3]:
        sender = _address()
        head = _head(f"Someone <{sender}>") + b"Subject: " + TEXTS[0][14:50].encode(charset) + b"\r\n"
        body = b"Content-Type: text/plain\r\n\r\n" + TEXTS[1].encode(charset)
        cases.append(Case(name=f"bare {charset} in the head", raw=head + body, says=TEXTS[0][14:50], sender=sender))
    return cases


def _composed(sender: str, subject: str = "Request") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, "portal@example.org", subject
    message["Message-ID"] = f"<{_id()}>"
    return message


def _html() -> list[Case]:
    cases = []
    for number, text in enumerate(TEXTS):
        message = _composed(sender := _address())
        message.set_content(
            f"<html><head><style>p{{}}</style><script>alert(1)</script></head><body><p>{text}</p></body></html>",
            subtype="html",
        )
        cases.append(Case(name=f"html {number}", raw=TRANSPORT + bytes(message), says=text, sender=sender))
        both = _composed(sender := _address())
        both.set_content(text)
        both.add_alternative(f"<p>{text}</p><img src='https://tracker.example/x.png'>", subtype="html")
        cases.append(Case(name=f"both {number}", raw=TRANSPORT + bytes(both), says=text, sender=sender))
    return cases


def _with_files() -> list[Case]:
    cases = []
    for number, (name, content) in enumerate(
        (
            ("скан паспорта.pdf", b"%PDF-1.7 scan"),
            ("letter.txt", TEXTS[0].encode()),
            ("program.exe", b"MZ\x90\x00\x03"),
            ("../../etc/passwd", b"\x00\x01\x02"),
            ("holiday.heic", b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40),
            ("broken.png", b"\x89PNG\r\n\x1a\n" + b"broken"),
        )
    ):
        message = _composed(sender := _address(), "Документы")
        message.set_content(TEXTS[3])
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        raw = TRANSPORT + bytes(message)
        cases.append(Case(name=f"file {number}", raw=raw, says=TEXTS[3], files=1, sender=sender))
    return cases


def _forwarded() -> list[Case]:
    cases = []
    for number in range(6):
        inner = _composed("inner@example.com", "Old letter")
        inner["Received"] = "from [198.51.100.9] by nowhere"
        inner.set_content(f"Вложенное письмо {number}: прошу удалить мои данные")
        outer = _composed(sender := _address(), "Fwd: письмо")
        if number % 2:
            outer.set_content(TEXTS[1])
        outer.add_attachment(inner)
        says = TEXTS[1] if number % 2 else f"Вложенное письмо {number}"
        cases.append(Case(name=f"forwarded {number}", raw=TRANSPORT + bytes(outer), says=says, files=1, sender=sender))
    return cases


def _broken() -> list[Case]:
    bodies = {
        "no boundary": b"Content-Type: multipart/mixed\r\n\r\n" + TEXTS[4].encode(),
        "boundary never ends": b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n" + TEXTS[4].encode(),
        "half base64": b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nUGxlYXN",
        "not base64": b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\xff",
        "no type": b"Content-Type: ;;;=\r\n\r\n" + TEXTS[4].encode(),
        "strange encoding": b"Content-Transfer-Encoding: x-uuencode-or-so\r\n\r\n" + TEXTS[4].encode(),
        "zeros": b"\r\n" + TEXTS[4].encode() + b"\x00\x00\x00",
        "deep": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
        + b'--x\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n' * 400,
        "header without end": b"X-Long: " + b"a" * 100_000,
        "bad words": b"Subject: =?utf-8?b?=D0?= =?x?q?y?=\r\n\r\n" + TEXTS[4].encode(),
        "surrogates": b"Subject: \xff\xfe\xfd\r\nContent-Type: text/plain; charset=\xff\r\n\r\n\xff\xfe\xfd",
        "nothing but blanks": b"\r\n \r\n\t\r\n",
        "empty": b"\r\n",
        "no blank line": b"",
    }
    quiet = {"half base64", "not base64", "deep", "header without end", "surrogates", "nothing but blanks", "empty"}
    return [
        Case(
            name=f"broken: {name}",
            raw=_head(sender := _address()) + body,
            says="" if name in quiet | {"no blank line"} else TEXTS[4],
            sender=sender,
        )
        for name, body in bodies.items()
    ]


def _from_whom() -> list[Case]:
    text = b"\r\n" + TEXTS[5].encode()
    several, group = _address(), _address()
    return [
        Case(name="from nobody", raw=TRANSPORT + f"Message-ID: <{_id()}>\r\n".encode() + text, says=TEXTS[5]),
        Case(name="from words", raw=_head("Just Somebody") + text, says=TEXTS[5]),
        Case(name="from a broken address", raw=_head("<<@>,;:>") + text, says=TEXTS[5]),
        Case(
            name="several authors",
            raw=_head(f"One <one@example.com>, Two <{several}>", Sender=several) + text,
            says=TEXTS[5],
            sender=several,
        ),
        Case(name="group", raw=_head(f"Family: {group};") + text, says=TEXTS[5], sender=group),
        Case(name="undisclosed", raw=_head("undisclosed-recipients:;") + text, says=TEXTS[5]),
        Case(
            name="name with an address in it",
            raw=_head(f'"boss@example.com" <{(other := _address())}>') + text,
            says=TEXTS[5],
            sender=other,
        ),
        Case(
            name="line break in the name", raw=_head(f"Bad\r\n Name <{(folded := _address())}>") + text, sender=folded
        ),
    ]


def _machines() -> list[Case]:
    text = b"\r\nI am away until Monday. delete my data"
    marks: dict[str, dict[str, str]] = {
        "auto-replied": {"Auto_Submitted": "auto-replied (vacation)"},
        "auto-notified": {"Auto_Submitted": "auto-notified"},
        "precedence": {"Precedence": "auto_reply"},
        "autoreply": {"X_Autoreply": "yes"},
        "autorespond": {"X_Autorespond": "1"},
        "empty return path": {"Return_Path": "<>"},
        "loop": {"X_Loop": "portal@example.org"},
        "failed": {"X_Failed_Recipients": "nobody@example.org"},
    }
    subjects = (
        "Out of office",
        "Автоответ: нет на месте",
        "Automatic reply: Request",
        "Undelivered Mail Returned to Sender",
    )
    report = (
        _head("MAILER-DAEMON@example.net", "Delivery failure")
        + b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n\r\nfailed\r\n"
        b"--x\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; a@example.org\r\n--x--\r\n"
    )
    own = TRANSPORT + b"From: a@example.ru\r\nMessage-ID: <0b0c6bd4-5a9e-4f0f-9f8c-2f4f6a5d1b11@testserver>\r\n" + text
    return [
        *(
            Case(name=f"machine: {name}", raw=_head(_address(), **more) + text, verdict=Verdict.MACHINE)
            for name, more in marks.items()
        ),
        *(
            Case(
                name=f"machine: {subject}",
                raw=_head(_address(), Header(subject, "utf-8").encode()) + text,
                verdict=Verdict.MACHINE,
            )
            for subject in subjects
        ),
        Case(name="machine: bounce", raw=report, verdict=Verdict.MACHINE),
        Case(name="machine: our own Message-ID", raw=own, verdict=Verdict.MACHINE),
        Case(name="machine: our own address", raw=_head("Portal <portal@example.org>") + text, verdict=Verdict.MACHINE),
    ]


def _quiet() -> list[Case]:
    text = b"\r\n" + TEXTS[4].encode()
    marks: dict[str, dict[str, str]] = {
        "list": {"List_Id": "<list.example.org>"},
        "unsubscribe": {"List_Unsubscribe": "<https://example.org/u>"},
        "bulk": {"Precedence": "bulk"},
        "generated": {"Auto_Submitted": "auto-generated"},
        "suppress": {"X_Auto_Response_Suppress": "All"},
    }
    return [
        *(
            Case(name=f"quiet: {name}", raw=_head(_address(), **more) + text, verdict=Verdict.QUIET, says=TEXTS[4])
            for name, more in marks.items()
        ),
        Case(name="quiet: no-reply", raw=_head("no-reply@example.com") + text, verdict=Verdict.QUIET, says=TEXTS[4]),
    ]


def _copies(cases: list[Case], number: int) -> list[Case]:
    """The same mail by another way: other machines, other headers of transport."""
    chosen = [case for case in cases if case.verdict == Verdict.PERSON and case.sender][:number]
    return [
        Case(
            name=f"copy of {case.name}",
            raw=b"Received: from [198.51.100.9] by mx2\r\nDelivered-To: privacy@example.org\r\n" + case.raw,
            copy_of=case.name,
            sender=case.sender,
        )
        for case in chosen
    ]


def huge(megabytes: int) -> Case:
    message = _composed(sender := _address(), "Большое письмо")
    message.set_content(TEXTS[0])
    for part in range(2):
        content = b"%PDF-1.7" + bytes(megabytes * 1024 * 1024 // 3)
        message.add_attachment(content, maintype="application", subtype="pdf", filename=f"{part}.pdf")
    return Case(name="huge", raw=TRANSPORT + bytes(message), says=TEXTS[0], files=2, sender=sender)


def cases() -> list[Case]:
    made = [
        *_encodings(),
        *_wrong_labels(),
        *_raw_headers(),
        *_html(),
        *_with_files(),
        *_forwarded(),
        *_broken(),
        *_from_whom(),
        *_machines(),
        *_quiet(),
        huge(20),
    ]
    return [*made, *_copies(made, max(20, 200 - len(made)))]
