"""The request desk of the demo: every kind, channel and state, something late, something that waits, and months of work
that is done."""

from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from accounts.models import User
from processing_log.actors import Actor
from subject_requests import services as requests
from subject_requests.kinds import Channel, Identity, RequestKind
from subject_requests.models import Correction, Request
from subject_requests.staff import enter_absence

STRANGER: Final = Actor.stranger()
REFUSED: Final = (
    "Вы просите данные другого человека. Ответ нарушил бы его права, поэтому мы не можем их вам дать. "
    "Вы вправе обжаловать отказ в Роскомнадзор или в суд."
)


class Stage(Protocol):
    @property
    def now(self) -> datetime: ...
    @property
    def anna(self) -> User: ...
    @property
    def staff(self) -> User: ...
    @property
    def officer(self) -> User: ...
    @property
    def others(self) -> list[User]: ...
    def ago(self, days: int) -> datetime: ...


def play(stage: Stage) -> None:
    _done(stage)
    _in_time(stage)
    _late(stage)
    _waiting(stage)
    _from_outside(stage)
    _away(stage)


def _in_time(stage: Stage) -> None:
    """New, in work, made longer, to be corrected, several things at once."""
    _ask(stage.anna, [RequestKind.ACCESS], "Передавали ли вы мои данные кому-нибудь ещё?", stage.ago(1))
    _take(_ask(stage.others[5], [RequestKind.ACCESS], "", stage.ago(12)), stage.staff, stage.ago(10))
    both = [RequestKind.DESTRUCTION, RequestKind.STOP_ADS]
    _take(
        _ask(stage.others[7], both, "Удалите мои данные и прекратите рекламу.", stage.ago(5)),
        stage.officer,
        stage.ago(4),
    )
    longer = _ask(stage.others[6], [RequestKind.ACCESS], "Кто получал мои данные за все годы?", stage.ago(8))
    _take(longer, stage.staff, stage.ago(7))
    requests.extend(
        clock_id=longer.clocks.get().pk,
        text="Сведения за прошлые годы хранятся в архиве, на их подбор нужно до пяти рабочих дней сверх срока.",
        actor=stage.staff.actor,
        at=stage.ago(6),
    )
    married = _ask(
        stage.others[0],
        [RequestKind.CLARIFICATION],
        "Я сменила фамилию.",
        stage.ago(3),
        corrections=[requests.Wanted(field="last_name", value="Рощина", needs_proof=True)],
    )
    _take(married, stage.staff, stage.ago(2))
    requests.see_proof(
        correction_id=Correction.objects.get(request=married).pk, actor=stage.staff.actor, at=stage.ago(1)
    )
    _ask(stage.others[2], [RequestKind.AUTO_DECISION], "Мне отказали в скидке автоматически.", stage.ago(2))
    _ask(stage.others[3], [RequestKind.COMPLAINT], "Мне звонили от вашего имени.", stage.ago(4))
    _ask(stage.others[4], [RequestKind.STOP_ADS], "", stage.ago(2))


def _late(stage: Stage) -> None:
    _ask(stage.others[4], [RequestKind.ACCESS], "Прошу сообщить, какие данные вы обрабатываете.", stage.ago(25))
    late = _ask(stage.others[1], [RequestKind.STOP_PROCESSING], "Прекратите обработку.", stage.ago(18))
    _take(late, stage.officer, stage.ago(16))


def _waiting(stage: Stage) -> None:
    """For the person, and for a second person; a note between colleagues."""
    asked = _ask(stage.others[8], [RequestKind.ACCESS], "Что было в моём договоре?", stage.ago(6))
    _take(asked, stage.staff, stage.ago(5))
    requests.ask(
        request_id=asked.pk,
        text="Уточните, пожалуйста, о каком договоре идёт речь: у нас их несколько.",
        actor=stage.staff.actor,
        at=stage.ago(5),
    )
    requests.note(
        request_id=asked.pk,
        text="Договоры за прошлый год у бухгалтерии, я запросил.",
        actor=stage.staff.actor,
        at=stage.ago(4),
    )
    proposed = _ask(stage.others[5], [RequestKind.DESTRUCTION], "", stage.ago(7))
    _take(proposed, stage.staff, stage.ago(6))
    requests.propose_refusal(
        request_id=proposed.pk,
        norm="152-FZ 21.5",
        text="Данные нужны, пока действует подписка: обработка идёт по договору с вами. "
        "Вы вправе обжаловать отказ в Роскомнадзор или в суд.",
        actor=stage.staff.actor,
        at=stage.ago(4),
    )


def _from_outside(stage: Stage) -> None:
    """By post, by telephone, by mail from nobody in particular, through a representative."""
    stranger = requests.subject_for_stranger(at=stage.ago(3), actor=STRANGER, address="letter@example.org")
    _file(
        stranger.pk,
        [RequestKind.ACCESS],
        "Здравствуйте, что вы обо мне знаете?",
        stage.ago(3),
        channel=Channel.MAIL,
        identity=Identity.NONE,
        actor=STRANGER,
    )
    _file(
        stage.others[3].subject_id,
        [RequestKind.BLOCKING],
        "Письмо: прошу заблокировать данные, адрес указан неверно.",
        stage.ago(4),
        channel=Channel.POST,
        identity=Identity.DOCUMENT,
        actor=stage.officer.actor,
        entered_at=stage.ago(2),
        paper=requests.Paper(place="папка 7, лист 12", sheets=2),
    )
    _file(
        stage.others[6].subject_id,
        [RequestKind.WITHDRAWAL],
        "По телефону: отзывает согласие.",
        stage.ago(2),
        channel=Channel.TELEPHONE,
        identity=Identity.NONE,
        actor=stage.staff.actor,
    )
    _file(
        stage.others[2].subject_id,
        [RequestKind.ACCESS],
        "Письмо представителя по доверенности.",
        stage.ago(6),
        channel=Channel.POST,
        identity=Identity.DOCUMENT,
        actor=stage.staff.actor,
        entered_at=stage.ago(5),
        by_representative=True,
        paper=requests.Paper(place="папка 7, лист 14", sheets=5),
    )


def _done(stage: Stage) -> None:
    """Answered, refused by two, taken back, and the months before."""
    answered = _ask(stage.anna, [RequestKind.ACCESS], "Какие данные обо мне у вас есть и кто их видел?", stage.ago(40))
    _take(answered, stage.staff, stage.ago(39))
    requests.answer(
        request_id=answered.pk,
        text="Здравствуйте! Всё, что мы храним о вас, перечислено на странице «Мои данные», там же сроки и основания. "
        "Кто и зачем открывал данные, видно на странице «Кто смотрел мои данные».",
        actor=stage.staff.actor,
        at=stage.ago(36),
    )
    refused = _ask(stage.others[8], [RequestKind.ACCESS], "Пришлите мне данные моего соседа.", stage.ago(9))
    _take(refused, stage.officer, stage.ago(8))
    requests.propose_refusal(
        request_id=refused.pk, norm="152-FZ 14.8(4)", text=REFUSED, actor=stage.officer.actor, at=stage.ago(8)
    )
    requests.confirm_refusal(request_id=refused.pk, actor=stage.staff.actor, at=stage.ago(7))
    taken_back = _ask(stage.others[0], [RequestKind.COMPLAINT], "Разобралась сама.", stage.ago(20))
    requests.withdraw(request_id=taken_back.pk, actor=stage.others[0].actor, at=stage.ago(19))
    _answered(stage, stage.others[1], 70, took=30)
    for place, days in enumerate((110, 101, 92, 84, 77, 66, 58, 52, 47, 33)):
        _answered(stage, stage.others[place % len(stage.others)], days, took=2 + place * 5 % 11)


def _answered(stage: Stage, user: User, days: int, *, took: int) -> None:
    kind = RequestKind.COMPLAINT if days % 3 else RequestKind.ACCESS
    filed = _ask(user, [kind], "", stage.ago(days))
    _take(filed, stage.staff, stage.ago(days - 1))
    requests.answer(
        request_id=filed.pk, text="Ответ на вашей странице.", actor=stage.staff.actor, at=stage.ago(days - took)
    )


def _away(stage: Stage) -> None:
    tomorrow = (stage.now + timedelta(days=1)).date()
    enter_absence(
        absentee=stage.officer.pk,
        deputy=stage.staff.pk,
        from_on=tomorrow,
        until_on=tomorrow + timedelta(days=4),
        actor=stage.officer.actor,
        at=stage.now,
    )


def _ask(user: User, kinds: list[RequestKind], text: str, at: datetime, **more: Any) -> Request:
    return _file(user.subject_id, kinds, text, at, actor=user.actor, **more)


def _file(subject_id: Any, kinds: list[RequestKind], text: str, at: datetime, *, actor: Actor, **more: Any) -> Request:
    return requests.file_request(
        subject_id=subject_id, kinds=kinds, text=text, language="ru", actor=actor, at=at, **more
    )


def _take(request: Request, staff: User, at: datetime) -> None:
    requests.take(request_id=request.pk, actor=staff.actor, at=at)
